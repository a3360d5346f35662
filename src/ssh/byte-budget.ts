/**
 * What the commands of a line have printed so far, told apart by the marks between them: a host that prints without end is
 * read no further than what the running command can honestly print. A program that prints the marks itself only moves on
 * to the next command's limit; all of them together hold in any case.
 */
export class ByteBudget {
  readonly #mark: Buffer;
  readonly #limits: readonly number[];
  /** The end of what came, where a mark may have begun. */
  #tail: Buffer = Buffer.alloc(0);
  #marks = 0;
  #sinceMark = 0;
  #total = 0;

  /** `limits` in bytes, one for each command. A mark stands before the first command and after each. */
  constructor(mark: string, limits: readonly number[]) {
    this.#mark = Buffer.from(mark);
    this.#limits = limits;
  }

  /** Of standard output; whether it may go on. */
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

  /** Of standard error, which has no order with the other. */
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
