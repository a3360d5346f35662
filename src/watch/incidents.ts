import { type Finding, type FindingKind, findingKinds, worst } from "../core/finding.ts";
import type { Incident, IncidentEvent, KeptFinding } from "../core/incident.ts";
import type { Cause } from "./cause.ts";

/** When an incident is reported, and when it is over. All times in milliseconds. */
export interface Damping {
  /** How long a finding must last before it is reported. */
  lastsMs(kind: FindingKind): number;
  /** For how long nothing must be found before an incident is resolved. */
  readonly quietMs: number;
  /** What comes back within this time is the same incident. */
  readonly backWithinMs: number;
  /** From this many returns within `backWithinMs` it is flapping, and its returns are counted, not reported. */
  readonly flapsFrom: number;
}

export const usualDamping: Damping = {
  lastsMs: (kind) => findingKinds[kind].lastsMs,
  quietMs: 60_000,
  backWithinMs: 600_000,
  flapsFrom: 3,
};

/** What a person is to read of an incident after one round of observations. */
export interface Report {
  readonly incidentId: string;
  readonly kind: "opened" | "changed" | "back" | "flapping" | "resolved";
}
export interface Round {
  readonly incidents: readonly Incident[];
  readonly reports: readonly Report[];
}

/**
 * One round: the incidents so far, the causes that the observations show now, and what follows. Pure. An incident keeps
 * its id while its cause grows or shrinks: it goes on with the cause that shares most findings with it.
 */
export function nextRound(
  before: readonly Incident[],
  causes: readonly Cause[],
  nowMs: number,
  damping: Damping,
  newId: () => string,
): Round {
  const past = before.filter((incident) => !isForgotten(incident, nowMs, damping));
  const [continued, fresh] = matched(past, causes);
  const claimed = new Set(causes.flatMap(({ findings }) => findings.map(({ key }) => key)));
  const round: { incidents: Incident[]; reports: Report[] } = { incidents: [], reports: [] };
  const take = ([incident, kind]: Step): void => {
    if (incident === null) return;
    round.incidents.push(incident);
    if (kind !== null) round.reports.push({ incidentId: incident.id, kind });
  };
  for (const incident of past) {
    const cause = continued.get(incident);
    if (cause !== undefined) take(seen(incident, cause, nowMs, damping));
    else take(notSeen(incident, claimed, nowMs, damping));
  }
  for (const cause of fresh) take(seen(begun(cause, nowMs, newId()), cause, nowMs, damping));
  return round;
}

/** null: nothing is left of it, and nobody read of it. */
type Step = readonly [incident: Incident | null, report: Report["kind"] | null];

/** What is long over can't come back: the same cause is a new incident then. */
const isForgotten = ({ state, quietAt }: Incident, nowMs: number, { backWithinMs }: Damping): boolean =>
  (state === "resolved" || state === "pending") && quietAt !== null && nowMs - Date.parse(quietAt) > backWithinMs;

const isLive = ({ state, quietAt }: Incident): boolean => state === "open" || (state === "pending" && quietAt === null);

/** Each incident with the cause that continues it, and the causes that are new. Most shared findings first. */
function matched(
  incidents: readonly Incident[],
  causes: readonly Cause[],
): readonly [ReadonlyMap<Incident, Cause>, readonly Cause[]] {
  const byKey = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const keys = isLive(incident) ? incident.findings.map(({ key }) => key) : incident.everFound;
    for (const key of keys) byKey.set(key, [...(byKey.get(key) ?? []), incident]);
  }
  const pairs = causes.flatMap((cause) => {
    const shared = new Map<Incident, number>();
    for (const { key } of cause.findings)
      for (const incident of byKey.get(key) ?? []) shared.set(incident, (shared.get(incident) ?? 0) + 1);
    return [...shared].map(([incident, count]) => ({ cause, incident, count }));
  });
  // A live incident goes on before an ended one begins again.
  pairs.sort((a, b) => Number(isLive(b.incident)) - Number(isLive(a.incident)) || b.count - a.count);
  const continued = new Map<Incident, Cause>();
  const taken = new Set<Cause>();
  for (const { cause, incident } of pairs) {
    if (continued.has(incident) || taken.has(cause)) continue;
    continued.set(incident, cause);
    taken.add(cause);
  }
  return [continued, causes.filter((cause) => !taken.has(cause))];
}

function begun(cause: Cause, nowMs: number, id: string): Incident {
  const at = iso(nowMs);
  return {
    id,
    scope: cause.scope,
    clusterUuid: cause.findings[0]?.clusterUuid ?? "",
    severity: cause.severity,
    worstSeverity: cause.severity,
    state: "pending",
    findings: [],
    everFound: [],
    beganAt: at,
    openedAt: null,
    quietAt: null,
    resolvedAt: null,
    backAt: [],
    acknowledged: null,
    assigned: null,
    silenced: null,
    events: [{ at, kind: "began", by: null, text: factOf(cause) }],
  };
}

