import { setTimeout as sleep } from "node:timers/promises";
import type { SocketModeReceiver } from "@slack/bolt";
import type { Log } from "../flow/ports.ts";

const LONGEST_WAIT_MS = 30_000;

/**
 * One Socket Mode connection, made anew whenever it ends. The client's own reconnecting ends the process with an unhandled
 * rejection where Slack is away for longer than its retries, and waits five seconds before it begins.
 */
export class Connection {
  readonly #receiver: SocketModeReceiver;
  readonly #why: (error: unknown) => string;
  readonly #log: Log;
  #closed = false;

  constructor(receiver: SocketModeReceiver, why: (error: unknown) => string, log: Log) {
    this.#receiver = receiver;
    this.#why = why;
    this.#log = log;
  }

  /** Resolves once commands come in; rejects where this first attempt fails. */
  async open(): Promise<void> {
    await this.#receiver.start();
    if (this.#closed) return this.#receiver.stop();
    this.#receiver.client.once("disconnected", () => void this.#reopen());
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#receiver.stop();
  }

  async #reopen(): Promise<void> {
    for (let waitMs = 1_000; !this.#closed; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        return await this.open();
      } catch (error) {
        this.#log.info(`no connection to Slack, trying again in ${waitMs / 1000} s: ${this.#why(error)}`);
        await sleep(waitMs, undefined, { ref: false });
      }
    }
  }
}
