import { setTimeout as sleep } from "node:timers/promises";
import type { SocketModeReceiver } from "@slack/bolt";
import { z } from "zod";

const helloSchema = z.object({ type: z.literal("hello"), num_connections: z.int() });

/** How long Slack counts a bot after its stop. */
const SETTLED_MS = 5_000;
const LONGEST_MS = 60_000;

/** How many connections Slack counts for the bot's tokens. Each hello reports the number. */
export class Connections {
  readonly #own: number;
  #latest: SocketModeReceiver | null = null;
  #highest = 0;
  #next: ((counted: number) => void) | null = null;

  /** `own`: how many connections the bot keeps open. */
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

  /** Other bots' connections, as Slack counted them when ours were opened. */
  get others(): number {
    return Math.max(0, this.#highest - this.#own);
  }

  /**
   * Counts again a little later. For that, one of our connections is opened again. null if Slack does not report the
   * number.
   */
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
