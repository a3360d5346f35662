import type { Facts } from "../../core/facts.ts";
import { clusterNamed, hostsOf } from "../../core/find.ts";
import type { Host } from "../../core/inventory.ts";
import type { Part, Reply } from "../../core/reply.ts";
import type { Span, TrackHistory } from "../../core/track-history.ts";
import { watchOf } from "../incident-list.ts";
import { lunText } from "../incident-text.ts";
import { type Bucket, bucketsBetween, isNow, lengthOf, shapeFor, spansIn } from "./buckets.ts";
import { timeText } from "./time-text.ts";

const HOUR_MS = 3_600_000;
/** Slack draws so many series. */
const MOST_SERIES = 12;

/** How many paths of a LUN worked on one host, and for how long. Its spans' values are numbers. */
interface Working {
  readonly host: Host;
  readonly spans: readonly Span[];
  readonly paths: number;
}

/** The paths of a LUN on each host of a cluster over some hours. */
export async function lunHistoryReply(
  { cluster: name, wwid, hours }: { cluster: string; wwid: string; hours: number },
  facts: Facts,
): Promise<Reply> {
  const cluster = clusterNamed(facts.inventory, name);
  const hosts = hostsOf(facts.inventory, cluster);
  const uuids = new Set(hosts.map(({ uuid }) => uuid));
  const nowMs = facts.now();
  const fromMs = nowMs - hours * HOUR_MS;
  const found = await facts.history.read(
    ["path"],
    fromMs,
    nowMs,
    ({ subject, ownerUuid }) => subject === wwid && uuids.has(ownerUuid),
  );
  const all = hosts.flatMap((host) => {
    const tracks = found.filter(({ track }) => track.ownerUuid === host.uuid);
    return tracks.length === 0 ? [] : [{ host, spans: workingSpans(tracks), paths: tracks.length }];
  });
  const lun = lunText(wwid);
  const common = {
    next: [`lun show ${name} ${wwid}`],
    asked: `lun history ${name} ${wwid}${hours === 24 ? "" : ` hours=${hours}`}`,
  };
  if (all.length === 0) {
    watchOf(facts, "There is no history");
    const text = `No host of ${name} showed a path to it while the watch observed them.`;
    return { title: `${lun}: no paths in the history`, tone: "plain", parts: [{ kind: "text", text }], ...common };
  }
  const others = hosts.filter(({ uuid }) => !all.some(({ host }) => host.uuid === uuid)).map((host) => host.name);
  const worst = all.toSorted((a, b) => availability(a) - availability(b) || failedMs(b) - failedMs(a));
  return {
    ...headOf(lun, worst, hours),
    parts: [
      pathsChart(lun, worst, { fromMs, nowMs }),
      hostTable(worst, nowMs),
      ...(others.length === 0 ? [] : [withoutPath(others)]),
    ],
    ...common,
  };
}

/** The number of working paths over time. A time in which a path was not observed has the count of the others. */
function workingSpans(tracks: readonly TrackHistory[]): Span[] {
  const changes = tracks.flatMap(({ spans }) =>
    spans.flatMap(({ fromMs, toMs, value }) => {
      const works = value === "works" ? 1 : 0;
      return [
        { atMs: fromMs, seen: 1, works },
        { atMs: toMs, seen: -1, works: -works },
      ];
    }),
  );
  changes.sort((a, b) => a.atMs - b.atMs);
  const spans: Span[] = [];
  let [seen, works, sinceMs] = [0, 0, 0];
  for (const change of changes) {
    if (seen > 0 && change.atMs > sinceMs) spans.push({ fromMs: sinceMs, toMs: change.atMs, value: `${works}` });
    seen += change.seen;
    works += change.works;
    sinceMs = change.atMs;
  }
  return spans;
}

/** The part of the observed time with at least one path. */
const availability = ({ spans }: Working): number =>
  lengthOf(spans.filter(({ value }) => value !== "0")) / Math.max(1, lengthOf(spans));
