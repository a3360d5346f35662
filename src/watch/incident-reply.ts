import { durationText } from "../core/duration.ts";
import { type FindingKind, subjectOf } from "../core/finding.ts";
import { OTHER_KEY } from "../core/host-key.ts";
import type { Incident, IncidentEvent, KeptFinding } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import { type Inline, linesPart, type NextStep, type Part, type Reply, type Tone } from "../core/reply.ts";
import { allFindings, causeText, fewestPaths, leftText, shownFindings, storagesAtRisk } from "./incident-text.ts";
import { unknownSince } from "./incidents.ts";
import { isAcknowledged, isSilenced, mentions, nobodyOnCall, type OnCall } from "./on-call.ts";

/** More findings are in the thread's table only. */
const MOST_LINES = 6;
/** From the third return it is flapping. */
const FLAPS_FROM = 3;

/** The one message of an incident: the cause first, what is at risk, who has it, and what can be done. */
export function incidentReply(
  incident: Incident,
  inventory: Inventory,
  nowMs: number,
  onCall: OnCall = nobodyOnCall,
): Reply {
  const { id, state, severity } = incident;
  const isOver = state === "resolved";
  const cause = causeText(incident, inventory);
  return {
    title: `${id}: ${cause}`,
    tone: isOver ? "good" : tones[severity],
    parts: [
      stateLine(incident),
      ...(isOver ? pastParts(incident, cause, inventory) : riskParts(incident, cause, inventory)),
      ...careParts(incident, nowMs, onCall),
    ],
    next: isOver ? stepsAfter(incident) : nextSteps(incident, inventory),
    isMenu: true,
  };
}

const tones: Readonly<Record<Incident["severity"], Tone>> = { critical: "bad", warning: "warning", info: "plain" };
const words: Readonly<Record<Incident["severity"], string>> = {
  critical: "CRITICAL",
  warning: "Warning",
  info: "Info",
};

function stateLine(incident: Incident): Part {
  const { state, severity, beganAt, resolvedAt, quietAt, backAt } = incident;
  const flaps = backAt.length >= FLAPS_FROM ? ` Flapping, back ${backAt.length} times in 10 minutes.` : "";
  if (state === "resolved" && resolvedAt !== null)
    return { kind: "text", tone: "good", text: [...endText(incident, resolvedAt), flaps] };
  const quiet: Inline[] = quietAt === null ? [] : [" Nothing is found since ", { at: quietAt }, "."];
  const since: Inline[] = [{ bold: words[severity] }, " since ", { at: beganAt }, "."];
  return { kind: "text", text: [...since, ...quiet, shrinkText(incident), flaps] };
}

/** The title says what broke. While that ends part by part, this says how far it is. */
function shrinkText({ state, shownFindings = [], ...incident }: Incident): string {
  if (state !== "open" || shownFindings.length === 0) return "";
  const now = new Set(allFindings(incident).map(subjectOf));
  const over = shownFindings.filter((finding) => !now.has(subjectOf(finding))).length;
  return over > 0 ? ` ${over} of ${shownFindings.length} findings are over.` : "";
}

const stepsAfter = ({ id, partOf }: Incident): NextStep[] => [
  ...(partOf === undefined ? [] : [`incident show ${partOf}`]),
  { label: "Report", words: `incident report ${id}` },
];

/** How it was: what a person reads who comes after the end. */
function pastParts(incident: Incident, cause: string, inventory: Inventory): Part[] {
  const { atWorst } = incident;
  const findings = shownFindings(incident);
  const left = leftText(findings, "had");
  const storages = storagesOf({ ...incident, findings: [...findings] }, inventory);
  const now = [`${cause}.`, leftText(findings) ?? ""].join(" ").trim();
  const wasWorse = incident.worstSeverity !== incident.severity || (atWorst?.findings ?? 0) > findings.length;
  const hadLess = (atWorst?.paths ?? Number.POSITIVE_INFINITY) < fewestPaths({ findings: [...findings] });
  // How a silent host broke is in the title.
  const isTitled = findings.some(({ brokeAs }) => brokeAs !== undefined);
  const isOther = atWorst !== undefined && !isTitled && atWorst.text !== now && (wasWorse || hadLess);
  const facts = [
    ...(isOther ? [`At worst: ${atWorst.text}`] : left === null ? [] : [left]),
    ...(storages.length === 0 || incident.worstSeverity === "info"
      ? []
      : [`${storages.join(", ")} ${storages.length === 1 ? "was" : "were"} at risk.`]),
  ];
  return facts.length === 0 ? [] : [{ kind: "text", text: facts.join(" ") }];
}

