import { counted } from "../core/counted.ts";
import { durationText } from "../core/duration.ts";
import type { Facts } from "../core/facts.ts";
import type { Incident, IncidentEvent, KeptFinding } from "../core/incident.ts";
import type { Host } from "../core/inventory.ts";
import type { Operation } from "../core/operation.ts";
import { reasonOf } from "../core/outcome.ts";
import { CHARACTERS, runInSlices, SliceLimit, type Slices } from "../core/parts.ts";
import { type Reply, textOf } from "../core/reply.ts";
import { listPathsInMemory } from "../host/multipathd.ts";
import { readOsRelease } from "../host/os-release.ts";
import { visible } from "../text/visible.ts";
import { eventLine } from "./event-text.ts";
import { watchOf } from "./incident-list.ts";
import { incidentOf } from "./incident-show.ts";
import { causeText, shownFindings, storagesAtRisk } from "./incident-text.ts";

/** The timeline of an incident as a Markdown file in its thread, for a review. */
export async function incidentReportReply({ id }: { readonly id: string }, facts: Facts): Promise<Reply> {
  const incident = await incidentOf(id, facts);
  const operations = await operationsOf(incident, facts);
  const hosts = hostsOf(incident, facts).slice(0, MOST_HOSTS);
  const shown = await Promise.all(hosts.map((host) => hostLines(host, incident, facts)));
  const content = await markdown(incident, operations, shown.flat(), facts);
  const thread = watchOf(facts).placeOf(id) ?? incident.posted ?? null;
  return {
    title: `Report of ${id}`,
    tone: "plain",
    parts: [
      { kind: "text", text: `${causeText(incident, facts.inventory)}.` },
      {
        kind: "text",
        text: `${counted(incident.events.length, "event")}, ${counted(operations.length, "operation")}, ${counted(hosts.length, "host")}: all of it is in ${id}.md.`,
      },
    ],
    next: [],
    files: [{ name: `${id}.md`, content, altText: null }],
    ...(thread !== null && { thread }),
  };
}

/** More hosts make the report no better. */
const MOST_HOSTS = 10;
const MOST_OPERATIONS = 1_000;
/** What was done shortly before may be the cause, and shortly after the repair. */
const AROUND_MS = 15 * 60_000;
const MOST_FINDINGS = 200;

const findingsOf = (incident: Incident): readonly KeptFinding[] =>
  incident.state === "resolved" ? shownFindings(incident) : incident.findings;

function hostsOf(incident: Incident, { inventory }: Facts): Host[] {
  const uuids = new Set(findingsOf(incident).map(({ hostUuid }) => hostUuid));
  return inventory.hosts.filter(({ uuid }) => uuids.has(uuid));
}

/** Operations near the incident that name its cluster, or one of its hosts, storages or LUNs. */
async function operationsOf(incident: Incident, facts: Facts): Promise<Operation[]> {
  const { inventory } = facts;
  const fromMs = Date.parse(incident.beganAt) - AROUND_MS;
  const toMs = incident.resolvedAt === null ? facts.now() : Date.parse(incident.resolvedAt) + AROUND_MS;
  const names = new Set([
    ...hostsOf(incident, facts).map(({ name }) => name),
    ...storagesAtRisk({ findings: findingsOf(incident) }, inventory).map(({ name }) => name),
    ...inventory.clusters.flatMap(({ uuid, name }) => (uuid === incident.clusterUuid ? [name] : [])),
    ...findingsOf(incident).flatMap(({ wwid }) => wwid ?? []),
  ]);
  const isNamed = (text: string) => text.split(/[\s,=]+/).some((word) => names.has(word));
  const all = await facts.operations(MOST_OPERATIONS);
  return all
    .filter(({ askedAt, finishedAt }) => Date.parse(askedAt) <= toMs && Date.parse(finishedAt ?? askedAt) >= fromMs)
    .filter(({ words, title }) => isNamed(words) || isNamed(title))
    .reverse();
}