const failedMs = ({ spans, paths }: Working): number => lengthOf(spans.filter(({ value }) => Number(value) < paths));
const fewest = (spans: readonly Span[]): number => Math.min(...spans.map(({ value }) => Number(value)));

function headOf(lun: string, worst: readonly Working[], hours: number): Pick<Reply, "title" | "tone"> {
  const [first] = worst;
  const lost = worst.filter((each) => availability(each) < 1).length;
  if (first !== undefined && lost > 0)
    return { title: `${lun}: without any path on ${hostCount(lost)} in the last ${hours} h`, tone: "bad" };
  const failed = worst.filter((each) => failedMs(each) > 0).length;
  return failed === 0
    ? { title: `${lun}: every observed path worked in the last ${hours} h`, tone: "good" }
    : { title: `${lun}: paths failed on ${hostCount(failed)} in the last ${hours} h`, tone: "warning" };
}

const hostCount = (count: number): string => (count === 1 ? "1 host" : `${count} hosts`);

interface Time {
  readonly fromMs: number;
  readonly nowMs: number;
}

function pathsChart(lun: string, worst: readonly Working[], { fromMs, nowMs }: Time): Part {
  const firstMs = Math.max(fromMs, Math.min(...worst.flatMap(({ spans }) => spans[0]?.fromMs ?? nowMs)));
  const buckets = bucketsBetween(firstMs, nowMs);
  const lowest = ({ spans }: Working, bucket: Bucket): number | null => {
    const here = spansIn(spans, bucket);
    return here.length === 0 ? null : fewest(here);
  };
  const known = buckets.filter((bucket) => worst.some((each) => lowest(each, bucket) !== null));
  // A series needs a value for each category. A host without one is named in words.
  const complete = worst.filter((each) => known.every((bucket) => lowest(each, bucket) !== null));
  const drawn = complete.slice(0, MOST_SERIES);
  const missing = worst.length - drawn.length;
  return {
    kind: "chart",
    title: `${lun}: fewest working paths, UTC`,
    shape: shapeFor(known),
    unit: "paths",
    takeaway: [takeaway(worst), ...(missing === 0 ? [] : [`Not drawn: ${hostCount(missing)}, see the table.`])].join(
      " ",
    ),
    categories: known.map(({ label }) => label),
    series: drawn.map((each) => ({
      name: each.host.name,
      values: known.map((bucket) => lowest(each, bucket) ?? 0),
    })),
  };
}

function takeaway(worst: readonly Working[]): string {
  const [first] = worst;
  if (first === undefined) return "";
  const lostMs = lengthOf(first.spans.filter(({ value }) => value === "0"));
  if (lostMs > 0) return `${first.host.name} had no path for ${timeText(lostMs)}.`;
  const short = failedMs(first);
  if (short === 0) return "Every observed host had all its paths.";
  return `${first.host.name} had ${fewest(first.spans)} of ${first.paths} paths at worst, and not all for ${timeText(short)}.`;
}

const withoutPath = (hosts: readonly string[]): Part => ({
  kind: "text",
  tone: "warning",
  text: `No path was observed on ${hosts.slice(0, 10).join(", ")}${hosts.length > 10 ? ` and ${hosts.length - 10} more` : ""}.`,
});

const hostTable = (worst: readonly Working[], nowMs: number): Part => ({
  kind: "table",
  caption: "By host",
  compared: true,
  columns: ["host", "paths now", "fewest", "some failed for", "no path for", "observed for"],
  rows: worst.map((each) => [
    each.host.name,
    nowText(each, nowMs),
    `${fewest(each.spans)}/${each.paths}`,
    timeText(failedMs(each)),
    timeText(lengthOf(each.spans.filter(({ value }) => value === "0"))),
    timeText(lengthOf(each.spans)),
  ]),
});

function nowText({ spans, paths }: Working, nowMs: number): string {
  const last = spans.at(-1);
  return isNow(last, nowMs) ? `${last.value}/${paths}` : "not observed";
}