/** When it ended, as exactly as that is known, and by whom. */
function endText(incident: Incident, resolvedAt: string): Inline[] {
  const { beganAt, events, held, partOf } = incident;
  if (partOf !== undefined) return [{ bold: "Joined" }, " at ", { at: resolvedAt }, `: it is part of ${partOf}.`];
  if (incident.unwatched === true && held === undefined)
    return [
      { bold: "Ended" },
      " ",
      { at: resolvedAt },
      ": it is not watched any more, because it left the inventory or is gone for good.",
    ];
  const since = unknownSince(incident);
  const lastedMs = Date.parse(resolvedAt) - Date.parse(beganAt);
  // It is negative if the clock was set back.
  const lasted = lastedMs < 0 ? "." : `, after ${durationText(lastedMs)}.`;
  const end = held === undefined ? undefined : events.findLast(({ kind }) => kind === "resolved");
  if (end !== undefined && end.by !== null)
    return [{ bold: "Resolved" }, " by ", { person: end.by }, ", ", { at: resolvedAt }, `${lasted} ${end.text}`];
  if (since === null) return [{ bold: "Resolved" }, " ", { at: resolvedAt }, lasted];
  const between: Inline[] = [" between ", { at: since }, " and ", { at: resolvedAt }];
  return [{ bold: "Resolved" }, ...between, ": nobody observed the hosts in that time."];
}

/** Failed paths are counted there. Of the levels of a storage, it names the highest. */
const inTitle: ReadonlySet<FindingKind> = new Set(["path failed", "storage filling", "storage full"]);

function riskParts(incident: Incident, cause: string, inventory: Inventory): Part[] {
  const left = leftText(allFindings(incident));
  const { sharesWith = [] } = incident;
  const shares =
    sharesWith.length === 0
      ? ""
      : isOneLun(incident)
        ? ` It also lacks paths because of ${sharesWith.join(", ")}.`
        : ` Some of these LUNs also lack paths because of ${sharesWith.join(", ")}.`;
  const storages = storagesOf(incident, inventory);
  const isOfLun = incident.findings.some(({ wwid }) => wwid !== null);
  const none = isOfLun ? ["No storage uses it."] : [];
  // What only is to be known puts nothing at risk.
  const role = incident.severity !== "info" ? "At risk" : storages.length === 1 ? "Storage" : "Storages";
  const atRisk = storages.length > 0 ? [`${role}: ${storages.join(", ")}.`] : none;
  const { vms = [], vmsAtLeast = false } = incident;
  const facts = [
    ...(left === null ? [] : [`${left}${shares}`]),
    ...atRisk,
    ...(vms.length === 0 ? [] : [vmText(vms, vmsAtLeast)]),
  ].join(" ");
  const title = cause.toLowerCase();
  const others = incident.findings.filter(
    ({ kind, pathsLeft, text }) => !inTitle.has(kind) && pathsLeft === undefined && !title.includes(text.toLowerCase()),
  );
  const lines = others.slice(0, MOST_LINES).map(({ text }): Inline[] => [text]);
  const more = others.length - lines.length;
  return [
    ...(facts === "" ? [] : [{ kind: "text", text: facts } as const]),
    ...(others.length > 0
      ? [linesPart("Also found", more > 0 ? [...lines, [`${more} more, in the thread`]] : lines)]
      : []),
  ];
}

const isOneLun = (incident: Incident): boolean =>
  new Set(allFindings(incident).flatMap(({ pathsLeft, wwid }) => (pathsLeft === undefined ? [] : [wwid]))).size === 1;

/** If the bot itself reaches no host, nobody knows of any risk. */
const storagesOf = (incident: Incident, inventory: Inventory): string[] =>
  incident.scope.kind === "bot" ? [] : storagesAtRisk(incident, inventory).map(({ name }) => name);

const MOST_VMS = 8;

function vmText(vms: readonly string[], isAtLeast: boolean): string {
  const more = vms.length - MOST_VMS;
  return `VMs that use it: ${isAtLeast ? "at least " : ""}${vms.slice(0, MOST_VMS).join(", ")}${more > 0 ? ` and ${more} more` : ""}.`;
}

