import type { Span } from "../../core/track-history.ts";

/** A part of the time that a picture shows. A chart has one category for each. */
export interface Bucket {
  readonly fromMs: number;
  readonly toMs: number;
  readonly label: string;
}

/** Slack draws at most so many points of a series. */
const MOST_POINTS = 20;
const HOUR_MS = 3_600_000;
/** Lengths that people read easily. */
const LENGTHS_H = [0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 24, 36, 48, 72, 120, 168, 336, 720];

/** At most 20 equal parts that end at `toMs`, with labels in UTC. The first one may begin before `fromMs`. */
export function bucketsBetween(fromMs: number, toMs: number): Bucket[] {
  const lengthMs = (LENGTHS_H.find((hours) => (toMs - fromMs) / (hours * HOUR_MS) <= MOST_POINTS) ?? 720) * HOUR_MS;
  const count = Math.min(MOST_POINTS, Math.max(1, Math.ceil((toMs - fromMs) / lengthMs)));
  return Array.from({ length: count }, (_, index) => {
    const endMs = toMs - (count - 1 - index) * lengthMs;
    return { fromMs: endMs - lengthMs, toMs: endMs, label: labelOf(endMs, lengthMs, toMs - fromMs) };
  });
}

/** The end of the bucket: `11-29`, `14:30` or `11-29 14:00`. */
function labelOf(endMs: number, lengthMs: number, spanMs: number): string {
  const iso = new Date(endMs).toISOString();
  const [day, clock] = [iso.slice(5, 10), iso.slice(11, 16)];
  if (spanMs <= 24 * HOUR_MS) return clock;
  return lengthMs % (24 * HOUR_MS) === 0 ? day : `${day} ${clock}`;
}

/** The spans as far as they are in the bucket. */
export const spansIn = (spans: readonly Span[], { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) =>
  spans.flatMap((span): Span[] => {
    const [start, end] = [Math.max(span.fromMs, fromMs), Math.min(span.toMs, toMs)];
    return end > start ? [{ ...span, fromMs: start, toMs: end }] : [];
  });

export const lengthOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
