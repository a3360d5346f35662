import type { Pauses } from "./pauses.ts";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Writes that belong together, in order. A failed write is tried again before the next one begins. */
export class Writing {
  readonly #left: (() => Promise<unknown>)[];
  readonly #pauses: Pauses;
  #waits = false;

  constructor(writes: readonly (() => Promise<unknown>)[], pauses: Pauses) {
    this.#left = [...writes];
    this.#pauses = pauses;
  }

  /** Why a write failed now; null: all are written. The rest is tried again in the background. */
  async now(): Promise<Error | null> {
    const problem = await this.#writeAll();
    if (problem !== null && !this.#waits) {
      this.#waits = true;
      const isOver = async () => (await this.#writeAll()) === null;
      void this.#pauses.until(isOver, FIRST_PAUSE_MS, LONGEST_PAUSE_MS).finally(() => {
        this.#waits = false;
      });
    }
    return problem;
  }

  /** Adds a write after those that wait. */
  async later(write: () => Promise<unknown>): Promise<void> {
    this.#left.push(write);
    if (!this.#waits) await this.now();
  }

  async #writeAll(): Promise<Error | null> {
    for (let [next] = this.#left; next !== undefined; [next] = this.#left) {
      try {
        await next();
        this.#left.shift();
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    }
    return null;
  }
}
