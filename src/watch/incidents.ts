import { counted } from "../core/counted.ts";
import { type FindingKind, findingKinds, identifies, isWorse, subjectOf, worst } from "../core/finding.ts";
import type { Incident, IncidentEvent, KeptFinding } from "../core/incident.ts";
import { runToEnd, SliceLimit, type Slices } from "../core/parts.ts";
import type { Cause } from "./cause.ts";
import { elapsedMs } from "./elapsed.ts";
import { withEvent } from "./event-log.ts";
import { type Unshown, withoutHeld } from "./held-findings.ts";
import { allFindings, fewestPaths } from "./incident-text.ts";
import { type Causes, claimsOf, delayedOf, isLive, matchedInSlices, subjectsOf } from "./matching.ts";
import { withWorse } from "./worse-since.ts";

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

/** What a round needs with the incidents and the causes. */
interface RoundSetting extends Unshown {
  readonly damping: Damping;
  readonly newId: () => string;
  /** Whether nobody watches any more what the finding says: its host left the inventory. */
  readonly isUnwatched?: (finding: KeptFinding) => boolean;
  /** The cause in words, and what is left. */
  readonly says?: (cause: Pick<Cause, "scope" | "findings" | "shared">) => string;
}
interface Moment {
  readonly nowMs: number;
  readonly damping: Damping;
  readonly isUnknown: (finding: KeptFinding) => boolean;
  readonly isUnwatched: (finding: KeptFinding) => boolean;
  readonly says: (causes: Causes) => string;
}
/** So many findings are compared once in a few milliseconds. */
const FINDINGS = 5_000;

export const nextRound = (...given: Parameters<typeof nextRoundInSlices>): Round =>
  runToEnd(nextRoundInSlices(...given));

/**
 * One round: the incidents so far, the causes that the observations show now, and what follows. Pure. An incident keeps
 * its id while its cause grows or shrinks. If several have one cause, the first one has it from then on. If its cause
 * falls into parts while it ends, it has all of them.
 */
export function* nextRoundInSlices(
  given: readonly Incident[],
  found: readonly Cause[],
  nowMs: number,
  setting: RoundSetting,
): Slices<Round> {
  const { damping, newId, isUnknown = () => false, isUnwatched = () => false, says = firstFinding } = setting;
  const slice = new SliceLimit(FINDINGS);
  const count = found.reduce((sum, { findings }) => sum + findings.length, 0);
  const [before, all] = withoutHeld(given, found, setting);
  const waiting = new Set(
    all.filter((cause) => waits(cause, nowMs, damping)).flatMap(({ findings }) => subjectsOf(findings)),
  );
  const causes = all.filter((cause) => !waits(cause, nowMs, damping));
  if (slice.isOver(count)) yield;
  const moment: Moment = {
    ...{ nowMs, damping, isUnwatched },
    isUnknown: (finding) => waiting.has(subjectOf(finding)) || isUnknown(finding),
    says: ([first, ...more]) => says(first) + (more.length === 0 ? "" : `, and ${counted(more.length, "more cause")}`),
  };
  const past = before.filter((incident) => !isForgotten(incident, nowMs, damping));
  const [continued, fresh] = yield* matchedInSlices(past, causes, slice);
  if (slice.isOver(count)) yield;
  const begun = fresh.map((cause) => [beginning(cause, newId()), [cause]] as const);
  const having = new Map<Incident, Causes>([...continued, ...begun]);
  const claimed = claimsOf(having);
  if (slice.isOver(count)) yield;
  const sharers = sharersIn(having, claimed);
  if (slice.isOver(count)) yield;
  const delayed = delayedOf(having, nowMs, damping.lastsMs);
  const round: { incidents: Incident[]; reports: Report[]; forgotten: Incident[] } = {
    ...{ incidents: [], reports: [] },
    forgotten: before.filter((incident) => incident.openedAt !== null && isForgotten(incident, nowMs, damping)),
  };
  for (const incident of [...past, ...begun.map(([each]) => each)]) {
    const own = having.get(incident);
    if (slice.isOver(incident.findings.length)) yield;
    const [next, kind] =
      own !== undefined
        ? yield* seen(incident, own, delayed.has(incident), sharers.get(incident.id), moment, slice)
        : isWaiting(incident, waiting, moment)
          ? ([incident, null] as const)
          : notSeen(incident, claimed, moment);
    if (next === null) continue;
    round.incidents.push(next);
    if (kind !== null) round.reports.push({ incidentId: next.id, kind });
  }
  return round;
}

