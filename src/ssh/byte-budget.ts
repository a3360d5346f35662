/**
 * Counts the output of each command of a line; marks separate the commands. The bot reads no more than the running
 * command can plausibly print. A program that prints the marks itself only reaches the next command's limit. The sum of
 * all limits always holds.
 */
export class ByteBudget {
  readonly #mark: Buffer;
  readonly #limits: readonly number[];
  /** The end of the output, in which a mark may have begun. */
  #tail: Buffer = Buffer.alloc(0);
  #marks = 0;
  #sinceMark = 0;
  #total = 0;

  /** `limits` in bytes, one for each command. There is a mark before the first command and after each. */
  constructor(mark: string, limits: readonly number[]) {
    this.#mark = Buffer.from(mark);
    this.#limits = limits;
  }

  /** Counts standard output; returns whether it may continue. */
  out(chunk: Buffer): boolean {
    const text = Buffer.concat([this.#tail, chunk]);
    this.#sinceMark += chunk.length;
    for (let at = text.indexOf(this.#mark); at !== -1; at = text.indexOf(this.#mark, at + this.#mark.length)) {
      this.#marks++;
      this.#sinceMark = text.length - at - this.#mark.length;
    }
    const whole = text.lastIndexOf(this.#mark);
    const from = Math.max(text.length - this.#mark.length + 1, whole === -1 ? 0 : whole + this.#mark.length);
    this.#tail = text.subarray(from);
    return this.#sinceMark <= this.#limitNow + MARGIN && this.err(chunk);
  }

  /** Counts standard error, which has no order with standard output. */
  err(chunk: Buffer): boolean {
    this.#total += chunk.length;
    return this.#total <= this.#limits.reduce((sum, limit) => sum + limit, MARGIN);
  }

  get #limitNow(): number {
    return this.#limits[Math.max(0, this.#marks - 1)] ?? 0;
  }
}

/** For greetings, and for the marks themselves. */
const MARGIN = 64 * 1024;
