import { steadyMs } from "../core/steady-clock.ts";

/** Smaller differences are a clock that is kept right. */
const STEP_MS = 1_000;

type Shift = (byMs: number) => void;

/** Notices if the computer's clock is set back. Waiting is measured with `steadyMs`, which nobody sets. */
export class WallClock {
  readonly #shifts: Shift[] = [];
  #differenceMs = Date.now() - steadyMs();

  /** `shift` moves times that are compared with later ones, by a negative number of milliseconds. */
  onSetBack(shift: Shift): void {
    this.#shifts.push(shift);
  }

  /** To be called before times are compared. */
  follow(): void {
    const differenceMs = Date.now() - steadyMs();
    const byMs = differenceMs - this.#differenceMs;
    this.#differenceMs = differenceMs;
    if (byMs < -STEP_MS) for (const shift of this.#shifts) shift(byMs);
  }
}