/** Silent hosts answer late: whether all are silent shows only then. */
const DOUBT_OF_HOSTS_MS = 30_000;
const DOUBT_MS = 1_000;

/** Whether the next observations are to decide first what the cause is. Until then it changes nothing. */
function waits({ findings, isDoubtful, parts }: Cause, nowMs: number, damping: Damping): boolean {
  if (!isDoubtful) return false;
  if (parts?.some((part) => part.isDoubtful)) return parts.some((part) => waits(part, nowMs, damping));
  const limitMs = findings.some(({ kind }) => kind === "host unreachable" && damping.lastsMs(kind) > 0)
    ? DOUBT_OF_HOSTS_MS
    : DOUBT_MS;
  return elapsedMs(startMs(findings), nowMs) < limitMs;
}

const startMs = (findings: Cause["findings"]): number =>
  findings.reduce((first, { sinceMs }) => Math.min(first, sinceMs), Number.POSITIVE_INFINITY);

/** By the id of an incident: those with which it shares what follows from its findings. */
function sharersIn(having: ReadonlyMap<Incident, Causes>, claimed: ReadonlyMap<string, string>) {
  const sharers = new Map<string, Set<string>>();
  const add = (id: string, other: string) => void sharers.set(id, (sharers.get(id) ?? new Set()).add(other));
  for (const [{ id }, causes] of having)
    for (const { shared } of causes)
      for (const finding of shared) {
        const owner = claimed.get(subjectOf(finding));
        if (owner === undefined || owner === id) continue;
        add(id, owner);
        add(owner, id);
      }
  return sharers;
}

/** Nobody knows whether it is over. */
const isWaiting = (incident: Incident, waiting: ReadonlySet<string>, { isUnknown }: Moment): boolean =>
  isLive(incident)
    ? incident.findings.some(isUnknown)
    : incident.state === "quiet" && incident.everFound.some((subject) => waiting.has(subject));

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
  return (state === "resolved" || state === "pending") && elapsedMs(Date.parse(overAt), nowMs) > backWithinMs;
};

function beginning({ scope, findings, severity }: Cause, id: string): Incident {
  const at = iso(startMs(findings));
  return {
    ...{ id, scope, clusterUuid: findings[0]?.clusterUuid ?? "" },
    ...{ severity, worstSeverity: severity, state: "pending", findings: [], everFound: [] },
    ...{ beganAt: at, openedAt: null, quietAt: null, resolvedAt: null, backAt: [] },
    ...{ acknowledged: null, assigned: null, silenced: null },
    events: [{ at, kind: "began", by: null, text: firstFinding({ findings }) }],
  };
}

