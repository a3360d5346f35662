import { hasWorsened, worst } from "../core/finding.ts";
import type { HeldFinding, Incident, KeptFinding } from "../core/incident.ts";
import type { Cause } from "./cause.ts";

/** From where a finding is read. */
type ReadFrom = Pick<KeptFinding, "kind" | "hostUuid" | "storageUuid">;
/** What is known of a finding that no cause shows now. */
export interface Unshown {
  /** Whether nobody observed yet what the finding says: after a start, it is neither there nor gone. */
  readonly isUnknown?: (finding: ReadFrom) => boolean;
  /** Whether the finding is there, also if a pause or an operation covers it. */
  readonly isThere?: (key: string) => boolean;
}

/**
 * A finding that a person resolved is left out until it was away once, or is worse than it was then. Then it is news
 * again. `given` without what is news.
 */
export function withoutHeld(
  given: readonly Incident[],
  found: readonly Cause[],
  { isUnknown = () => false, isThere = () => false }: Unshown,
): readonly [readonly Incident[], readonly Cause[]] {
  if (given.every(({ held = [] }) => held.length === 0)) return [given, found];
  const isStillThere = ({ key, kind, hostUuid = null, storageUuid = null }: HeldFinding): boolean =>
    isThere(key) || (kind !== undefined && isUnknown({ kind, hostUuid, storageUuid }));
  const there = new Map(found.flatMap(({ findings }) => findings.map((each) => [each.key, each] as const)));
  const holds = (held: HeldFinding): boolean => {
    const now = there.get(held.key);
    return now === undefined ? isStillThere(held) : !hasWorsened(now, held);
  };
  const all = new Set(given.flatMap(({ held = [] }) => held.filter(holds).map(({ key }) => key)));
  const causes = found.flatMap((cause) => {
    const isNews = ({ key }: Pick<KeptFinding, "key">) => !all.has(key);
    const until = cause.findings.length - cause.following;
    const own = cause.findings.slice(0, until).filter(isNews);
    if (own.length === until) return [cause];
    // What is left of its maps is said with all paths that lack.
    const following = cause.findings.slice(until).filter((each) => own.length > 0 || isNews(each));
    const findings = [...own, ...following];
    const severity = worst(findings.map((each) => each.severity));
    return findings.length === 0 ? [] : [{ ...cause, findings, following: following.length, severity }];
  });
  const incidents = given.map((incident) =>
    incident.held === undefined || incident.held.every(holds)
      ? incident
      : { ...incident, held: incident.held.filter(holds) },
  );
  return [incidents, causes];
}
