import { setTimeout as wait } from "node:timers/promises";
import { type Failure, failureOf } from "./failure.ts";

/** The clock of the adapter. Tests have their own. */
export interface Time {
  now(): number;
  sleep(ms: number): Promise<void>;
}
export const realTime: Time = {
  now: () => Date.now(),
  sleep: (ms) => wait(ms, undefined, { ref: false }),
};

/** A call that Slack did not take, and what that means. */
export class SlackFailed extends Error {
  override name = "SlackFailed";
  readonly failure: Failure;
  constructor(failure: Failure, cause: unknown) {
    super(failure.about === "moment" ? failure.what : `Slack says ${failure.code}`, { cause });
    this.failure = failure;
  }
}

/** The failure of an error of Slack, wrapped or not. */
export const failureIn = (error: unknown): Failure => (error instanceof SlackFailed ? error.failure : failureOf(error));

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Calls Slack until it takes the call. A transient failure is tried again with growing pauses, until `untilMs`. The
 * call is made at least once. Rejects with a SlackFailed.
 */
export async function retryUntil<T>(call: () => Promise<T>, untilMs: number, time: Time): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      const failure = failureIn(error);
      if (failure.about !== "moment") throw new SlackFailed(failure, error);
      const waitMs = Math.max(failure.retryAfterMs ?? 0, pauseMs);
      if (time.now() + waitMs > untilMs) throw new SlackFailed(failure, error);
      await time.sleep(waitMs);
    }
  }
}
