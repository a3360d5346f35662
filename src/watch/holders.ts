import { type Finding, subjectOf } from "../core/finding.ts";
import type { Incident } from "../core/incident.ts";
import { isLive } from "./matching.ts";

/** Which incident has each finding, by its subject: it found it last, or a person resolved it there and it lasts. */
export function holdersOf(incidents: readonly Incident[]): ReadonlyMap<string, string> {
  const holders = new Map<string, string>();
  for (const incident of incidents) {
    const { id, findings, held = [] } = incident;
    for (const { key, kind } of held) if (kind !== undefined) holders.set(subjectOf({ key, kind }), id);
    if (isLive(incident)) for (const finding of findings) holders.set(subjectOf(finding), id);
  }
  return holders;
}

/** Whether an incident has the finding that does not have the silence of its host. */
export function isApart(finding: Finding, holders: ReadonlyMap<string, string>): boolean {
  const holder = holders.get(subjectOf(finding));
  return holder !== undefined && holder !== holders.get(silenceOf(finding.hostUuid ?? ""));
}

/** The key of the finding that a host is silent. */
export const silenceKeyOf = (hostUuid: string): string => `host unreachable ${hostUuid}`;
const silenceOf = (hostUuid: string): string => subjectOf({ key: silenceKeyOf(hostUuid), kind: "host unreachable" });