/** Who has it, and who is called for it. */
function careParts(incident: Incident, nowMs: number, { onCall, escalateTo }: OnCall): Part[] {
  const { acknowledged, assigned, silenced, events } = incident;
  const lines: Inline[][] = [];
  const isCalled = (kind: IncidentEvent["kind"]) =>
    !isAcknowledged(incident) && events.some((each) => each.kind === kind);
  if (isCalled("mentioned") && onCall.length > 0) lines.push(["Called: ", ...mentions(onCall)]);
  if (isCalled("escalated") && escalateTo.length > 0) lines.push(["Escalated to ", ...mentions(escalateTo)]);
  if (acknowledged) lines.push(["Acknowledged by ", { person: acknowledged.by }, " at ", { at: acknowledged.at }]);
  if (assigned) lines.push(["Assigned to ", { person: assigned }]);
  if (silenced && isSilenced(incident, nowMs))
    lines.push(["Silenced until ", { at: silenced.until }, ` by `, { person: silenced.by }, `: ${silenced.reason}`]);
  return lines.length === 0 ? [] : [linesPart("On call", lines)];
}

function nextSteps(incident: Incident, inventory: Inventory): NextStep[] {
  const { id, clusterUuid } = incident;
  const cluster = inventory.clusters.find(({ uuid }) => uuid === clusterUuid)?.name;
  const fix = fixOf(incident, inventory);
  return [
    ...(isAcknowledged(incident) ? [] : [{ label: "Acknowledge", words: `incident ack ${id}` }]),
    ...(cluster === undefined ? [] : [{ label: "Check Now", words: `cluster check ${cluster}` }]),
    ...(fix === null ? [] : [fix]),
    { label: "Silence…", words: `incident silence ${id}` },
    { label: "Assign…", words: `incident assign ${id}` },
  ];
}

/** The command that would fix it, if there is one; its plan is shown first. null: a person must act outside the bot. */
function fixOf({ findings }: Incident, inventory: Inventory): NextStep | null {
  const firstOf = new Map<FindingKind, KeptFinding>();
  for (const finding of findings) if (!firstOf.has(finding.kind)) firstOf.set(finding.kind, finding);
  const find = (...kinds: readonly FindingKind[]): KeptFinding | undefined =>
    kinds.flatMap((kind) => firstOf.get(kind) ?? [])[0];
  const hostOf = ({ hostUuid }: KeptFinding) => inventory.hosts.find(({ uuid }) => uuid === hostUuid)?.name;
  const storageOf = ({ storageUuid }: KeptFinding) =>
    inventory.primaryStorages.find(({ uuid }) => uuid === storageUuid)?.name;
  const silent = find("host unreachable");
  if (silent?.text.includes(OTHER_KEY) && hostOf(silent) !== undefined) return `host trust ${hostOf(silent)}`;
  const lost = find("service down", "service not enabled", "lockspace stopped", "volume group incomplete");
  // Without a path nothing else can be repaired.
  if (find("map without paths") !== undefined) return null;
  if (lost !== undefined) {
    const [host, storage] = [hostOf(lost), storageOf(lost)];
    if (host === undefined) return null;
    return storage === undefined ? `host prepare ${host}` : `sharedblock reconnect ${storage} ${host}`;
  }
  const resized = find("size changed", "size differs between paths");
  // What shrank is fixed on the array.
  if (resized !== undefined && (resized.kind !== "size changed" || resized.severity === "info")) {
    const storage = storageOf(resized);
    if (storage !== undefined) return `sharedblock resize ${storage} ${resized.wwid}`;
    // Its other hosts have the size of before, and so may its map.
    const cluster = inventory.clusters.find(({ uuid }) => uuid === resized.clusterUuid)?.name;
    if (resized.storageUuid === null && cluster !== undefined) return `host rescan ${cluster}`;
  }
  const full = find("storage full", "storage filling");
  const filled = full && storageOf(full);
  if (filled !== undefined) return { label: `Extend ${filled}…`, words: "sharedblock extend" };
  const gone = find("LUN without map", "LUN gone", "path outside its map");
  return gone === undefined || hostOf(gone) === undefined ? null : `host rescan ${hostOf(gone)}`;
}
