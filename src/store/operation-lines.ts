import type { Span } from "./audit-file.ts";

/**
 * Where the latest entries of operations stand in the log, so that they are read without all the queries between them.
 * Kept in memory, as many as a search reads at most: its size does not grow with the log.
 */
export class OperationLines {
  readonly #most: number;
  /** The oldest first. */
  #kept: Span[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add({ at, end }: Span): void {
    this.#kept.push({ at, end });
    if (this.#kept.length >= 2 * this.#most) this.#kept = this.#kept.slice(-this.#most);
  }

  /** The oldest first, as they are now. */
  get latest(): readonly Span[] {
    return this.#kept.slice(-this.#most);
  }
}
