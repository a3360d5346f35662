import { counted } from "../core/counted.ts";
import { durationText } from "../core/duration.ts";
import type { Facts } from "../core/facts.ts";
import type { FindingKind } from "../core/finding.ts";
import type { Incident } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import { millisecondsOf } from "../core/moment.ts";
import type { Operation } from "../core/operation.ts";
import { quietParts } from "../core/quiet.ts";
import { type Inline, linesPart, type Part, type Reply } from "../core/reply.ts";
import type { WatchFacts } from "../core/watch-facts.ts";
import { formatBytes } from "../storage/size.ts";
import { forecastOf } from "./forecast.ts";
import { forecastText } from "./forecast-text.ts";
import { gaugeOf } from "./gauge.ts";
import { allSince, openOf, watchOf } from "./incident-list.ts";
import { causeText } from "./incident-text.ts";
import { isSilenced } from "./on-call.ts";
import { pointsOf } from "./pictures/capacity.ts";

/** More lines are counted. */
const MOST_LINES = 15;
const MOST_NAMES = 5;
const MOST_OPERATIONS = 1_000;
const DAY_MS = 24 * 3_600_000;
/** A forecast is made from so many days. */
const FORECAST_DAYS = 30;

/** The hand-over to the next person on call: what is open, what nobody knows, and what happened since then. */
export async function shiftReportReply({ since }: { readonly since: string }, facts: Facts): Promise<Reply> {
  const watch = watchOf(facts);
  const fromMs = millisecondsOf(since, facts.now(), "from") ?? facts.now();
  const open = openOf(watch);
  const ended = (await allSince(watch, fromMs, facts.now())).filter(({ state }) => state === "resolved");
  const operations = await facts.operations(MOST_OPERATIONS);
  const unknown = operations.filter(({ state }) => state === "unknown");
  const running = operations.filter(({ state }) => state === "running" || state === "confirmed");
  const isRecent = ({ state, finishedAt }: Operation) =>
    state !== "unknown" && finishedAt !== null && Date.parse(finishedAt) >= fromMs;
  const recent = operations.filter(isRecent);
  const critical = open.filter(({ severity }) => severity === "critical").length;
  return {
    title: `Shift report: ${count(open.length, "open incident")}${critical > 0 ? `, ${critical} critical` : ""}, ${count(unknown.length, "unknown operation")}`,
    tone: critical > 0 ? "bad" : open.length + unknown.length > 0 ? "warning" : "good",
    parts: quietParts([
      { kind: "text", text: ["Since ", { at: new Date(fromMs).toISOString() }, "."] },
      lines("Open incidents", open, (incident) => openLine(incident, facts)),
      lines("Operations with an unknown end", unknown, operationLine),
      ...(running.length === 0 ? [] : [lines("Running operations", running, operationLine)]),
      lines("Degraded maps", degradedOf(watch, open, facts.inventory), (text) => [text]),
      ...(await capacityParts(facts)),
      lines("Ended incidents", ended, (incident) => endedLine(incident, facts)),
      lines("Ended operations", recent, operationLine),
      ...pausesParts(facts),
    ]),
    next: [
      ...open.slice(0, 1).map(({ id }) => `incident show ${id}`),
      ...unknown.slice(0, 1).map(({ id }) => `operation show ${id}`),
      "incident list open",
    ],
  };
}

const count = (number: number, what: string): string => (number === 0 ? `no ${what}s` : counted(number, what));

function lines<T>(caption: string, all: readonly T[], lineOf: (each: T) => readonly Inline[]): Part {
  if (all.length === 0) return { kind: "text", text: [{ bold: caption }, ": none."] };
  const shown = all.slice(0, MOST_LINES).map(lineOf);
  const more = all.length - shown.length;
  return linesPart(caption, more > 0 ? [...shown, [`${more} more`]] : shown);
}

function openLine(incident: Incident, { inventory, now }: Facts): Inline[] {
  const { id, severity, beganAt, acknowledged, assigned, silenced } = incident;
  const who = assigned ?? acknowledged?.by ?? null;
  return [
    { code: id },
    ` ${severity}, for ${durationText(now() - Date.parse(beganAt))}: ${causeText(incident, inventory)}. `,
    ...(who === null ? ["Nobody has it."] : [{ person: who }, " has it."]),
    ...(silenced !== null && isSilenced(incident, now())
      ? [" Silenced until ", { at: silenced.until }, `: ${silenced.reason}`]
      : []),
  ];
}

