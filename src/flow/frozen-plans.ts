import type { Operation } from "../core/operation.ts";
import { frozenNow } from "./freezing.ts";
import type { World } from "./ports.ts";
import type { ShownPlans } from "./shown-plans.ts";

/** A freeze may begin or end by its time alone. So often, in milliseconds, the plans are compared with it. */
const EVERY_MS = 15_000;

/** Plans that wait for a click: their messages say when a freeze prevents them, and when it does not any more. */
export class FrozenPlans {
  readonly #world: World;
  readonly #shown: ShownPlans;
  /** What each plan's message says of freezes. Absent: nothing. */
  readonly #said = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(world: World, shown: ShownPlans) {
    this.#world = world;
    this.#shown = shown;
  }

  start(): void {
    this.#timer = setInterval(() => this.refresh(), EVERY_MS).unref();
  }
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Updates the message of each plan that a freeze prevents now, or does not prevent any more. */
  refresh(): void {
    const planned = this.#world.operations.latest(Number.MAX_SAFE_INTEGER).filter(({ state }) => state === "planned");
    const ids = new Set(planned.map(({ id }) => id));
    for (const id of [...this.#shown.ids(), ...this.#said.keys()]) {
      if (!ids.has(id)) {
        this.#shown.forget(id);
        this.#said.delete(id);
      }
    }
    for (const operation of planned) this.#update(operation);
  }

  #update(operation: Operation): void {
    const { id, messageId } = operation;
    if (messageId === null) return;
    const frozen = frozenNow(this.#world, operation.clusters);
    const says = frozen.length === 0 ? "" : JSON.stringify(frozen);
    if (says === (this.#said.get(id) ?? this.#saidBefore(operation))) return;
    this.#said.set(id, says);
    this.#show(operation, messageId, frozen.length > 0).catch((error) =>
      this.#world.log.error(`${id}: showing a freeze above its plan`, error),
    );
  }

  /** What the message says. null: not known, because it was shown before the bot's last start. */
  #saidBefore({ id, mayShowFreeze = false }: Operation): string | null {
    return mayShowFreeze && !this.#shown.has(id) ? null : "";
  }

  /** The record has it before the message: after a kill the message is made again, as it must be then. */
  async #show(operation: Operation, messageId: string, isFrozen: boolean): Promise<void> {
    const { operations } = this.#world;
    const { id, mayShowFreeze = false } = operation;
    if (isFrozen && !mayShowFreeze) await operations.change(id, ["planned"], { mayShowFreeze: true });
    const latest = operations.get(id);
    if (latest?.state !== "planned") return;
    await this.#shown.placeOf(latest).revise(messageId, this.#shown.messageOf(latest), false);
  }
}
