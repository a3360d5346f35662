import type { ReadOptions } from "../flow/ports.ts";
import type { Urgency } from "./queue.ts";

/** The host did not answer within the limit for everything. */
export class DeadlineExceeded extends Error {
  override name = "DeadlineExceeded";
}

/** Who asks a host, and the time limit for everything: connecting, waiting for a turn, asking again. */
export class Deadline {
  readonly urgency: Urgency;
  readonly mayShare: boolean;
  readonly #withinMs: number | null;
  readonly #endsAt: number;

  constructor({ urgency, mayShare, withinMs }: ReadOptions) {
    this.urgency = urgency;
    this.mayShare = mayShare;
    this.#withinMs = withinMs;
    this.#endsAt = withinMs === null ? Number.POSITIVE_INFINITY : performance.now() + withinMs;
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** The limit of a task that has its own limit, and the reason to give if it takes longer. */
  limit(ownMs: number, ownReason: string): { readonly ms: number; readonly reason: string } {
    const { leftMs } = this;
    return leftMs < ownMs ? { ms: leftMs, reason: this.reason } : { ms: ownMs, reason: ownReason };
  }

  get withinS(): number {
    return Math.round((this.#withinMs ?? 0) / 1000);
  }

  get reason(): string {
    return this.withinS === 0 ? "no time was left to ask it" : `it did not answer within ${this.withinS} s`;
  }

  /** Rejects with `DeadlineExceeded` if it takes longer than the time left. The work continues for others. */
  async within<T>(work: Promise<T>): Promise<T> {
    const { leftMs } = this;
    if (leftMs === Number.POSITIVE_INFINITY) return work;
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DeadlineExceeded(this.reason)), leftMs);
    });
    try {
      return await Promise.race([work, end]);
    } finally {
      clearTimeout(timer);
    }
  }
}
