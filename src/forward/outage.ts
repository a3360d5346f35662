import type { Away } from "../flow/forward-notice.ts";
import type { Log } from "../flow/ports.ts";
import { NotTaken } from "./receiver.ts";

export interface OutageReports {
  readonly log: Log;
  away(away: Away): void;
  back(back: Pick<Away, "setting" | "receiver" | "sinceMs">): void;
}

/** From the first failed attempt to the next that succeeds. The log has each kind of problem once, and people have it once. */
export class Outage {
  readonly sinceMs: number;
  readonly #receiver: Pick<Away, "setting" | "receiver">;
  readonly #reports: OutageReports;
  readonly #kinds = new Set<string>();
  #failed = 0;
  #isReported = false;

  constructor(receiver: Pick<Away, "setting" | "receiver">, reports: OutageReports, nowMs: number) {
    this.#receiver = receiver;
    this.#reports = reports;
    this.sinceMs = nowMs;
  }

  /** How many attempts failed. */
  get failed(): number {
    return this.#failed;
  }

  /** `isLong`: people are to know of it now. */
  add(error: unknown, waiting: number, isLong: boolean): void {
    this.#failed += 1;
    const { kind, answer } =
      error instanceof NotTaken ? error.why : { kind: error instanceof Error ? error.name : "", answer: undefined };
    const problem = error instanceof Error ? error.message : String(error);
    if (!this.#kinds.has(kind)) {
      this.#kinds.add(kind);
      const doing = `sending audit entries to ${this.#receiver.receiver}`;
      // The stack of a NotTaken says nothing. That of a bug does.
      if (error instanceof NotTaken)
        this.#reports.log.error(doing, answer ? `${problem}. It says: ${answer}` : problem);
      else this.#reports.log.error(doing, error);
    }
    if (!isLong || this.#isReported) return;
    this.#isReported = true;
    this.#reports.away({ ...this.#receiver, sinceMs: this.sinceMs, problem, waiting });
  }

  ended(): void {
    const { receiver } = this.#receiver;
    this.#reports.log.info(`${receiver} takes audit entries again. Failed attempts: ${this.#failed}`);
    if (this.#isReported) this.#reports.back({ ...this.#receiver, sinceMs: this.sinceMs });
  }
}
