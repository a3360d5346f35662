import { type OperatorError, operatorError, reason } from "../core/refusal.ts";
import { momentText } from "../core/reply.ts";

/** How an event of a person is identified, and when it was made, as far as Slack says. */
export interface UserEvent {
  readonly id: string;
  /** Milliseconds since the epoch; null if Slack does not say. */
  readonly madeAt: number | null;
  /** The time of the message's last edit; null without one. Slack delivers an edited message again. */
  readonly editedAt?: number | null;
  /**
   * `madeAt` is the time when the form was opened. Slack does not say when it was sent. So it is never late; its plan
   * expires instead.
   */
  readonly isForm?: boolean;
}

/** The events that were taken, on disk. */
export interface EventRecord {
  /** Nothing is known of events before this time, in milliseconds since the epoch. */
  readonly since: number;
  take(id: string): Promise<"new" | "again" | "unrecorded">;
}

type Taken =
  /** The event had its effect before, or it is too old to know that. `notice`: what its author must know. */
  | { readonly kind: "ignored"; readonly notice: OperatorError | null }
  /** `noChange`: why the event may not change anything, or null. */
  | { readonly kind: "new"; readonly noChange: OperatorError | null };

const LATE_MS = 10 * 60_000;
/** How long the author of an event that may not be new is notified. Later nobody waits for it. */
const NOTICE_MS = 60 * 60_000;

/** Takes each event once. Slack delivers an event at least once and sometimes late, and people click twice. */
export class Seen {
  readonly #record: EventRecord;
  readonly #now: () => number;
  constructor(record: EventRecord, now: () => number = Date.now) {
    this.#record = record;
    this.#now = now;
  }

  /** Decided before anything is awaited. Resolves when the event is on disk as taken. */
  async take({ id, madeAt, editedAt = null, isForm = false }: UserEvent): Promise<Taken> {
    const { since } = this.#record;
    // Both in parallel: the same edit may be delivered twice at the same time.
    const [taken, edit] = await Promise.all([
      this.#record.take(id),
      editedAt === null ? "again" : this.#record.take(`${id} edited ${editedAt}`),
    ]);
    const ageMs = madeAt === null ? 0 : this.#now() - (editedAt ?? madeAt);
    if (taken === "again") {
      // Once for each edit.
      return { kind: "ignored", notice: edit !== "again" && ageMs < NOTICE_MS ? edited : null };
    }
    if (madeAt !== null && madeAt < since)
      return { kind: "ignored", notice: ageMs < NOTICE_MS ? unknown(since) : null };
    return { kind: "new", noChange: ageMs > LATE_MS && !isForm ? late(ageMs) : taken === "new" ? null : unrecorded };
  }
}

const HEADLINE = "This command or click is not run";
const SEND_AGAIN = "send the command again; if each one is late, set the clock of the bot's computer";

const edited = operatorError(
  HEADLINE,
  reason("TOO_LATE", "the bot ran this message before it was edited", "send the command as a new message"),
);

const late = (ageMs: number): OperatorError =>
  operatorError(
    HEADLINE,
    reason("TOO_LATE", `it reached the bot ${Math.round(ageMs / 60_000)} minutes after it was sent`, SEND_AGAIN),
  );

const unknown = (since: number): OperatorError =>
  operatorError(
    HEADLINE,
    reason(
      "TOO_LATE",
      `it was sent before ${momentText({ at: new Date(since).toISOString() })}, and the bot has no earlier record`,
      SEND_AGAIN,
    ),
  );

const unrecorded = operatorError(HEADLINE, [
  reason("DATA_NOT_WRITTEN", "the bot can't write into its data folder"),
  reason("DATA_NOT_WRITTEN", "without it a repeated command can't be distinguished from a new one"),
]);