/** What the host shows now: the report says at what time. */
async function hostLines(host: Host, incident: Incident, facts: Facts): Promise<string[]> {
  const { os, paths } = await facts.gather(host, { os: readOsRelease, paths: listPathsInMemory });
  const wwids = new Set(findingsOf(incident).flatMap(({ wwid }) => wwid ?? []));
  const lines = [
    `### ${host.name}`,
    `- Address: ${host.address}, sanlock host id: ${host.sanlockHostId ?? "none yet"}`,
    `- System: ${os.kind === "done" ? cell(os.value.prettyName) : `not known: ${cell(reasonOf(os) ?? "unknown")}`}`,
  ];
  if (paths.kind !== "done") return [...lines, `- Paths: not known: ${cell(reasonOf(paths) ?? "unknown")}`, ""];
  if (paths.value === null) return [...lines, "- Paths: multipathd does not run", ""];
  const own = paths.value.filter(({ wwid }) => wwid !== null && wwids.has(wwid));
  const rows = own.map(({ device, wwid, map, hctl, dmState, checkerState }) =>
    row([device, wwid ?? "", map ?? "in no map", hctl, `${dmState} ${checkerState}`]),
  );
  return own.length === 0
    ? [...lines, "- Paths to its LUNs: none", ""]
    : [
        ...lines,
        "",
        row(["path", "LUN", "map", "address", "state"]),
        row(["---", "---", "---", "---", "---"]),
        ...rows,
        "",
      ];
}

async function markdown(
  incident: Incident,
  operations: readonly Operation[],
  hostFacts: readonly string[],
  facts: Facts,
): Promise<string> {
  const findings = findingsOf(incident);
  const nowText = clock(new Date(facts.now()).toISOString());
  return [
    `# ${incident.id}: ${cell(causeText(incident, facts.inventory))}`,
    "",
    ...summaryLines(incident, facts),
    "",
    "## Timeline",
    "Times are UTC.",
    "",
    row(["time", "what", "who"]),
    row(["---", "---", "---"]),
    ...(await runInSlices(rowsOf(timeline(incident, operations)))),
    "",
    "## Operations",
    ...(operations.length === 0
      ? ["None near it named its hosts, storages or LUNs."]
      : [
          row(["id", "words", "asked by", "confirmed by", "duration", "end"]),
          row(["---", "---", "---", "---", "---", "---"]),
          ...(await runInSlices(rowsOf(operations.map((operation) => operationCells(operation, facts.now()))))),
        ]),
    "",
    `## Findings, ${incident.state === "resolved" ? "as they were last" : "as they are now"}`,
    ...(findings.length === 0
      ? ["None."]
      : [
          row(["finding", "severity", "since"]),
          row(["---", "---", "---"]),
          ...findings.slice(0, MOST_FINDINGS).map(({ text, severity, since }) => row([text, severity, clock(since)])),
        ]),
    ...(findings.length > MOST_FINDINGS ? [`${findings.length - MOST_FINDINGS} more findings.`] : []),
    "",
    `## Hosts, observed at ${nowText}`,
    ...(hostFacts.length === 0 ? ["The incident names no host."] : hostFacts),
    "",
    `Made by the bot at ${nowText}.`,
    "",
  ].join("\n");
}

