import { type FindingKind, isWorse, subjectOf } from "../core/finding.ts";
import type { Incident, KeptFinding } from "../core/incident.ts";
import { elapsedMs } from "./elapsed.ts";

/** How bad an incident was when a person acknowledged or silenced it. */
type AsThen = Pick<NonNullable<Incident["acknowledged"]>, "severity" | "worseFrom" | "worse">;

/** A host that does not renew its lease is dead for sanlock within a minute. Who took that knows it. */
const hasCourse: ReadonlySet<FindingKind> = new Set(["host unreachable"]);

/** What an acknowledgement or a silence of now keeps of the incident. */
export function asBadAs({ severity, findings }: Pick<Incident, "severity" | "findings">): AsThen {
  const measured = findings.flatMap((finding): [string, number][] =>
    finding.worseFrom === undefined || hasCourse.has(finding.kind) ? [] : [[subjectOf(finding), finding.worseFrom]],
  );
  return { severity, ...(measured.length > 0 && { worseFrom: Object.fromEntries(measured) }) };
}

/**
 * With what no longer counts: an acknowledgement or a silence of before a finding got clearly worse, though the incident
 * is as severe. `isNews`: this round shows it. What is worse for less than its damping time may pass.
 */
export function withWorse(
  incident: Incident,
  nowMs: number,
  lastsMs: (kind: FindingKind) => number,
): { readonly incident: Incident; readonly isNews: boolean } {
  const { acknowledged, silenced, findings } = incident;
  const compared = <T extends AsThen>(then: T | null): T | null => {
    if (then === null || then.worseFrom === undefined || then.worse?.isLasting === true) return then;
    const kind = worseKind(findings, then.worseFrom);
    const { worse, ...rest } = then;
    if (kind === null) return worse === undefined ? then : (rest as T);
    const since = worse?.since ?? new Date(nowMs).toISOString();
    return { ...then, worse: { since, isLasting: elapsedMs(Date.parse(since), nowMs) >= lastsMs(kind) } };
  };
  const next = { ...incident, acknowledged: compared(acknowledged), silenced: compared(silenced) };
  // What became more severe is news already.
  const isOver = (before: AsThen | null, now: AsThen | null) =>
    now?.worse?.isLasting === true &&
    before?.worse?.isLasting !== true &&
    !isWorse(incident.severity, now.severity ?? incident.severity);
  return { incident: next, isNews: isOver(acknowledged, next.acknowledged) || isOver(silenced, next.silenced) };
}

/** The kind of the first finding that is worse than it was; null: none is. */
function worseKind(findings: readonly KeptFinding[], worseFrom: Readonly<Record<string, number>>): FindingKind | null {
  const worse = findings.find((finding) => {
    const from = worseFrom[subjectOf(finding)];
    return finding.badness !== undefined && from !== undefined && finding.badness >= from;
  });
  return worse?.kind ?? null;
}
