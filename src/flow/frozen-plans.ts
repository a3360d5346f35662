import { frozenPart } from "../access/frozen.ts";
import type { Operation } from "../core/operation.ts";
import type { Reply } from "../core/reply.ts";
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
    if (says === (this.#said.get(id) ?? "")) return;
    this.#said.set(id, says);
    const shown = this.#shown.has(id)
      ? this.#shown.placeOf(operation).revise(messageId, this.#shown.messageOf(operation), false)
      : this.#sayInThread(operation, messageId, frozen.length === 0 ? null : frozenPart(frozen));
    shown.catch((error) => this.#world.log.error(`${id}: showing a freeze above its plan`, error));
  }

  /** The bot was restarted since: it does not have the message of the plan any more. */
  #sayInThread({ id, place, title }: Operation, messageId: string, note: Reply["parts"][number] | null) {
    const reply: Reply = {
      title: note === null ? `${title}: not frozen any more (${id})` : `${title}: frozen (${id})`,
      tone: note === null ? "good" : "warning",
      parts: note === null ? [] : [note],
      next: ["freeze list"],
    };
    return this.#world.conversations.inThread(place, messageId).say({ reply });
  }
}
