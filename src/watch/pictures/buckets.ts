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
const DAY_MS = 24 * HOUR_MS;
/** Lengths that people read easily, in minutes. */
const LENGTHS_MIN = [1, 2, 5, 10, 15, 30, 60, 90, 120, 180, 240, 360, 480, 720];
/** In days. */
const LENGTHS_D = [1, 2, 3, 5, 7, 14, 30, 60, 90, 180, 365];
const LENGTHS_MS = [...LENGTHS_MIN.map((minutes) => minutes * 60_000), ...LENGTHS_D.map((days) => days * DAY_MS)];

/** At most 20 equal parts that end at `toMs`, with labels in UTC. The first one may begin before `fromMs`. */
export function bucketsBetween(fromMs: number, toMs: number): Bucket[] {
  const lengthMs = LENGTHS_MS.find((length) => (toMs - fromMs) / length <= MOST_POINTS) ?? 365 * DAY_MS;
  const count = Math.min(MOST_POINTS, Math.max(1, Math.ceil((toMs - fromMs) / lengthMs)));
  return Array.from({ length: count }, (_, index) => {
    const endMs = toMs - (count - 1 - index) * lengthMs;
    return { fromMs: endMs - lengthMs, toMs: endMs, label: labelOf(endMs, lengthMs, toMs - fromMs) };
  });
}

/** The end of the bucket: `14:30`, `11-29 14:00`, `11-29` or `2026-11-29`. */
function labelOf(endMs: number, lengthMs: number, spanMs: number): string {
  const iso = new Date(endMs).toISOString();
  if (spanMs <= DAY_MS) return iso.slice(11, 16);
  if (spanMs > 300 * DAY_MS) return iso.slice(0, 10);
  return lengthMs % DAY_MS === 0 ? iso.slice(5, 10) : iso.slice(5, 16).replace("T", " ");
}

/** A line through one point can't be seen. */
export const shapeFor = (categories: readonly unknown[]): "bar" | "line" => (categories.length < 2 ? "bar" : "line");

/** Whether the span reaches to the end of what was read. Another one is no value of now. */
export const isNow = (span: Span | undefined, nowMs: number): span is Span =>
  span !== undefined && nowMs - span.toMs < 60_000;

/** The spans as far as they are in the bucket. */
export const spansIn = (spans: readonly Span[], { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) =>
  spans.flatMap((span): Span[] => {
    const [start, end] = [Math.max(span.fromMs, fromMs), Math.min(span.toMs, toMs)];
    return end > start ? [{ ...span, fromMs: start, toMs: end }] : [];
  });

export const lengthOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
