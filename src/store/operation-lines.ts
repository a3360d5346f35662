import type { Span } from "./audit-file.ts";

/**
 * The places of the latest operation entries in the log, so that a search skips the queries between them. They are in
 * memory, at most as many as a search reads: the size does not grow with the log.
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
