import { randomBytes } from "node:crypto";
import type { Clock } from "../../flow/ports.ts";
import { SlackError } from "./slack-error.ts";

const KEPT = 1000;

/** Trigger ids: each opens one modal, for one person, within three seconds of the person's action. */
export class Triggers {
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #issued = new Map<string, { person: string; expiresAt: number; exchanged: boolean }>();

  constructor(clock: Clock, lifeMs: number) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
  }

  issue(person: string): string {
    const now = this.#clock.now().getTime();
    const id = `${now}.${process.pid}.${randomBytes(16).toString("hex")}`;
    this.#issued.set(id, { person, expiresAt: now + this.#lifeMs, exchanged: false });
    const oldest = this.#issued.keys().next().value;
    if (this.#issued.size > KEPT && oldest !== undefined) this.#issued.delete(oldest);
    return id;
  }

  /** The person for whom the modal opens. */
  exchange(id: string): string {
    const trigger = this.#issued.get(id);
    if (trigger === undefined) throw new SlackError("invalid_trigger_id");
    if (trigger.exchanged) throw new SlackError("exchanged_trigger_id");
    if (this.#clock.now().getTime() > trigger.expiresAt) throw new SlackError("expired_trigger_id");
    trigger.exchanged = true;
    return trigger.person;
  }
}
