import type { Operation } from "../core/operation.ts";
import { endPlanned } from "./end-without-run.ts";
import type { Endings } from "./endings.ts";
import type { World } from "./ports.ts";

/** How much later a plan is ended if its end could not be written. */
const AGAIN_MS = 60_000;

/** Lets shown plans expire in time, and updates their messages. */
export class Expiry {
  readonly #world: World;
  readonly #endings: Endings;
  readonly #timers = new Set<NodeJS.Timeout>();
  constructor(world: World, endings: Endings) {
    this.#world = world;
    this.#endings = endings;
  }

  expireLater(operation: Operation): void {
    this.#expire(operation, Math.max(0, Date.parse(operation.expiresAt) - this.#world.clock.now().getTime()));
  }

  #expire(operation: Operation, delayMs: number): void {
    const { id, askedBy, messageId } = operation;
    const result = "nobody confirmed it in time";
    // If the disk was full, the file may not have the message's id.
    const end = { state: "expired", result, by: askedBy, ...(messageId !== null && { messageId }) } as const;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      endPlanned(id, end, this.#world, this.#endings).catch((error) => {
        if (this.#world.isStopping()) return;
        this.#world.log.error(`${id}: expiring; it is tried again`, error);
        this.#expire(operation, AGAIN_MS);
      });
    }, delayMs);
    timer.unref();
    this.#timers.add(timer);
  }

  /** Pending plans expire after the next start. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
