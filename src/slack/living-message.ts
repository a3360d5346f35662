import { setTimeout as sleep } from "node:timers/promises";
import type { WebClient } from "@slack/web-api";

/** What chat.update is given beside the channel and the ts. */
export interface Content {
  readonly text: string;
  readonly blocks: object[];
}

/** Slack allows about 50 updates a minute over all messages of the app. */
const INTERVAL_MS = 1_200;

/**
 * One message that is changed many times. Of changes that come faster than Slack takes them only the latest is sent;
 * the last one is sent whatever comes.
 */
export class LivingMessage {
  readonly #send: (content: Content) => Promise<number | null>;
  #waiting: Content | null = null;
  #sending: Promise<void> | null = null;
  readonly #closing = new AbortController();

  /** `send` resolves to null when Slack took it, or to the milliseconds after which it may be tried again. */
  constructor(send: (content: Content) => Promise<number | null>) {
    this.#send = send;
  }

  change(content: Content): void {
    if (this.#closing.signal.aborted) return;
    this.#waiting = content;
    this.#sending ??= this.#drain();
  }

  /** No change is sent after this resolves, so that an older one can't overwrite the last. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#waiting = null;
    await this.#sending;
  }

  async #drain(): Promise<void> {
    while (this.#waiting !== null) {
      const content = this.#waiting;
      this.#waiting = null;
      const retryAfterMs = await this.#send(content);
      if (this.#closing.signal.aborted) break;
      if (retryAfterMs !== null) this.#waiting ??= content;
      await sleep(retryAfterMs ?? INTERVAL_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
    this.#sending = null;
  }
}

/** Sends with a client that gives up at once when Slack says to slow down: progress must not hold up answers. */
export const progressSender =
  (client: WebClient, channel: string, ts: string) =>
  async (content: Content): Promise<number | null> => {
    try {
      await client.chat.update({ channel, ts, text: content.text, blocks: content.blocks as never });
      return null;
    } catch (error) {
      const retryAfter = error instanceof Error && "retryAfter" in error ? Number(error.retryAfter) : Number.NaN;
      // Any other trouble: this change is dropped, the next or the last one will show.
      return Number.isFinite(retryAfter) ? retryAfter * 1000 : null;
    }
  };
