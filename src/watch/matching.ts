import type { Scope } from "../core/cause-scope.ts";
import { type Finding, type FindingKind, identifies, subjectOf } from "../core/finding.ts";
import type { Incident } from "../core/incident.ts";
import type { SliceLimit, Slices } from "../core/parts.ts";
import { type Cause, keyOf } from "./cause.ts";
import { elapsedMs } from "./elapsed.ts";
import { partsIn } from "./grown-cause.ts";

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
function groupsOf({ findings, following }: Cause): readonly [own: string[], following: string[]] {
  const own = findings.length - following;
  return [subjectsOf(findings.slice(0, own)), subjectsOf(findings.slice(own))];
}

/** The array does not offer a LUN. The others are links that do not work. */
const kindOf = (scope: Scope): string => partsIn(scope)?.part ?? scope.kind;
const isOffer = (scope: Scope): boolean => ["LUN on a host", "LUN at a port", "LUN"].includes(kindOf(scope));
const isPath = (scope: Scope): boolean => kindOf(scope) === "path";
const isOneKind = (a: Scope, b: Scope): boolean => isPath(a) || isPath(b) || isOffer(a) === isOffer(b);

/** What all elements of a cause that is this one again, or a part of it, are parts of. */
function wholeOf(scope: Scope): string {
  const parts = partsIn(scope);
  return parts === null ? keyOf(scope) : `${parts.whole} ${parts.id}`;
}

/** Incidents that may come back. */
class Ended {
  readonly #byScope = new Map<string, Incident[]>();
  readonly #bySubject = new Map<string, Incident[]>();

  add(incident: Incident): void {
    addTo(this.#byScope, keyOf(incident.scope), incident);
    for (const subject of incident.everFound) addTo(this.#bySubject, subject, incident);
  }

  /**
   * Those with this cause, the surest first. It has the same scope, or came back smaller or larger. One common path is not
   * enough: a port that failed before is not why a LUN is unmapped now.
   */
  with(cause: Cause): Incident[] {
    const same = this.#byScope.get(keyOf(cause.scope)) ?? [];
    const [own] = groupsOf(cause);
    const known = new Map<Incident, number>();
    for (const subject of own)
      for (const incident of this.#bySubject.get(subject) ?? []) known.set(incident, (known.get(incident) ?? 0) + 1);
    const now = new Set(own);
    const others = [...known].flatMap(([incident, count]) => {
      const { scope, findings, shownFindings = findings } = incident;
      if (count * 2 <= own.length || !isOneKind(scope, cause.scope)) return [];
      const isPart = cause.elements.every(({ keys }) => keys.includes(wholeOf(scope)));
      return isPart || subjectsOf(shownFindings).every((subject) => now.has(subject)) ? [incident] : [];
    });
    return [...new Set([...same.toSorted(byFirst), ...others.sort(byFirst)])];
  }
}

function addTo(index: Map<string, Incident[]>, key: string, incident: Incident): void {
  const before = index.get(key);
  if (before === undefined) index.set(key, [incident]);
  else before.push(incident);
}

/** Each incident with the causes that continue it, and the causes that are new. */
export function* matchedInSlices(
  incidents: readonly Incident[],
  causes: readonly Cause[],
  slice: SliceLimit,
): Slices<readonly [ReadonlyMap<Incident, Causes>, readonly Cause[]]> {
  const live = new Map<string, Incident[]>();
  const ended = new Ended();
  for (const incident of incidents) {
    const { partOf, findings, shownFindings = [] } = incident;
    if (partOf !== undefined) continue;
    if (slice.isOver(findings.length + shownFindings.length)) yield;
    if (!isLive(incident)) ended.add(incident);
    else for (const subject of new Set(subjectsOf([...findings, ...shownFindings]))) addTo(live, subject, incident);
  }
  const continued = new Map<Incident, readonly Cause[]>();
  const fresh: Cause[] = [];
  for (const cause of causes) {
    if (slice.isOver(cause.findings.length)) yield;
    const sharing = (subjects: readonly string[]) =>
      [...new Set(subjects.flatMap((subject) => live.get(subject) ?? []))].sort(byFirst);
    const [subjects, followingSubjects] = groupsOf(cause);
    const [own, following] = [sharing(subjects), sharing(followingSubjects)];
    if (slice.isOver(cause.findings.length)) yield;
    const back = ended.with(cause);
    // Nobody has read of a pending one: it need not keep the parts together, and one that comes back is it.
    const [first] = [...own.filter(isOpen), ...back.filter(isReported), ...own, ...back, ...following].filter(
      (incident) => isReported(incident) || !continued.has(incident),
    );
    if (first === undefined) fresh.push(cause);
    else continued.set(first, [...(continued.get(first) ?? []), cause]);
  }
  return [
    new Map([...continued].flatMap(([incident, [first, ...more]]) => (first ? [[incident, [first, ...more]]] : []))),
    fresh,
  ];
}

const isOpen = ({ state }: Incident): boolean => state === "open";
const isReported = ({ openedAt }: Incident): boolean => openedAt !== null;

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

/** For how long an incident may wait, because it may have the cause of one that began before. */
export const relatedMsOf = (lastsMs: (kind: FindingKind) => number): number =>
  Math.max(RELATED_LEAST_MS, Math.min(RELATED_MOST_MS, RELATED_TIMES * lastsMs("path failed")));

/**
 * The incidents that are not reported yet, because they may turn out to have the cause of an earlier one: both began
 * within a short time, and are parts of one thing.
 */
export function delayedOf(
  having: ReadonlyMap<Incident, Causes>,
  nowMs: number,
  lastsMs: (kind: FindingKind) => number,
): ReadonlySet<Incident> {
  const relatedMs = relatedMsOf(lastsMs);
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
