import { setTimeout as sleep } from "node:timers/promises";
import type { SocketModeReceiver } from "@slack/bolt";
import type { Log } from "../flow/ports.ts";

/** The time from connecting to Slack's hello. */
export const HELLO_LIMIT_MS = 15_000;
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** After a connection that ended sooner, the bot pauses before the next one. */
const SHORT_LIFE_MS = 10_000;
const WATCH_MS = 1_000;
/** A value of WebSocket.readyState. */
const CONNECTING = 0;
const OPEN = 1;

/**
 * One Socket Mode connection. It is opened again after each end. The client's own reconnect has three faults. It ends
 * the process if Slack is unreachable for longer than its retries. It waits five minutes for an upgrade without an
 * answer. It waits permanently for a hello. Each attempt has its own receiver, so that late events of an abandoned
 * one have no effect.
 */
export class Connection {
  readonly #newReceiver: () => SocketModeReceiver;
  readonly #why: (error: unknown) => string;
  readonly #log: Log;
  readonly #helloLimitMs: number;
  readonly #closing = new AbortController();
  #receiver: SocketModeReceiver | null = null;
  #helloAtMs: number | null = null;
  #pauseMs = 0;

  constructor(
    newReceiver: () => SocketModeReceiver,
    why: (error: unknown) => string,
    log: Log,
    helloLimitMs = HELLO_LIMIT_MS,
  ) {
    this.#newReceiver = newReceiver;
    this.#why = why;
    this.#log = log;
    this.#helloLimitMs = helloLimitMs;
  }

  /** Resolves when commands come in; rejects if this attempt fails. */
  async open(): Promise<void> {
    const receiver = this.#newReceiver();
    this.#receiver = receiver;
    try {
      await helloFrom(receiver, this.#helloLimitMs, this.#closing.signal);
    } catch (error) {
      abandon(receiver);
      throw error;
    }
    this.#helloAtMs = Date.now();
    void this.#keep(receiver);
  }

  /** `helloAtMs`: Slack's last hello, in milliseconds since the epoch; null: there was none. */
  get state(): { readonly helloAtMs: number | null; readonly isOpen: boolean } {
    const isOpen = this.#helloAtMs !== null && this.#receiver?.client.websocket?.readyState === OPEN;
    return { helloAtMs: this.#helloAtMs, isOpen };
  }

  /** Tries with growing pauses until the connection is open. */
  async keepTrying(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(this.#pauseMs, undefined, { ref: false, signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        return await this.open();
      } catch (error) {
        if (signal.aborted) return;
        this.#grow();
        const again = `trying again in ${this.#pauseMs / 1000} s`;
        this.#log.info(`no connection to Slack, ${again}: ${this.#why(error)}`);
      }
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#receiver !== null) await this.#receiver.stop();
  }

  async #keep(receiver: SocketModeReceiver): Promise<void> {
    const beganAt = performance.now();
    await endOf(receiver, this.#closing.signal);
    if (this.#closing.signal.aborted) return;
    abandon(receiver);
    if (performance.now() - beganAt < SHORT_LIFE_MS) this.#grow();
    else this.#pauseMs = 0;
    await this.keepTrying();
  }

  #grow(): void {
    this.#pauseMs = Math.min(Math.max(SHORTEST_PAUSE_MS, this.#pauseMs * 2), LONGEST_PAUSE_MS);
  }
}

/** Resolves at Slack's hello. Rejects with an error that says how far the connection came. */
async function helloFrom(receiver: SocketModeReceiver, limitMs: number, closing: AbortSignal): Promise<void> {
  const { client } = receiver;
  let problem: unknown = null;
  client.once("error", (error: unknown) => {
    problem = error;
  });
  const started = receiver.start().then(
    () => undefined,
    // The client rejects with `undefined` if the WebSocket is refused.
    (error: unknown) => Promise.reject(error ?? problem ?? new Error("the connection ended before Slack's hello")),
  );
  const limit = new AbortController();
  const late = async () => {
    await sleep(limitMs, undefined, { signal: AbortSignal.any([limit.signal, closing]) });
    throw new Error(`${connectionStage(receiver)} within ${limitMs / 1000} s`);
  };
  try {
    await Promise.race([started, late()]);
  } finally {
    limit.abort();
  }
}

function connectionStage({ client }: SocketModeReceiver): string {
  if (client.websocket === undefined) return "apps.connections.open was not answered";
  return client.websocket.readyState === CONNECTING
    ? "the WebSocket's upgrade was not answered"
    : "the WebSocket was accepted, and no hello came";
}

/**
 * Resolves when the connection is no longer open. The client sends a ping every two seconds. After five seconds
 * without a pong it begins to close the connection, but reports that only half a minute later.
 */
async function endOf({ client }: SocketModeReceiver, closing: AbortSignal): Promise<void> {
  const ended = new AbortController();
  client.once("disconnected", () => ended.abort());
  const signal = AbortSignal.any([ended.signal, closing]);
  while (!signal.aborted && client.websocket?.readyState === OPEN) {
    await sleep(WATCH_MS, undefined, { ref: false, signal }).catch(() => undefined);
  }
}

/** Closes everything that an attempt has opened, and all that it may still open. */
function abandon({ client }: SocketModeReceiver): void {
  // The WebSocket's address may come late. Then no connection is opened.
  client.once("connecting", () => {
    delete client.websocket;
  });
  client.disconnect().catch(() => undefined);
}
