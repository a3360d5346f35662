import { setTimeout as sleep } from "node:timers/promises";
import type { SocketModeReceiver } from "@slack/bolt";
import { z } from "zod";

const helloSchema = z.object({ type: z.literal("hello"), num_connections: z.int() });

/** A bot that has just stopped is counted by Slack a little longer. */
const SETTLED_MS = 5_000;
const LONGEST_MS = 60_000;

/** How many connections Slack counts with the bot's tokens: each hello says so. */
export class Connections {
  readonly #own: number;
  #latest: SocketModeReceiver | null = null;
  #highest = 0;
  #next: ((counted: number) => void) | null = null;

  /** `own`: how many the bot keeps open. */
  constructor(own: number) {
    this.#own = own;
  }

  /** To be called before a receiver is started. */
  listen(receiver: SocketModeReceiver): void {
    receiver.client.on("ws_message", (data: unknown) => {
      const counted = countedIn(data);
      if (counted === null) return;
      this.#latest = receiver;
      this.#highest = Math.max(this.#highest, counted);
      this.#next?.(counted);
    });
  }

  /** Those of others, as far as Slack said while ours were opened. */
  get others(): number {
    return Math.max(0, this.#highest - this.#own);
  }

  /** Counted once more a little later: one of ours is made anew for that. Null if Slack does not tell. */
  async othersAfterAll(): Promise<number | null> {
    await sleep(SETTLED_MS, undefined, { ref: false });
    const hello = new Promise<number>((resolve) => {
      this.#next = resolve;
    });
    await this.#latest?.client.disconnect();
    const counted = await Promise.race([hello, sleep(LONGEST_MS, null, { ref: false })]);
    this.#next = null;
    return counted === null ? null : Math.max(0, counted - this.#own);
  }
}

function countedIn(data: unknown): number | null {
  const text = String(data);
  if (!text.includes('"hello"')) return null;
  try {
    return helloSchema.parse(JSON.parse(text)).num_connections;
  } catch {
    return null;
  }
}