/** Its cause is there now. */
function seen(incident: Incident, cause: Cause, nowMs: number, damping: Damping): Step {
  const returned = !isLive(incident);
  const backAt = [
    ...incident.backAt.filter((at) => nowMs - Date.parse(at) <= damping.backWithinMs),
    ...(returned ? [iso(nowMs)] : []),
  ];
  const kept = keptFindings(returned ? [] : incident.findings, cause.findings, nowMs);
  const now: Incident = {
    ...incident,
    scope: cause.scope,
    severity: cause.severity,
    worstSeverity: worst([incident.worstSeverity, cause.severity]),
    findings: kept,
    everFound: [...new Set([...incident.everFound, ...cause.findings.map(({ key }) => key)])],
    quietAt: null,
    resolvedAt: null,
    backAt,
  };
  if (incident.openedAt === null) {
    const lasts = kept.some(({ kind, since }) => nowMs - Date.parse(since) >= damping.lastsMs(kind));
    if (!lasts && backAt.length < damping.flapsFrom) return [{ ...now, state: "pending" }, null];
    const opened = logged(now, nowMs, "opened", factOf(cause));
    return [{ ...opened, state: "open", openedAt: iso(nowMs) }, "opened"];
  }
  if (returned) {
    const back: Incident = { ...logged(now, nowMs, "back", factOf(cause)), state: "open" };
    if (backAt.length > damping.flapsFrom) return [back, null];
    return [back, backAt.length === damping.flapsFrom ? "flapping" : "back"];
  }
  const changes = changesOf(incident, now);
  if (changes.length === 0) return [now, null];
  return [changes.reduce((each, kind) => logged(each, nowMs, kind, factOf(cause)), now), "changed"];
}

/** No cause is found for it now. */
function notSeen(incident: Incident, claimed: ReadonlySet<string>, nowMs: number, damping: Damping): Step {
  const { state, quietAt } = incident;
  if (state === "resolved") return [incident, null];
  if (isLive(incident)) {
    const joins = incident.findings.some(({ key }) => claimed.has(key));
    if (state === "pending") return [joins ? null : { ...incident, quietAt: iso(nowMs), findings: [] }, null];
    // Another incident has all of it now: two about one cause would both call for a person.
    if (joins) {
      const ended = { ...logged(incident, nowMs, "joined", ""), state: "resolved", resolvedAt: iso(nowMs) } as const;
      return [{ ...ended, quietAt: iso(nowMs), findings: [] }, "resolved"];
    }
    return [{ ...logged(incident, nowMs, "quiet", ""), state: "quiet", quietAt: iso(nowMs) }, null];
  }
  if (state === "pending" || quietAt === null || nowMs - Date.parse(quietAt) < damping.quietMs) return [incident, null];
  // It was over when it became quiet; that it is told later is our caution.
  const resolved = logged(incident, nowMs, "resolved", "");
  return [{ ...resolved, state: "resolved", resolvedAt: quietAt, findings: [] }, "resolved"];
}

const keptFindings = (before: readonly KeptFinding[], now: readonly Finding[], nowMs: number): KeptFinding[] => {
  const since = new Map(before.map((finding) => [finding.key, finding.since]));
  return now.map((finding) => ({ ...finding, since: since.get(finding.key) ?? iso(nowMs) }));
};

function changesOf(before: Incident, now: Incident): IncidentEvent["kind"][] {
  const had = new Set(before.findings.map(({ key }) => key));
  const has = new Set(now.findings.map(({ key }) => key));
  const changes: IncidentEvent["kind"][] = [];
  if (now.findings.some(({ key }) => !had.has(key))) changes.push("grew");
  if (before.findings.some(({ key }) => !has.has(key))) changes.push("shrank");
  if (now.severity !== before.severity)
    changes.push(worst([now.severity, before.severity]) === now.severity ? "worse" : "better");
  return changes;
}

/** A flapping incident has many events; a review needs the first and the latest. */
const MOST_EVENTS = 500;

function logged(incident: Incident, nowMs: number, kind: IncidentEvent["kind"], text: string): Incident {
  const events = [...incident.events, { at: iso(nowMs), kind, by: null, text }];
  if (events.length > MOST_EVENTS) events.splice(MOST_EVENTS / 2, events.length - MOST_EVENTS);
  return { ...incident, events };
}

/** `3 findings: sdc on host1 is failed` */
function factOf({ findings }: Cause): string {
  const [first] = findings;
  const count = findings.length === 1 ? "" : `${findings.length} findings, first: `;
  return `${count}${first?.text ?? ""}`;
}

const iso = (ms: number): string => new Date(ms).toISOString();
