/** When a storage will be full, if it fills as it did. A forecast that the history does not support is not made. */

export interface CapacityPoint {
  readonly atMs: number;
  readonly usedBytes: number;
  readonly sizeBytes: number;
}
export type Forecast =
  /** The history covers less than `neededDays`. */
  | { readonly kind: "too little history"; readonly days: number; readonly neededDays: number }
  /** It did not grow. */
  | { readonly kind: "not growing"; readonly days: number; readonly bytesPerDay: number }
  /** It grew, but some of the time it shrank as fast: no date can be given. */
  | { readonly kind: "too uneven"; readonly days: number; readonly bytesPerDay: number }
  | {
      readonly kind: "growing";
      readonly days: number;
      readonly bytesPerDay: number;
      readonly fullAtMs: number;
      /** If it grows as fast as in its fastest times, and in its slowest. */
      readonly earliestMs: number;
      readonly latestMs: number;
    };

const DAY_MS = 86_400_000;
const NEEDED_DAYS = 3;
/** Points of a day are one. */
const MOST_POINTS = 60;
/** Growth of less than so much of the size in a year is none. */
const LEAST_PART_A_YEAR = 0.01;
/** The slowest and the fastest tenth of all slopes are left out. */
const OUTER_PART = 0.1;

/**
 * The median of the slopes between all pairs of days, after Theil and Sen: one large volume that came and went does not
 * bend it. `points` are in the order of time.
 */
export function forecastOf(points: readonly CapacityPoint[], nowMs: number): Forecast {
  const daily = oneADay(points);
  const [first] = points;
  const last = daily.at(-1);
  const days = first === undefined || last === undefined ? 0 : (last.atMs - first.atMs) / DAY_MS;
  if (last === undefined || days < NEEDED_DAYS || daily.length <= NEEDED_DAYS)
    return { kind: "too little history", days, neededDays: NEEDED_DAYS };
  const slopes = slopesBetween(daily);
  const bytesPerDay = quantile(slopes, 0.5);
  if (bytesPerDay * 365 < last.sizeBytes * LEAST_PART_A_YEAR) return { kind: "not growing", days, bytesPerDay };
  const slowest = quantile(slopes, OUTER_PART);
  if (slowest <= 0) return { kind: "too uneven", days, bytesPerDay };
  const fullAt = (perDay: number) => nowMs + (Math.max(0, last.sizeBytes - last.usedBytes) / perDay) * DAY_MS;
  return {
    ...{ kind: "growing", days, bytesPerDay, fullAtMs: fullAt(bytesPerDay) },
    ...{ earliestMs: fullAt(quantile(slopes, 1 - OUTER_PART)), latestMs: fullAt(slowest) },
  };
}

/** The last point of each day. */
function oneADay(points: readonly CapacityPoint[]): CapacityPoint[] {
  const days = new Map<number, CapacityPoint>();
  for (const point of points) days.set(Math.floor(point.atMs / DAY_MS), point);
  return [...days.values()].slice(-MOST_POINTS);
}

/** Bytes a day, in rising order. */
const slopesBetween = (points: readonly CapacityPoint[]): number[] =>
  points
    .flatMap((from, index) =>
      points.slice(index + 1).map((to) => ((to.usedBytes - from.usedBytes) * DAY_MS) / (to.atMs - from.atMs)),
    )
    .sort((a, b) => a - b);

/** `sorted` is in rising order and not empty. */
const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
