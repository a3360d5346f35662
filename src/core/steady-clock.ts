/** Milliseconds of a clock that nobody sets: for waiting and for how long something took. */
export const steadyMs = (): number => performance.now();
