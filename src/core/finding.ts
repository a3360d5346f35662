/** critical: data or service is at risk. warning: redundancy is lost. info: a person may want to know it. */
export type Severity = "critical" | "warning" | "info";

/**
 * Each kind of finding, with its usual severity, and how long it must last before a person reads of it. `about`: kinds that
 * say how bad one thing is. One follows the other while the thing gets worse or better.
 */
export const findingKinds = {
  "path failed": { about: "path", severity: "warning", lastsMs: 5_000 },
  "map degraded": { about: "map", severity: "warning", lastsMs: 5_000 },
  "map without paths": { about: "map", severity: "critical", lastsMs: 0 },
  "LUN without map": { about: "map", severity: "critical", lastsMs: 5_000 },
  "LUN gone": { about: "map", severity: "warning", lastsMs: 5_000 },
  "LUN new": { about: "new LUN", severity: "info", lastsMs: 5_000 },
  "size changed": { about: "size", severity: "info", lastsMs: 5_000 },
  "size differs between paths": { about: "path sizes", severity: "warning", lastsMs: 60_000 },
  "one name, two LUNs": { about: "name", severity: "critical", lastsMs: 0 },
  "path outside its map": { about: "map", severity: "warning", lastsMs: 15_000 },
  "lease old": { about: "lease", severity: "warning", lastsMs: 5_000 },
  "lease lost": { about: "lease", severity: "critical", lastsMs: 0 },
  "lockspace stopped": { about: "lease", severity: "warning", lastsMs: 15_000 },
  "host id in use elsewhere": { about: "host id", severity: "critical", lastsMs: 0 },
  "service down": { about: "service", severity: "warning", lastsMs: 15_000 },
  "service without answer": { about: "service", severity: "warning", lastsMs: 10_000 },
  "answer not readable": { about: "answer", severity: "warning", lastsMs: 15_000 },
  "service not enabled": { about: "service", severity: "info", lastsMs: 60_000 },
  "host unreachable": { about: "host", severity: "warning", lastsMs: 15_000 },
  "clock skew": { about: "clock", severity: "warning", lastsMs: 60_000 },
  "volume group incomplete": { about: "volume group", severity: "critical", lastsMs: 0 },
  "space not read": { about: "space", severity: "warning", lastsMs: 0 },
  "storage filling": { about: "capacity", severity: "warning", lastsMs: 5_000 },
  "storage full": { about: "full", severity: "critical", lastsMs: 0 },
  "volume filling": { about: "volume", severity: "warning", lastsMs: 5_000 },
  "volume full": { about: "full volume", severity: "critical", lastsMs: 0 },
} as const satisfies Readonly<
  Record<string, { readonly about: string; readonly severity: Severity; readonly lastsMs: number }>
>;

export type FindingKind = keyof typeof findingKinds;

/** One fact that is not as it must be, seen by one observation. Times are kept by the incident, not here. */
export interface Finding {
  /** The same fact at another time has the same key. */
  readonly key: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly clusterUuid: string;
  /** The host that shows it; null for a fact about the storage itself. */
  readonly hostUuid: string | null;
  readonly wwid: string | null;
  /** The storage that is affected; null if the LUN belongs to none. */
  readonly storageUuid: string | null;
  /** One line for a person, object first: `sdc on host1 is failed`. */
  readonly text: string;
  /** Of a map that lacks paths: how many it still has. Others have none. */
  readonly pathsLeft?: number | undefined;
  /** Of a path: the host's adapter that it begins at, and the array's port that it leads to. Others have none. */
  readonly adapter?: string | undefined;
  readonly port?: string | undefined;
  /** Of what has a measure: how bad it is. Larger is worse: percent, seconds, negative bytes. Others have none. */
  readonly badness?: number | undefined;
  /** From this badness on it is clearly worse than now: what people hear of again. */
  readonly worseFrom?: number | undefined;
  /** Of what works again in part: what broke, in words. After the end its incident says this. Others have none. */
  readonly brokeAs?: string | undefined;
}

/**
 * Whether an incident is known by it. Not by a degraded map: its failed paths say the same, and these may have several
 * causes.
 */
export const identifies = ({ pathsLeft }: Pick<Finding, "pathsLeft">): boolean => pathsLeft === undefined;

const subjects = new WeakMap<Pick<Finding, "key" | "kind">, string>();

/** What the finding is about: the same while it gets worse or better. Each round asks for it, of each finding. */
export function subjectOf(finding: Pick<Finding, "key" | "kind">): string {
  const before = subjects.get(finding);
  if (before !== undefined) return before;
  const { key, kind } = finding;
  const subject = `${findingKinds[kind].about}${key.slice(kind.length)}`;
  subjects.set(finding, subject);
  return subject;
}

const ranks: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

export const isWorse = (severity: Severity, than: Severity): boolean => ranks[severity] > ranks[than];

/** Whether a finding is worse than it was when it had this severity, and was to be worse from this badness on. */
export const hasWorsened = (
  { severity, badness }: Pick<Finding, "severity" | "badness">,
  before: Pick<Finding, "severity" | "worseFrom">,
): boolean =>
  isWorse(severity, before.severity) ||
  (badness !== undefined && before.worseFrom !== undefined && badness >= before.worseFrom);

/** The worst severity of some findings; `info` for none. */
export const worst = (severities: Iterable<Severity>): Severity =>
  [...severities].reduce<Severity>((found, each) => (ranks[each] > ranks[found] ? each : found), "info");
