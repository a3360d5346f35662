import type { Facts } from "../../core/facts.ts";
import { usualLevels } from "../../core/fill-levels.ts";
import { storageNamed } from "../../core/find.ts";
import type { Part, Reply } from "../../core/reply.ts";
import { capacityOf, type Span } from "../../core/track-history.ts";
import { formatBytes } from "../../storage/size.ts";
import { type CapacityPoint, type Forecast, forecastOf } from "../forecast.ts";
import { daysText, forecastText } from "../forecast-text.ts";
import { watchOf } from "../incident-list.ts";
import { bucketsBetween, shapeFor, spansIn } from "./buckets.ts";

const DAY_MS = 86_400_000;
/** A forecast is drawn for so many days at most. */
const MOST_AHEAD_DAYS = 90;

/** The capacity of a storage over some days, and when it will be full. */
export async function capacityReply({ name, days }: { name: string; days: number }, facts: Facts): Promise<Reply> {
  const storage = storageNamed(facts.inventory, name);
  const nowMs = facts.now();
  const fromMs = nowMs - days * DAY_MS;
  const [found] = await facts.history.read(["capacity"], fromMs, nowMs, ({ ownerUuid }) => ownerUuid === storage.uuid);
  const spans = found?.spans ?? [];
  const points = pointsOf(spans, fromMs, nowMs);
  const last = points.at(-1);
  const next = [`sharedblock show ${name}`];
  const asked = `sharedblock capacity ${name}${days === 30 ? "" : ` days=${days}`}`;
  if (last === undefined) {
    watchOf(facts, "There is no history");
    const text =
      "The watch has not read its capacity in this time. It asks every 3 minutes. A host of the storage must answer, and each LUN must have a path.";
    return {
      title: `${name}: no capacity in the history`,
      tone: "plain",
      parts: [{ kind: "text", text }],
      next,
      asked,
    };
  }
  const forecast = forecastOf(points, nowMs);
  const [filling, , full] =
    facts.watch?.uses().find(({ storageUuid }) => storageUuid === storage.uuid)?.levels ?? usualLevels;
  const percent = Math.floor((100 * last.usedBytes) / last.sizeBytes);
  return {
    title: `${name}: ${percent} % full, ${formatBytes(last.sizeBytes - last.usedBytes)} free`,
    tone: percent >= full ? "bad" : percent >= filling ? "warning" : "plain",
    parts: [pastChart(spans, forecast, { fromMs, nowMs }), ...futureChart(last, forecast, nowMs)],
    next,
    asked,
  };
}

/** A point in six hours is enough for a forecast. */
const POINT_MS = DAY_MS / 4;

/** A value at the end of each six hours; if it was not observed in that time, there is no point. */
export function pointsOf(spans: readonly Span[], fromMs: number, nowMs: number): CapacityPoint[] {
  const points: CapacityPoint[] = [];
  const count = Math.ceil((nowMs - fromMs) / POINT_MS);
  let place = 0;
  for (let left = count - 1; left >= 0; left -= 1) {
    const atMs = nowMs - left * POINT_MS;
    while ((spans[place + 1]?.fromMs ?? atMs) < atMs) place += 1;
    const span = spans[place];
    if (span === undefined || span.fromMs >= atMs || span.toMs <= atMs - POINT_MS) continue;
    points.push(...pointAt(span, Math.min(span.toMs, atMs)));
  }
  return points;
}

function pointAt({ value }: Span, atMs: number): CapacityPoint[] {
  const capacity = capacityOf(value);
  if (capacity === null) return [];
  return [{ atMs, usedBytes: capacity.sizeBytes - capacity.freeBytes, sizeBytes: capacity.sizeBytes }];
}

interface Time {
  readonly fromMs: number;
  readonly nowMs: number;
}

function pastChart(spans: readonly Span[], forecast: Forecast, { fromMs, nowMs }: Time): Part {
  const firstMs = Math.max(fromMs, spans[0]?.fromMs ?? nowMs);
  const shown = bucketsBetween(firstMs, nowMs).flatMap((bucket) => {
    const span = spansIn(spans, bucket).at(-1);
    return span === undefined ? [] : pointAt(span, span.toMs).map((point) => ({ label: bucket.label, point }));
  });
  const scale = scaleOf(shown.map(({ point }) => point));
  const isShort = nowMs - firstMs < DAY_MS;
  return {
    kind: "chart",
    title: isShort ? "Used capacity, times in UTC" : `Used capacity, last ${daysText((nowMs - firstMs) / DAY_MS)}`,
    shape: shapeFor(shown),
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
function futureChart(last: CapacityPoint, forecast: Forecast, nowMs: number): Part[] {
  if (forecast.kind !== "growing") return [];
  const ahead = Math.min(MOST_AHEAD_DAYS, Math.max(2, Math.ceil(((forecast.fullAtMs - nowMs) / DAY_MS) * 1.2)));
  const shown = bucketsBetween(nowMs, nowMs + ahead * DAY_MS);
  const scale = scaleOf([last]);
  const usedAt = (atMs: number) => last.usedBytes + ((atMs - nowMs) / DAY_MS) * forecast.bytesPerDay;
  return [
    {
      kind: "chart",
      title: `Forecast, next ${ahead} days`,
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
