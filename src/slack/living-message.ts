import { setTimeout as sleep } from "node:timers/promises";
import type { WebClient } from "@slack/web-api";
import Bottleneck from "bottleneck";
import type { Message } from "../flow/ports.ts";
import { messageOf } from "./blocks.ts";
import type { BlockKinds } from "./fallback.ts";

/** A message is changed at most this often. */
const INTERVAL_MS = 1_200;

/** Slack takes about 50 updates a minute from an app, over all its messages. Some are kept for the ends of operations. */
export const updateBudget = (): Bottleneck =>
  new Bottleneck({ reservoir: 40, reservoirRefreshAmount: 40, reservoirRefreshInterval: 60_000 });

/**
 * One message that is changed many times. If changes come faster than Slack takes them, only the latest is sent.
 * After `close` none is sent, so that an older change can't overwrite the last one.
 */
export class LivingMessage<C> {
  readonly #send: (content: C) => Promise<number | null>;
  readonly #budget: Bottleneck;
  readonly #idle: () => void;
  readonly #closing = new AbortController();
  #waiting: C | null = null;
  #draining = false;
  #sending: Promise<number | null> | null = null;

  /**
   * `send` resolves to null if Slack took the change, or to the milliseconds until it may be tried again. `idle` is
   * called when no change waits, and the next one may be sent at once.
   */
  constructor(send: (content: C) => Promise<number | null>, budget: Bottleneck, idle: () => void) {
    this.#send = send;
    this.#budget = budget;
    this.#idle = idle;
  }

  change(content: C): void {
    if (this.#closing.signal.aborted) return;
    this.#waiting = content;
    if (!this.#draining) void this.#drain();
  }

  /** Resolves when no change is being sent. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#waiting = null;
    await this.#sending;
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#waiting !== null) {
      const retryAfterMs = await this.#budget.schedule(() => this.#sendLatest());
      await sleep(retryAfterMs ?? INTERVAL_MS, undefined, { signal: this.#closing.signal, ref: false }).catch(
        () => undefined,
      );
    }
    this.#draining = false;
    if (!this.#closing.signal.aborted) this.#idle();
  }

  async #sendLatest(): Promise<number | null> {
    const content = this.#waiting;
    this.#waiting = null;
    if (content === null) return null;
    this.#sending = this.#send(content);
    const retryAfterMs = await this.#sending;
    this.#sending = null;
    if (retryAfterMs !== null && !this.#closing.signal.aborted) this.#waiting ??= content;
    return retryAfterMs;
  }
}

/**
 * Sends a progress update once. If Slack says to slow down, it waits for its next turn, so that answers are not
 * delayed.
 */
export const progressSender =
  (client: WebClient, channel: string, ts: string, kinds: BlockKinds) =>
  async (message: Message): Promise<number | null> => {
    try {
      await kinds.send(
        (each) => messageOf(message, false, { kinds: each }),
        ({ text, blocks }) => client.chat.update({ channel, ts, text, blocks }),
      );
      return null;
    } catch (error) {
      const retryAfter = error instanceof Error && "retryAfter" in error ? Number(error.retryAfter) : Number.NaN;
      // After any other failure this change is dropped. A later change will show the progress.
      return Number.isFinite(retryAfter) ? retryAfter * 1000 : null;
    }
  };
