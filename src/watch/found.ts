import type { Scope } from "../core/cause-scope.ts";
import { type Finding, type FindingKind, findingKinds, type Severity } from "../core/finding.ts";
import type { Host, PrimaryStorage } from "../core/inventory.ts";

/** What something is a part of, the smallest first. */
export type Scopes = readonly [Scope, ...Scope[]];

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