function endedLine(incident: Incident, { inventory }: Facts): Inline[] {
  const { id, worstSeverity, beganAt, resolvedAt } = incident;
  const lasted = resolvedAt === null ? "" : `, lasted ${durationText(Date.parse(resolvedAt) - Date.parse(beganAt))}`;
  return [{ code: id }, ` ${worstSeverity}${lasted}: ${causeText(incident, inventory)}`];
}

const operationLine = ({ id, state, words, askedBy, result }: Operation): Inline[] => [
  { code: id },
  ` ${state}: `,
  { code: words },
  " by ",
  { person: askedBy },
  result === null ? "" : `: ${result}`,
];

/**
 * Every map that lacks paths, those with the fewest first: what hosts show now, and what open incidents have of hosts that
 * were not observed since the start.
 */
function degradedOf(watch: WatchFacts, open: readonly Incident[], { hosts }: Inventory): string[] {
  const failing = watch.failing(lacksPaths);
  const shown = new Set(failing.map(({ finding }) => finding.key));
  const kept = open
    .flatMap(({ findings }) => findings)
    .filter(({ key, kind }) => lacksPaths.has(kind) && !shown.has(key))
    .map((finding) => ({ finding, why: null }));
  const texts = [...failing, ...kept]
    .sort((a, b) => (a.finding.pathsLeft ?? 0) - (b.finding.pathsLeft ?? 0))
    .map(({ finding, why }) => (why === null ? finding.text : `${finding.text} (${why})`));
  const unknown = watch
    .hosts()
    .flatMap(({ hostUuid, observedAt, silence }) =>
      observedAt === null || silence !== null ? (hosts.find(({ uuid }) => uuid === hostUuid)?.name ?? []) : [],
    );
  if (unknown.length === 0) return texts;
  const more = unknown.length - MOST_NAMES;
  return [
    `Not known on ${unknown.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}: no answer`,
    ...texts,
  ];
}
const lacksPaths: ReadonlySet<FindingKind> = new Set([
  ...(["map degraded", "map without paths", "LUN without map", "LUN gone"] as const),
]);

async function capacityParts({ inventory, watch, now, history }: Facts): Promise<Part[]> {
  const rows = (watch?.uses() ?? [])
    .flatMap((use) => {
      const storage = inventory.primaryStorages.find(({ uuid }) => uuid === use.storageUuid);
      return storage === undefined || use.sizeBytes <= 0 ? [] : [{ ...use, name: storage.name }];
    })
    .sort((a, b) => a.freeBytes / a.sizeBytes - b.freeBytes / b.sizeBytes)
    .map(({ name, sizeBytes, freeBytes, observedAt }) => [
      name,
      `${gaugeOf({ sizeBytes, freeBytes }).percentUsed} %`,
      formatBytes(freeBytes),
      formatBytes(sizeBytes),
      `${durationText(now() - Date.parse(observedAt))} ago`,
    ]);
  if (rows.length === 0) return [{ kind: "text", text: [{ bold: "Capacity" }, ": not observed yet."] }];
  const fromMs = now() - FORECAST_DAYS * DAY_MS;
  const tracks = await history.read(["capacity"], fromMs, now(), () => true);
  const forecasts = inventory.primaryStorages.flatMap(({ uuid, name }): Inline[][] => {
    const spans = tracks.find(({ track }) => track.ownerUuid === uuid)?.spans ?? [];
    const points = pointsOf(spans, fromMs, now());
    return points.length === 0 ? [] : [[`${name}: ${forecastText(forecastOf(points, now()), now())}`]];
  });
  return [
    { kind: "table", caption: "Capacity", columns: ["storage", "used", "free", "size", "observed"], rows },
    ...(forecasts.length === 0 ? [] : [linesPart("Forecast", forecasts)]),
  ];
}

function pausesParts({ inventory, watch, now }: Facts): Part[] {
  const pauses = (watch?.pauses() ?? []).filter(({ until }) => Date.parse(until) > now());
  if (pauses.length === 0) return [];
  return [
    lines("Paused", pauses, ({ clusterUuid, until, by, reason }) => [
      `${inventory.clusters.find(({ uuid }) => uuid === clusterUuid)?.name ?? clusterUuid} until `,
      { at: until },
      " by ",
      { person: by },
      `: ${reason}`,
    ]),
  ];
}