/** Its causes are there now. */
function* seen(
  given: Incident,
  causes: Causes,
  isDelayed: boolean,
  sharers: ReadonlySet<string> | undefined,
  moment: Moment,
  slice: SliceLimit,
): Slices<Step> {
  const { nowMs, damping, isUnknown, says } = moment;
  const { sharedFindings: sharedBefore = [], sharesWith: _, unwatched: __, ...incident } = given;
  const returned = !isLive(incident);
  const backAt = [
    ...incident.backAt.filter((at) => nowMs - Date.parse(at) <= damping.backWithinMs),
    ...(returned ? [iso(nowMs)] : []),
  ];
  const before = returned ? [] : incident.findings;
  const there = keptFindings(
    before,
    causes.flatMap(({ findings }) => findings),
  );
  const sharedFindings = keptFindings(
    sharedBefore,
    causes.flatMap(({ shared }) => shared),
  );
  if (slice.isOver(there.length)) yield;
  const subjects = new Set(there.map(subjectOf));
  const findings = [...there, ...before.filter((each) => !subjects.has(subjectOf(each)) && isUnknown(each))];
  if (slice.isOver(there.length)) yield;
  const lasting = findings.filter(({ kind, since }) => elapsedMs(Date.parse(since), nowMs) >= damping.lastsMs(kind));
  const severity = worst((lasting.length > 0 ? lasting : findings).map((each) => each.severity));
  if (slice.isOver(there.length)) yield;
  const { incident: now, isNews } = withWorse(
    {
      ...incident,
      ...{ severity, worstSeverity: worst([incident.worstSeverity, severity]) },
      ...{ findings, everFound: withAll(incident.everFound, subjectsOf(there)) },
      ...(sharedFindings.length > 0 && { sharedFindings }),
      ...(sharers && { sharesWith: [...sharers].sort() }),
      ...{ quietAt: null, resolvedAt: null, backAt, lastSeenAt: iso(nowMs) },
    },
    nowMs,
    damping.lastsMs,
  );
  if (slice.isOver(there.length)) yield;
  const text = says(causes);
  if (slice.isOver(there.length)) yield;
  if (incident.openedAt === null) {
    const pending: Incident = { ...shownNow(now, causes), state: "pending" };
    const isFlapping = backAt.length >= damping.flapsFrom;
    if ((lasting.length === 0 || isDelayed) && !isFlapping) return [pending, null];
    const opened = logged(atItsWorst(pending, incident, text), nowMs, "opened", text);
    return [{ ...opened, state: "open", openedAt: iso(nowMs), openedSeverity: severity }, "opened"];
  }
  if (returned) {
    const isFlapping = backAt.length >= damping.flapsFrom;
    const fact = isFlapping ? `back ${backAt.length} times in 10 minutes, now ${text}` : text;
    const kind = isFlapping ? "flapping" : "back";
    const shown = atItsWorst(shownNow(now, causes), incident, text);
    const back: Incident = { ...logged(shown, nowMs, kind, fact), state: "open" };
    return [back, backAt.length > damping.flapsFrom ? null : kind];
  }
  const [next, changes] = changed(given, now, causes, nowMs, damping, isNews);
  if (slice.isOver(there.length)) yield;
  // Another cause may take paths of its LUNs.
  const hasLess = fewestPaths(next) < (next.atWorst?.paths ?? 0);
  if (changes.length === 0) return [hasLess ? atItsWorst(next, incident, text) : next, null];
  const first = atItsWorst(next, incident, text);
  return [changes.reduce((each, kind) => logged(each, nowMs, kind, text), first), "changed"];
}

function withAll(before: readonly string[], more: readonly string[]): string[] {
  const all = new Set(before);
  for (const each of more) all.add(each);
  return [...all];
}

/** Its title says what is found now. */
function shownNow({ shownFindings, shrinking, moreCauses, ...incident }: Incident, [first, ...more]: Causes): Incident {
  return { ...incident, scope: first.scope, ...(more.length > 0 && { moreCauses: more.length }) };
}

/**
 * What the title of an open incident says now, and what is new. If less is found than the title says, it may be about to
 * end: the title is changed only if that lasts. `hasWorsened`: an acknowledgement or a silence no longer counts.
 */
function changed(
  before: Incident,
  now: Incident,
  causes: Causes,
  nowMs: number,
  { quietMs }: Damping,
  hasWorsened: boolean,
): readonly [Incident, readonly IncidentEvent["kind"][]] {
  const shown = before.shownFindings ?? allFindings(before);
  const [had, has] = [new Set(subjectsOf(shown)), new Set(subjectsOf(now.findings))];
  const shrinking = before.shrinking ?? { since: iso(nowMs), severity: before.severity };
  const grew = [...has].some((subject) => !had.has(subject));
  const isLess = !grew && has.size < had.size;
  const usual = before.shrinking?.severity ?? before.severity;
  const gotWorse = hasWorsened || isWorse(now.severity, usual);
  const isBetter = now.severity !== usual && !gotWorse;
  const severer: readonly IncidentEvent["kind"][] = gotWorse ? ["worse"] : [];
  // What gets worse does not end: its title says at once what is there.
  if (isLess && !gotWorse && elapsedMs(Date.parse(shrinking.since), nowMs) < quietMs)
    return [{ ...now, shownFindings: shown, shrinking }, []];
  const kinds: readonly IncidentEvent["kind"][] = [
    ...(grew ? (["grew"] as const) : isLess ? (["shrank"] as const) : []),
    ...(isBetter ? (["better"] as const) : severer),
  ];
  return [shownNow(now, causes), kinds];
}

