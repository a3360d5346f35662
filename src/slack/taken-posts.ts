import { failureOf } from "./failure.ts";
import { SlackFailed } from "./retry.ts";

/** An older failure says nothing of now. */
const COUNTS_MS = 600_000;
/** A bot has few channels. The oldest failure is dropped. */
const MOST_CHANNELS = 200;

/** Whether Slack took the latest post in each channel. Its API may answer while it takes no post. */
export class TakenPosts {
  readonly #now: () => number;
  readonly #failed = new Map<string, { readonly why: string; readonly atMs: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  took(channel: string): void {
    this.#failed.delete(channel);
  }

  /** Only transient failures count: of others Slack said what to do. */
  failed(channel: string, error: unknown): void {
    const failure = error instanceof SlackFailed ? error.failure : failureOf(error);
    this.#failed.delete(channel);
    if (failure.about !== "moment") return;
    this.#failed.set(channel, { why: failure.what, atMs: this.#now() });
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > MOST_CHANNELS && oldest !== undefined) this.#failed.delete(oldest);
  }

  /** Why Slack took the latest post in the channel not; null: it did, or there was none in the last 10 minutes. */
  whyNone(channel: string): string | null {
    const found = this.#failed.get(channel);
    return found === undefined || this.#now() - found.atMs > COUNTS_MS ? null : found.why;
  }
}
