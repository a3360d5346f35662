import type { Pauses } from "./pauses.ts";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Writes that belong together, one after another: what fails is tried again, before those that come after it. */
export class Writing {
  readonly #left: (() => Promise<unknown>)[];
  readonly #pauses: Pauses;
  #waits = false;

  constructor(writes: readonly (() => Promise<unknown>)[], pauses: Pauses) {
    this.#left = [...writes];
    this.#pauses = pauses;
  }

  /** Why not all could be written now; null where all are. The rest goes on by itself. */
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

  /** One write more, after those that wait. */
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
