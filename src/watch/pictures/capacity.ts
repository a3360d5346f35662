import type { Facts } from "../../core/facts.ts";
import { storageNamed } from "../../core/find.ts";
import type { Part, Reply } from "../../core/reply.ts";
import { capacityOf, type Span } from "../../core/track-history.ts";
import { formatBytes } from "../../storage/size.ts";
import { type CapacityPoint, type Forecast, forecastOf } from "../forecast.ts";
import { daysText, forecastText } from "../forecast-text.ts";
import { bucketsBetween, spansIn } from "./buckets.ts";

const DAY_MS = 86_400_000;
/** A forecast is drawn for so many days at most. */
const MOST_AHEAD_DAYS = 90;

/** The capacity of a storage over some days, and when it will be full. */
export async function capacityReply({ name, days }: { name: string; days: number }, facts: Facts): Promise<Reply> {
  const storage = storageNamed(facts.inventory, name);
  const nowMs = facts.now();
  const fromMs = nowMs - days * DAY_MS;
  const [found] = await facts.history.read(["capacity"], fromMs, nowMs, ({ ownerUuid }) => ownerUuid === storage.uuid);
  const points = pointsOf(found?.spans ?? [], fromMs, nowMs);
  const last = points.at(-1);
  const next = [`sharedblock show ${name}`];
  const asked = `sharedblock capacity ${name}${days === 30 ? "" : ` days=${days}`}`;
  if (last === undefined) {
    const text =
      "The watch has not read its capacity yet. It reads it every 3 minutes, if a host of the storage answers.";
    return {
      title: `${name}: no capacity in the history`,
      tone: "plain",
      parts: [{ kind: "text", text }],
      next,
      asked,
    };
  }
  const forecast = forecastOf(points, nowMs);
  const percent = Math.floor((100 * last.usedBytes) / last.sizeBytes);
  return {
    title: `${name}: ${percent} % full, ${formatBytes(last.sizeBytes - last.usedBytes)} free`,
    tone: percent >= 80 ? "warning" : "plain",
    parts: [pastChart(name, points, forecast, { fromMs, nowMs }), ...futureChart(name, last, forecast, nowMs)],
    next,
    asked,
  };
}

/** A value at the end of each bucket that has one; a bucket without any has no point. */
export function pointsOf(spans: readonly Span[], fromMs: number, nowMs: number): CapacityPoint[] {
  const ends = new Set<number>();
  // One point in six hours is enough for a forecast, and for every picture.
  for (let atMs = nowMs; atMs > fromMs; atMs -= DAY_MS / 4) ends.add(atMs);
  return [...ends].reverse().flatMap((atMs) => {
    const span = spansIn(spans, { fromMs: atMs - DAY_MS / 4, toMs: atMs }).at(-1);
    const capacity = span === undefined ? null : capacityOf(span.value);
    if (span === undefined || capacity === null) return [];
    return [{ atMs: span.toMs, usedBytes: capacity.sizeBytes - capacity.freeBytes, sizeBytes: capacity.sizeBytes }];
  });
}

interface Time {
  readonly fromMs: number;
  readonly nowMs: number;
}

function pastChart(name: string, points: readonly CapacityPoint[], forecast: Forecast, { fromMs, nowMs }: Time): Part {
  const firstMs = Math.max(fromMs, points[0]?.atMs ?? nowMs);
  const shown = bucketsBetween(firstMs, nowMs).flatMap(({ fromMs: beginMs, toMs, label }) => {
    const point = points.findLast(({ atMs }) => atMs > beginMs && atMs <= toMs);
    return point === undefined ? [] : [{ label, point }];
  });
  const scale = scaleOf(points);
  const covered = daysText((nowMs - firstMs) / DAY_MS);
  return {
    kind: "chart",
    title: `${name}: used capacity, last ${covered}`,
    shape: "line",
    unit: scale.unit,
    takeaway: forecastText(forecast, nowMs),
    categories: shown.map(({ label }) => label),
    series: [
      { name: "used", values: shown.map(({ point }) => scale.of(point.usedBytes)) },
      { name: "size", values: shown.map(({ point }) => scale.of(point.sizeBytes)) },
    ],
  };
}

/** Nothing, if there is no date to show. */
function futureChart(name: string, last: CapacityPoint, forecast: Forecast, nowMs: number): Part[] {
  if (forecast.kind !== "growing") return [];
  const ahead = Math.min(MOST_AHEAD_DAYS, Math.max(2, Math.ceil(((forecast.fullAtMs - nowMs) / DAY_MS) * 1.2)));
  const shown = bucketsBetween(nowMs, nowMs + ahead * DAY_MS);
  const scale = scaleOf([last]);
  const usedAt = (atMs: number) => last.usedBytes + ((atMs - nowMs) / DAY_MS) * forecast.bytesPerDay;
  return [
    {
      kind: "chart",
      title: `${name}: forecast, next ${ahead} days`,
      shape: "line",
      unit: scale.unit,
      takeaway: "The forecast continues the median growth. It knows no plans.",
      categories: shown.map(({ label }) => label),
      series: [
        { name: "used, forecast", values: shown.map(({ toMs }) => scale.of(Math.min(last.sizeBytes, usedAt(toMs)))) },
        { name: "size", values: shown.map(() => scale.of(last.sizeBytes)) },
      ],
    },
  ];
}

/** All values of a chart have one unit. */
function scaleOf(points: readonly CapacityPoint[]) {
  const most = Math.max(...points.map(({ sizeBytes }) => sizeBytes));
  const [unit, bytes] = most >= 1e12 ? (["TB", 1e12] as const) : (["GB", 1e9] as const);
  return { unit, of: (value: number) => Math.round((100 * value) / bytes) / 100 };
}
