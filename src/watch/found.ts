import type { Scope } from "../core/cause-scope.ts";
import { type Finding, type FindingKind, findingKinds, type Severity } from "../core/finding.ts";
import type { Host, PrimaryStorage } from "../core/inventory.ts";

/** What something is a part of, the smallest first. */
export type Scopes = readonly [Scope, ...Scope[]];

/** Each step up is worse. */
export const inSteps = (badness: number, step = 1): Pick<Finding, "badness" | "worseFrom"> => ({
  badness,
  worseFrom: badness + step,
});

/** Above the last level nobody hears of each percent: it is worse if half of the free space is gone. */
export const asFull = (percent: number): Pick<Finding, "badness" | "worseFrom"> =>
  inSteps(percent, Math.max(1, Math.ceil((100 - percent) / 2)));

export function finding(
  host: Host,
  kind: FindingKind,
  id: string,
  text: string,
  about: { readonly storage: PrimaryStorage | null; readonly wwid: string | null } | null = null,
  severity: Severity = findingKinds[kind].severity,
): Finding {
  const { uuid: hostUuid, clusterUuid } = host;
  const storageUuid = about?.storage?.uuid ?? null;
  return { key: `${kind} ${id}`, kind, severity, clusterUuid, hostUuid, wwid: about?.wwid ?? null, storageUuid, text };
}
