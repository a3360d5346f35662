/** Smaller differences are a clock that is kept right. */
const STEP_MS = 1_000;

/** Notices if the computer's clock is set back. Waiting is measured with `steadyMs`, which nobody sets. */
export class WallClock {
  #differenceMs = Date.now() - steadyMs();

  /** By how much the clock was set back since it was asked last, as a negative number of milliseconds; 0: it was not. */
  setBackMs(): number {
    const differenceMs = Date.now() - steadyMs();
    const byMs = differenceMs - this.#differenceMs;
    this.#differenceMs = differenceMs;
    return byMs < -STEP_MS ? byMs : 0;
  }
}

export const steadyMs = (): number => performance.now();