/** With what is said of it in words if it was never worse, nor larger. */
function atItsWorst(now: Incident, before: Incident, text: string): Incident {
  const { severity, findings } = now;
  const { atWorst, worstSeverity } = before;
  const isWorst = worst([severity, worstSeverity]) === severity;
  // What works again in part shows more findings than while nothing could be observed.
  const isEnding = findings.some(({ brokeAs }) => brokeAs !== undefined);
  const isMost = severity !== worstSeverity || (!isEnding && findings.length >= (atWorst?.findings ?? 0));
  const paths = fewestPaths(now);
  const hasLess = paths < (atWorst?.paths ?? 0);
  return atWorst === undefined || (isWorst && (isMost || hasLess))
    ? { ...now, atWorst: { text, findings: findings.length, ...(Number.isFinite(paths) && { paths }) } }
    : now;
}

/** No cause is found for it now. `claimed`: which incident has a subject. */
function notSeen(
  incident: Incident,
  claimed: ReadonlyMap<string, string>,
  { nowMs, damping, isUnwatched }: Moment,
): Step {
  const { state, quietAt, findings, shownFindings = allFindings(incident) } = incident;
  if (state === "resolved") return [incident, null];
  if (isLive(incident)) {
    const partOf = subjectsOf(findings)
      .map((subject) => claimed.get(subject))
      .find((id) => id !== undefined);
    if (state === "pending")
      return [partOf === undefined ? { ...incident, quietAt: iso(nowMs), findings: [] } : null, null];
    // Two about one cause would both call for a person.
    if (partOf !== undefined) {
      const joined = logged(incident, nowMs, "joined", `part of ${partOf}`);
      const at = iso(nowMs);
      return [{ ...ended(joined), partOf, state: "resolved", resolvedAt: at, quietAt: at, shownFindings }, "resolved"];
    }
    // What is left of a map follows from its paths.
    const own = findings.filter(identifies);
    const unwatched = findings.length > 0 && (own.length > 0 ? own : findings).every(isUnwatched);
    const text = unwatched ? "it is not watched any more" : gapText(incident, nowMs);
    const quiet = { ...logged(incident, nowMs, "quiet", text), state: "quiet" as const, quietAt: iso(nowMs) };
    return [{ ...quiet, ...(unwatched && { unwatched }) }, null];
  }
  if (state === "pending" || quietAt === null || elapsedMs(Date.parse(quietAt), nowMs) < damping.quietMs)
    return [incident, null];
  // It was over when it became quiet. The report waits, because it could have come back.
  const resolved = logged(incident, nowMs, "resolved", "");
  return [{ ...ended(resolved), state: "resolved", resolvedAt: quietAt, shownFindings }, "resolved"];
}

/** Nothing is found of it any more. */
export const ended = ({ sharedFindings, sharesWith, ...incident }: Incident): Incident => ({
  ...incident,
  findings: [],
});

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

/** What did not change stays the same object. */
function keptFindings(before: readonly KeptFinding[], found: Cause["findings"]): KeptFinding[] {
  if (found.length === 0) return [];
  const had = new Map(before.map((finding) => [finding.key, finding]));
  return found.map(({ sinceMs, ...each }) => {
    const kept = had.get(each.key);
    // Those of an earlier version do not say the adapter.
    const isSame =
      kept?.text === each.text &&
      kept.severity === each.severity &&
      kept.adapter === each.adapter &&
      kept.worseFrom === each.worseFrom;
    if (kept !== undefined && isSame) return kept;
    return { ...each, since: kept?.since ?? iso(sinceMs) };
  });
}

const logged = (incident: Incident, nowMs: number, kind: IncidentEvent["kind"], text: string): Incident =>
  withEvent(incident, { at: iso(nowMs), kind, by: null, text });

/** `3 findings, first: sdc on host1 is failed` */
function firstFinding({ findings }: Pick<Cause, "findings">): string {
  const [first] = findings;
  const count = findings.length === 1 ? "" : `${findings.length} findings, first: `;
  return `${count}${first?.text ?? ""}`;
}

const iso = (ms: number): string => new Date(ms).toISOString();
