import { type Finding, type FindingKind, identifies, subjectOf } from "../core/finding.ts";
import type { Incident } from "../core/incident.ts";
import type { Cause } from "./cause.ts";
import { elapsedMs } from "./elapsed.ts";

/** What one incident has now. The largest is first. */
export type Causes = readonly [Cause, ...Cause[]];

/** It was found in the last round. */
export const isLive = ({ state, quietAt }: Incident): boolean =>
  state === "open" || (state === "pending" && quietAt === null);

/** Reported ones first, then those that may be reported, then those that may come back; each in the order of time. */
const byFirst = (a: Incident, b: Incident): number =>
  rankOf(a) - rankOf(b) || startOf(a) - startOf(b) || numberOf(a) - numberOf(b);
const rankOf = ({ state, ...incident }: Incident): number =>
  state === "open" ? 0 : isLive({ state, ...incident }) ? 1 : 2;
const startOf = ({ openedAt, beganAt }: Incident): number => Date.parse(openedAt ?? beganAt);
const numberOf = ({ id }: Incident): number => Number(id.replace(/\D/g, ""));

/** What incidents are known by. */
export const subjectsOf = (findings: readonly Finding[]): string[] =>
  findings.flatMap((finding) => (identifies(finding) ? [subjectOf(finding)] : []));

/** A lost lease may follow from lost paths. The paths say first which incident it is, then the lease. */
function groupsOf({ findings, following }: Cause): readonly string[][] {
  const own = findings.length - following;
  return [subjectsOf(findings.slice(0, own)), subjectsOf(findings.slice(own))];
}

/** Each incident with the causes that continue it, and the causes that are new. */
export function matched(
  incidents: readonly Incident[],
  causes: readonly Cause[],
): readonly [ReadonlyMap<Incident, Causes>, readonly Cause[]] {
  const bySubject = new Map<string, Incident[]>();
  for (const incident of incidents.filter(({ partOf }) => partOf === undefined).sort(byFirst)) {
    const { findings, shownFindings = [], everFound } = incident;
    const subjects = isLive(incident) ? new Set(subjectsOf([...findings, ...shownFindings])) : everFound;
    for (const subject of subjects) {
      const before = bySubject.get(subject);
      if (before === undefined) bySubject.set(subject, [incident]);
      else before.push(incident);
    }
  }
  const continued = new Map<Incident, readonly Cause[]>();
  const fresh: Cause[] = [];
  for (const cause of causes) {
    const [first] = groupsOf(cause).flatMap((subjects) => {
      const sharing = new Set(subjects.flatMap((subject) => bySubject.get(subject) ?? []));
      // Nobody has read of a pending one: it need not keep the parts together.
      const free = [...sharing].filter((incident) => incident.openedAt !== null || !continued.has(incident));
      return free.sort(byFirst);
    });
    if (first === undefined) fresh.push(cause);
    else continued.set(first, [...(continued.get(first) ?? []), cause]);
  }
  return [
    new Map([...continued].flatMap(([incident, [first, ...more]]) => (first ? [[incident, [first, ...more]]] : []))),
    fresh,
  ];
}

/** Which incident has each subject now. */
export const claimsOf = (having: ReadonlyMap<Incident, Causes>): ReadonlyMap<string, string> =>
  new Map(
    [...having].flatMap(([{ id }, causes]) =>
      causes.flatMap(({ findings }) => findings.map((each) => [subjectOf(each), id] as const)),
    ),
  );

/** multipathd checks a path at least every 20 s: a fault shows on all paths by then. With less damping it is less. */
const RELATED_TIMES = 4;
const RELATED_LEAST_MS = 2_000;
const RELATED_MOST_MS = 20_000;

/**
 * The incidents that are not reported yet, because they may turn out to have the cause of an earlier one: both began
 * within a short time, and are parts of one thing.
 */
export function delayedOf(
  having: ReadonlyMap<Incident, Causes>,
  nowMs: number,
  lastsMs: (kind: FindingKind) => number,
): ReadonlySet<Incident> {
  const relatedMs = Math.max(RELATED_LEAST_MS, Math.min(RELATED_MOST_MS, RELATED_TIMES * lastsMs("path failed")));
  const delayed = new Set<Incident>();
  if (![...having.keys()].some(({ openedAt }) => openedAt === null)) return delayed;
  const recent = new Map<string, Incident>();
  for (const [incident, causes] of [...having].sort(([a], [b]) => byFirst(a, b))) {
    const startedMs = Date.parse(incident.backAt.at(-1) ?? incident.beganAt);
    const keys = new Set(causes.flatMap(({ elements }) => elements.flatMap((each) => each.keys)));
    const earlier = [...keys].flatMap((key) => recent.get(key) ?? []).sort(byFirst)[0];
    if (incident.openedAt === null && earlier !== undefined) {
      const earlierMs = Date.parse(earlier.backAt.at(-1) ?? earlier.beganAt);
      // People who are called already need no second call at once. Others must read of it.
      const isCalled = earlier.state === "open" && earlier.severity === "critical";
      const isCritical = causes.some(({ severity }) => severity === "critical");
      const limitMs = isCritical && !isCalled ? startedMs + RELATED_LEAST_MS : earlierMs + relatedMs;
      const leftMs = Math.min(limitMs, earlierMs + relatedMs) - nowMs;
      if (leftMs > 0 && leftMs <= relatedMs) delayed.add(incident);
    }
    if (elapsedMs(startedMs, nowMs) < relatedMs)
      for (const key of keys) if (!recent.has(key)) recent.set(key, incident);
  }
  return delayed;
}
