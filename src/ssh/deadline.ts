import type { Asking } from "../flow/ports.ts";
import type { Urgency } from "./queue.ts";

/** The host did not answer in the time that there is for all of it. */
export class DeadlineExceeded extends Error {
  override name = "DeadlineExceeded";
}

/** On whose behalf a host is asked, and how long all of it may take: connecting, waiting for a turn, asking again. */
export class Deadline {
  readonly urgency: Urgency;
  readonly mayShare: boolean;
  readonly #withinMs: number | null;
  readonly #endsAt: number;

  constructor({ urgency, mayShare, withinMs }: Asking) {
    this.urgency = urgency;
    this.mayShare = mayShare;
    this.#withinMs = withinMs;
    this.#endsAt = withinMs === null ? Number.POSITIVE_INFINITY : performance.now() + withinMs;
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** How long something may take that has a limit of its own, and what to say if it took longer. */
  limit(ownMs: number, ownReason: string): { readonly ms: number; readonly reason: string } {
    const { leftMs } = this;
    return leftMs < ownMs ? { ms: leftMs, reason: this.reason } : { ms: ownMs, reason: ownReason };
  }

  get withinS(): number {
    return Math.round((this.#withinMs ?? 0) / 1000);
  }

  get reason(): string {
    return `it had not answered after ${this.withinS} s`;
  }

  /** Rejects with `DeadlineExceeded` if it takes longer than is left; what was begun goes on for others. */
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
