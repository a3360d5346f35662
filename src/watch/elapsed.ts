/** Clocks differ and are set by small steps. */
const STEP_MS = 60_000;

/**
 * The milliseconds since a time. A clock that was set back leaves times in the future: nobody may wait for these, so they
 * count as long ago.
 */
export function elapsedMs(sinceMs: number, nowMs: number): number {
  const elapsed = nowMs - sinceMs;
  return elapsed < -STEP_MS ? Number.POSITIVE_INFINITY : Math.max(0, elapsed);
}

/** When so much time has passed since a time. */
export const dueMs = (sinceMs: number, waitMs: number, nowMs: number): number =>
  nowMs + Math.max(0, waitMs - elapsedMs(sinceMs, nowMs));