function summaryLines(incident: Incident, { inventory, now }: Facts): string[] {
  const { beganAt, openedAt, resolvedAt, worstSeverity, severity, state, clusterUuid, events, atWorst } = incident;
  const cluster = inventory.clusters.find(({ uuid }) => uuid === clusterUuid)?.name ?? clusterUuid;
  const storages = storagesAtRisk({ findings: findingsOf(incident) }, inventory).map(({ name }) => name);
  const acknowledged = events.find(({ kind }) => kind === "acknowledged");
  const resolved = events.findLast(({ kind }) => kind === "resolved");
  const by = (event: IncidentEvent | undefined) => (event?.by ? ` by ${event.by}` : "");
  const end = incident.unwatched === true ? "Not watched any more" : "Resolved";
  const calls = events.filter(({ kind }) => kind === "mentioned" || kind === "escalated").length;
  const after = (at: string | null) =>
    at === null ? "never" : `${clock(at)}, after ${durationText(Date.parse(at) - Date.parse(beganAt))}`;
  return [
    `- State: ${state}, ${severity}; at worst ${worstSeverity}`,
    `- Cluster: ${cell(cluster)}`,
    ...(atWorst === undefined ? [] : [`- At worst: ${cell(atWorst.text)}`]),
    `- Storages at risk: ${storages.length === 0 ? "none" : storages.join(", ")}`,
    `- VMs at risk: ${incident.vms === undefined ? "not observed" : incident.vms.length === 0 ? "none" : cell(`${incident.vmsAtLeast === true ? "at least " : ""}${incident.vms.join(", ")}`)}`,
    `- Began: ${clock(beganAt)}`,
    `- Reported: ${after(openedAt)}`,
    `- On call: ${calls === 0 ? "nobody was called" : `called ${calls === 1 ? "once" : `${calls} times`}`}`,
    `- Acknowledged: ${after(acknowledged?.at ?? null)}${by(acknowledged)}`,
    `- ${end}: ${resolvedAt === null ? `not yet, lasts ${durationText(now() - Date.parse(beganAt))}` : `${after(resolvedAt)}${by(resolved)}`}`,
  ];
}

interface Line {
  readonly at: string;
  readonly what: string;
  readonly who: string;
}

/** Events and operations in the order of time. */
function timeline({ events, omittedEvents = 0 }: Incident, operations: readonly Operation[]): string[][] {
  const lines: Line[] = [
    ...events.map((event) => ({
      at: event.at,
      what: textOf(eventLine({ ...event, by: null })),
      who: event.by ?? "bot",
    })),
    ...operations.flatMap(({ id, words, askedAt, askedBy, confirmedAt, confirmedBy, finishedAt, state, result }) => [
      { at: askedAt, what: `${id} asked: ${words}`, who: askedBy },
      ...(confirmedAt === null ? [] : [{ at: confirmedAt, what: `${id} confirmed`, who: confirmedBy ?? askedBy }]),
      ...(finishedAt === null
        ? []
        : [{ at: finishedAt, what: `${id} ended ${state}: ${result ?? state}`, who: "bot" }]),
    ]),
  ];
  const rows = lines
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .map(({ at, what, who }) => [clock(at), what, who]);
  return omittedEvents === 0 ? rows : [...rows, ["", `${omittedEvents} events in the middle are not kept`, ""]];
}

function operationCells(operation: Operation, nowMs: number): string[] {
  const { id, words, askedBy, askedAt, confirmedBy, confirmedAt, finishedAt, state, result } = operation;
  const endMs = finishedAt === null ? nowMs : Date.parse(finishedAt);
  const lasted = durationText(endMs - Date.parse(confirmedAt ?? askedAt));
  return [id, words, askedBy, confirmedBy ?? "nobody", lasted, `${state}${result === null ? "" : `: ${result}`}`];
}

/** A report of thousands of rows must not delay the ack of a command. */
function* rowsOf(all: readonly (readonly string[])[]): Slices<string[]> {
  const limit = new SliceLimit(CHARACTERS);
  const rows: string[] = [];
  for (const cells of all) {
    const text = row(cells);
    rows.push(text);
    if (limit.isOver(text.length)) yield;
  }
  return rows;
}

const clock = (iso: string): string => iso.slice(0, 19).replace("T", " ");
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;

/** Text of hosts and people must not become Markdown or HTML, and hides nothing. */
const cell = (text: string): string =>
  visible(text.replaceAll(/\s+/g, " "))
    .replaceAll(/&(?=#?\w+;)/g, "&amp;")
    .replaceAll(/[\\`*_[\]<>|#]/g, (character) => (character === "<" ? "&lt;" : `\\${character}`))
    .trim();
