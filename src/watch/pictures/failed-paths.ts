import type { Facts } from "../../core/facts.ts";
import { chosenHosts } from "../../core/find.ts";
import type { Part, Reply } from "../../core/reply.ts";
import type { Span } from "../../core/track-history.ts";
import { lengthOf } from "./buckets.ts";
import { timeText } from "./time-text.ts";

const HOUR_MS = 3_600_000;
/** Slack draws so many bars of a series. */
const MOST_BARS = 20;

interface HostFailures {
  readonly host: string;
  readonly now: number;
  readonly most: number;
  readonly failedMs: number;
  readonly observedMs: number;
}

/** The failed paths of the hosts of a cluster, or of one host, over some hours. */
export async function failedPathsReply({ name, hours }: { name: string; hours: number }, facts: Facts): Promise<Reply> {
  const hosts = chosenHosts(facts.inventory, name);
  const nowMs = facts.now();
  const found = await facts.history.read(["failed"], nowMs - hours * HOUR_MS, nowMs);
  const spansOf = new Map(found.map(({ track, spans }) => [track.ownerUuid, spans]));
  const observed = hosts.flatMap((host) => {
    const spans = spansOf.get(host.uuid);
    return spans === undefined ? [] : [failuresOf(host.name, spans)];
  });
  const unobserved = hosts.filter(({ uuid }) => !spansOf.has(uuid)).map((host) => host.name);
  const worst = observed.toSorted((a, b) => b.now - a.now || b.most - a.most || b.failedMs - a.failedMs);
  const failing = worst.filter(({ most }) => most > 0);
  return {
    ...headOf(name, worst, hours),
    parts: [
      ...(failing.length === 0 ? [] : [barChart(failing, hours), hostTable(failing)]),
      ...(failing.length === 0 && observed.length > 0 ? [healthyPart(observed.length, hours)] : []),
      ...(unobserved.length === 0 ? [] : [unobservedPart(unobserved)]),
    ],
    next: [`multipath status ${name}`],
    asked: `multipath history ${name}${hours === 24 ? "" : ` hours=${hours}`}`,
  };
}

function failuresOf(host: string, spans: readonly Span[]): HostFailures {
  const counts = spans.map(({ value }) => Number(value));
  const failed = spans.filter(({ value }) => value !== "0");
  return {
    host,
    now: counts.at(-1) ?? 0,
    most: Math.max(...counts),
    failedMs: lengthOf(failed),
    observedMs: lengthOf(spans),
  };
}

function headOf(name: string, all: readonly HostFailures[], hours: number): Pick<Reply, "title" | "tone"> {
  const now = all.reduce((sum, each) => sum + each.now, 0);
  const hosts = all.filter(({ most }) => most > 0).length;
  if (all.length === 0) return { title: `${name}: no paths in the history`, tone: "plain" };
  if (hosts === 0) return { title: `${name}: no path failed in the last ${hours} h`, tone: "good" };
  const past = `paths failed on ${hosts} of ${all.length} hosts in the last ${hours} h`;
  return now === 0
    ? { title: `${name}: ${past}, all work now`, tone: "plain" }
    : { title: `${name}: ${past}, ${now} failed now`, tone: "warning" };
}

function barChart(failing: readonly HostFailures[], hours: number): Part {
  const shown = failing.slice(0, MOST_BARS);
  const [worst] = shown;
  const more = failing.length - shown.length;
  const words = `${worst?.host} has ${worst?.now} failed paths now, and had ${worst?.most} at once.`;
  return {
    kind: "chart",
    title: `Failed paths by host, last ${hours} h`,
    shape: "bar",
    unit: "paths",
    takeaway: more === 0 ? words : `${words} ${more} more hosts are in the table.`,
    categories: shown.map(({ host }) => host),
    series: [
      { name: "failed now", values: shown.map(({ now }) => now) },
      { name: "most at once", values: shown.map(({ most }) => most) },
    ],
  };
}

const hostTable = (failing: readonly HostFailures[]): Part => ({
  kind: "table",
  caption: "Hosts with failed paths",
  compared: true,
  columns: ["host", "failed now", "most at once", "failed for", "observed for"],
  rows: failing.map(({ host, now, most, failedMs, observedMs }) => [
    ...[host, `${now}`, `${most}`, timeText(failedMs), timeText(observedMs)],
  ]),
  numbers: {
    1: failing.map(({ now }) => now),
    2: failing.map(({ most }) => most),
    3: failing.map(({ failedMs }) => failedMs),
    4: failing.map(({ observedMs }) => observedMs),
  },
});

const healthyPart = (count: number, hours: number): Part => ({
  kind: "text",
  text: `${count === 1 ? "The host" : `Each of ${count} hosts`} had all its paths whenever it was observed in the last ${hours} h.`,
});

const unobservedPart = (hosts: readonly string[]): Part => ({
  kind: "text",
  tone: "warning",
  text: `Not observed in this time: ${hosts.slice(0, 10).join(", ")}${hosts.length > 10 ? ` and ${hosts.length - 10} more` : ""}.`,
});
