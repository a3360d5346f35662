/** So many at once, and as many more in each minute. */
export class TokenBucket {
  readonly #most: number;
  readonly #nowMs: () => number;
  #left: number;
  #atMs: number;

  constructor(most: number, nowMs: () => number) {
    this.#most = most;
    this.#nowMs = nowMs;
    this.#left = most;
    this.#atMs = nowMs();
  }

  /** Whether one more is allowed now. */
  take(): boolean {
    const nowMs = this.#nowMs();
    this.#left = Math.min(this.#most, this.#left + ((nowMs - this.#atMs) * this.#most) / 60_000);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
