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
  /** Reported ones that are long over: they can't come back, and leave for the archive. */
  readonly forgotten: readonly Incident[];
}

/** Whether nobody observed yet what the finding says: after a start, it is neither there nor gone. */
type IsUnknown = (finding: KeptFinding) => boolean;

/**
 * One round: the incidents so far, the causes that the observations show now, and what follows. Pure. An incident keeps
 * its id while its cause grows or shrinks: it continues with the cause that shares most findings with it.
 */
export function nextRound(
  given: readonly Incident[],
  found: readonly Cause[],
  nowMs: number,
  damping: Damping,
  newId: () => string,
  isUnknown: IsUnknown = () => false,
): Round {
  const [before, causes] = withoutHeld(given, found);
  const past = before.filter((incident) => !isForgotten(incident, nowMs, damping));
  const [continued, fresh] = matched(past, causes);
  const claimed = new Set(causes.flatMap(({ findings }) => findings.map(({ key }) => key)));
  const round: { incidents: Incident[]; reports: Report[]; forgotten: Incident[] } = {
    ...{ incidents: [], reports: [] },
    forgotten: before.filter((incident) => incident.openedAt !== null && isForgotten(incident, nowMs, damping)),
  };
  const take = ([incident, kind]: Step): void => {
    if (incident === null) return;
    round.incidents.push(incident);
    if (kind !== null) round.reports.push({ incidentId: incident.id, kind });
  };
  for (const incident of past) {
    const cause = continued.get(incident);
    if (cause !== undefined) take(seen(incident, cause, nowMs, damping, isUnknown));
    else if (isLive(incident) && incident.findings.some(isUnknown)) take([incident, null]);
    else take(notSeen(incident, claimed, nowMs, damping));
  }
  for (const cause of fresh) take(seen(begun(cause, nowMs, newId()), cause, nowMs, damping, isUnknown));
  return round;
}

/**
 * A finding that a person resolved is left out until it was away once. Then it is news again. `given` without the keys
 * that are away.
 */
function withoutHeld(
  given: readonly Incident[],
  found: readonly Cause[],
): readonly [readonly Incident[], readonly Cause[]] {
  const all = new Set(given.flatMap(({ held = [] }) => held));
  if (all.size === 0) return [given, found];
  const there = new Set(found.flatMap(({ findings }) => findings.map(({ key }) => key)));
  const causes = found.flatMap((cause) => {
    const findings = cause.findings.filter(({ key }) => !all.has(key));
    if (findings.length === cause.findings.length) return [cause];
    return findings.length === 0
      ? []
      : [{ ...cause, findings, severity: worst(findings.map((each) => each.severity)) }];
  });
  const incidents = given.map((incident) =>
    incident.held === undefined || incident.held.every((key) => there.has(key))
      ? incident
      : { ...incident, held: incident.held.filter((key) => there.has(key)) },
  );
  return [incidents, causes];
}

/** null: nothing is left of it, and nobody read of it. */
type Step = readonly [incident: Incident | null, report: Report["kind"] | null];

/** What is long over can't come back: the same cause is a new incident then. */
const isForgotten = (
  { state, quietAt, resolvedAt, held = [] }: Incident,
  nowMs: number,
  { backWithinMs }: Damping,
): boolean => {
  if (held.length > 0 || quietAt === null) return false;
  const overAt = resolvedAt !== null && resolvedAt > quietAt ? resolvedAt : quietAt;
  return (state === "resolved" || state === "pending") && nowMs - Date.parse(overAt) > backWithinMs;
};

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
  // A live incident continues before an ended one begins again.
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
function seen(incident: Incident, cause: Cause, nowMs: number, damping: Damping, isUnknown: IsUnknown): Step {
  const returned = !isLive(incident);
  const backAt = [
    ...incident.backAt.filter((at) => nowMs - Date.parse(at) <= damping.backWithinMs),
    ...(returned ? [iso(nowMs)] : []),
  ];
  const before = returned ? [] : incident.findings;
  const there = keptFindings(before, cause.findings, nowMs);
  const keys = new Set(there.map(({ key }) => key));
  const kept = [...there, ...before.filter((finding) => !keys.has(finding.key) && isUnknown(finding))];
  const now: Incident = {
    ...incident,
    scope: cause.scope,
    severity: worst(kept.map(({ severity }) => severity)),
    worstSeverity: worst([incident.worstSeverity, cause.severity]),
    findings: kept,
    everFound: [...new Set([...incident.everFound, ...cause.findings.map(({ key }) => key)])],
    quietAt: null,
    resolvedAt: null,
    backAt,
    lastSeenAt: iso(nowMs),
  };
  if (incident.openedAt === null) {
    const lasts = kept.some(({ kind, since }) => nowMs - Date.parse(since) >= damping.lastsMs(kind));
    if (!lasts && backAt.length < damping.flapsFrom) return [{ ...now, state: "pending" }, null];
    const opened = logged(now, nowMs, "opened", factOf(cause));
    return [{ ...opened, state: "open", openedAt: iso(nowMs) }, "opened"];
  }
  if (returned) {
    const isFlapping = backAt.length >= damping.flapsFrom;
    const text = isFlapping ? `back ${backAt.length} times in 10 minutes, now ${factOf(cause)}` : factOf(cause);
    const back: Incident = { ...logged(now, nowMs, isFlapping ? "flapping" : "back", text), state: "open" };
    if (backAt.length > damping.flapsFrom) return [back, null];
    return [back, isFlapping ? "flapping" : "back"];
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
      return [{ ...ended, quietAt: iso(nowMs), findings: [], lastFindings: incident.findings }, "resolved"];
    }
    return [
      { ...logged(incident, nowMs, "quiet", gapText(incident, nowMs)), state: "quiet", quietAt: iso(nowMs) },
      null,
    ];
  }
  if (state === "pending" || quietAt === null || nowMs - Date.parse(quietAt) < damping.quietMs) return [incident, null];
  // It was over when it became quiet. The report waits, because it could have come back.
  const resolved = logged(incident, nowMs, "resolved", "");
  const lastFindings = incident.findings;
  return [{ ...resolved, state: "resolved", resolvedAt: quietAt, findings: [], lastFindings }, "resolved"];
}

/** Longer without any round, and the bot was not running. */
const GAP_MS = 120_000;

/** Since when nobody knows whether it was there, if its end fell into a time without observations. null: it is known. */
export function unknownSince({ lastSeenAt, quietAt }: Pick<Incident, "lastSeenAt" | "quietAt">): string | null {
  if (lastSeenAt === undefined || quietAt === null) return null;
  return Date.parse(quietAt) - Date.parse(lastSeenAt) > GAP_MS ? lastSeenAt : null;
}

const gapText = ({ lastSeenAt }: Incident, nowMs: number): string =>
  unknownSince({ lastSeenAt, quietAt: iso(nowMs) }) === null
    ? ""
    : `it ended between ${lastSeenAt} and now, while nobody observed it`;

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
  const more = Math.max(0, events.length - MOST_EVENTS);
  if (more === 0) return { ...incident, events };
  events.splice(MOST_EVENTS / 2, more);
  return { ...incident, events, omittedEvents: (incident.omittedEvents ?? 0) + more };
}

/** `3 findings: sdc on host1 is failed` */
function factOf({ findings }: Cause): string {
  const [first] = findings;
  const count = findings.length === 1 ? "" : `${findings.length} findings, first: `;
  return `${count}${first?.text ?? ""}`;
}

const iso = (ms: number): string => new Date(ms).toISOString();
