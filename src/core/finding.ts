/** critical: data or service is at risk. warning: redundancy is lost. info: a person may want to know it. */
export type Severity = "critical" | "warning" | "info";

/** Each kind of finding, with its usual severity, and how long it must last before a person reads of it. */
export const findingKinds = {
  "path failed": { severity: "warning", lastsMs: 5_000 },
  "map degraded": { severity: "warning", lastsMs: 5_000 },
  "map without paths": { severity: "critical", lastsMs: 0 },
  "LUN gone": { severity: "warning", lastsMs: 5_000 },
  "LUN new": { severity: "info", lastsMs: 5_000 },
  "size changed": { severity: "info", lastsMs: 5_000 },
  "one name, two LUNs": { severity: "critical", lastsMs: 0 },
  "path outside its map": { severity: "warning", lastsMs: 15_000 },
  "lease old": { severity: "warning", lastsMs: 5_000 },
  "lease lost": { severity: "critical", lastsMs: 0 },
  "host id in use elsewhere": { severity: "critical", lastsMs: 0 },
  "service down": { severity: "warning", lastsMs: 15_000 },
  "service not enabled": { severity: "info", lastsMs: 60_000 },
  "host unreachable": { severity: "warning", lastsMs: 15_000 },
  "clock skew": { severity: "warning", lastsMs: 60_000 },
  "volume group incomplete": { severity: "critical", lastsMs: 0 },
  "storage filling": { severity: "warning", lastsMs: 5_000 },
  "storage full": { severity: "critical", lastsMs: 0 },
  "volume filling": { severity: "warning", lastsMs: 5_000 },
} as const satisfies Readonly<Record<string, { readonly severity: Severity; readonly lastsMs: number }>>;

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
}

const ranks: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/** The worst severity of some findings; `info` for none. */
export const worst = (severities: Iterable<Severity>): Severity =>
  [...severities].reduce<Severity>((found, each) => (ranks[each] > ranks[found] ? each : found), "info");
