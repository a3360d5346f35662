import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { chosenHosts } from "../../core/find.ts";
import type { Part, Reply } from "../../core/reply.ts";
import type { Span } from "../../core/track-history.ts";
import { watchOf } from "../incident-list.ts";
import { isNow, lengthOf } from "./buckets.ts";
import { timeText } from "./time-text.ts";

const HOUR_MS = 3_600_000;
/** Slack draws so many bars of a series. */
const MOST_BARS = 20;

interface HostFailures {
  readonly host: string;
  /** null: it is not observed now. */
  readonly now: number | null;
  /** When it was observed last. */
  readonly last: number;
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
    return spans === undefined ? [] : [failuresOf(host.name, spans, nowMs)];
  });
  const unobserved = hosts.filter(({ uuid }) => !spansOf.has(uuid)).map((host) => host.name);
  const silent = observed.filter(({ now }) => now === null).map(({ host }) => host);
  const worst = observed.toSorted(
    (a, b) => (b.now ?? b.last) - (a.now ?? a.last) || b.most - a.most || b.failedMs - a.failedMs,
  );
  const failing = worst.filter(({ most }) => most > 0);
  if (observed.length === 0) watchOf(facts, "There is no history");
  return {
    ...headOf(name, worst, hours),
    parts: [
      ...(failing.length === 0 ? [] : [barChart(failing, hours), hostTable(failing)]),
      ...(failing.length === 0 && observed.length > 0 ? [healthyPart(observed.length, hours)] : []),
      ...(unobserved.length === 0 ? [] : [namesPart("Not observed in this time", unobserved)]),
      ...(silent.length === 0 ? [] : [namesPart("Not observed now", silent)]),
    ],
    next: [`multipath status ${name}`],
    asked: `multipath history ${name}${hours === 24 ? "" : ` hours=${hours}`}`,
  };
}

function failuresOf(host: string, spans: readonly Span[], nowMs: number): HostFailures {
  const counts = spans.map(({ value }) => Number(value));
  const failed = spans.filter(({ value }) => value !== "0");
  return {
    host,
    now: isNow(spans.at(-1), nowMs) ? (counts.at(-1) ?? 0) : null,
    last: counts.at(-1) ?? 0,
    most: Math.max(...counts),
    failedMs: lengthOf(failed),
    observedMs: lengthOf(spans),
  };
}

function headOf(name: string, all: readonly HostFailures[], hours: number): Pick<Reply, "title" | "tone"> {
  const now = all.reduce((sum, each) => sum + (each.now ?? 0), 0);
  const hosts = all.filter(({ most }) => most > 0).length;
  if (all.length === 0) return { title: `${name}: no paths in the history`, tone: "plain" };
  if (hosts === 0) return { title: `${name}: no path failed in the last ${hours} h`, tone: "good" };
  const past = `paths failed on ${hosts} of ${all.length} hosts in the last ${hours} h`;
  if (now === 0 && all.some((each) => each.now === null)) return { title: `${name}: ${past}`, tone: "warning" };
  return now === 0
    ? { title: `${name}: ${past}, all work now`, tone: "plain" }
    : { title: `${name}: ${past}, ${now} failed now`, tone: "warning" };
}

function barChart(failing: readonly HostFailures[], hours: number): Part {
  const shown = failing.slice(0, MOST_BARS);
  const [worst] = shown;
  const more = failing.length - shown.length;
  const words = worst === undefined ? "" : worstText(worst);
  return {
    kind: "chart",
    title: `Failed paths by host, last ${hours} h`,
    shape: "bar",
    unit: "paths",
    takeaway: more === 0 ? words : `${words} ${more === 1 ? "1 more host is" : `${more} more hosts are`} in the table.`,
    categories: shown.map(({ host }) => host),
    series: [
      { name: "failed now", values: shown.map(({ now }) => now ?? 0) },
      { name: "most at once", values: shown.map(({ most }) => most) },
    ],
  };
}

function worstText({ host, now, most }: HostFailures): string {
  const paths = (count: number) => counted(count, "failed path");
  if (now === null) return `${host} had up to ${paths(most)}, and is not observed now.`;
  if (now === 0) return `${host} had up to ${paths(most)}. All its paths work now.`;
  return most > now ? `${host} has ${paths(now)} now, and had up to ${most}.` : `${host} has ${paths(now)} now.`;
}

const hostTable = (failing: readonly HostFailures[]): Part => ({
  kind: "table",
  caption: "Hosts with failed paths",
  compared: true,
  columns: ["host", "failed now", "most at once", "failed for", "observed for"],
  rows: failing.map(({ host, now, most, failedMs, observedMs }) => [
    ...[host, now === null ? "not observed" : `${now}`, `${most}`, timeText(failedMs), timeText(observedMs)],
  ]),
  numbers: {
    1: failing.map(({ now }) => now ?? -1),
    2: failing.map(({ most }) => most),
    3: failing.map(({ failedMs }) => failedMs),
    4: failing.map(({ observedMs }) => observedMs),
  },
});

const healthyPart = (count: number, hours: number): Part => ({
  kind: "text",
  text: `${count === 1 ? "The host" : `Each of ${count} hosts`} had all its paths whenever it was observed in the last ${hours} h.`,
});

const namesPart = (caption: string, hosts: readonly string[]): Part => ({
  kind: "text",
  tone: "warning",
  text: `${caption}: ${hosts.slice(0, 10).join(", ")}${hosts.length > 10 ? ` and ${hosts.length - 10} more` : ""}.`,
});
