import type { Operation } from "../core/operation.ts";
import type { World } from "./ports.ts";
import { endUnrun } from "./unrun.ts";

/** Lets shown plans lapse in time and says so where they were shown. */
export class Expiry {
  readonly #world: World;
  readonly #timers = new Set<NodeJS.Timeout>();
  constructor(world: World) {
    this.#world = world;
  }

  expireLater({ id, expiresAt, askedBy }: Operation): void {
    const delay = Math.max(0, Date.parse(expiresAt) - this.#world.clock.now().getTime());
    const end = { from: "planned", state: "expired", result: "nobody confirmed it in time", by: askedBy } as const;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      endUnrun(id, end, this.#world).catch((error) => this.#world.log.error(`${id}: expiring`, error));
    }, delay);
    timer.unref();
    this.#timers.add(timer);
  }

  /** What is pending lapses after the next start. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
