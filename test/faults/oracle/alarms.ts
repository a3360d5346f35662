import type { SanState } from "../../../src/simulator/san/san-state.ts";
import type { Event } from "../timeline.ts";

interface Finding {
  readonly kind: string;
  readonly hostUuid: string | null;
  readonly wwid: string | null;
  readonly text: string;
}
/** What a bot posted that watched the hosts, and what may explain it. */
export interface WatchedStory {
  readonly events: readonly Event[];
  readonly operations: readonly { readonly state: string }[];
  /** Also those that left. */
  readonly hosts: readonly { readonly uuid: string; readonly name: string }[];
  readonly sanBefore: SanState;
  /** Those that people read of, with all that their titles name. */
  readonly incidents: readonly { readonly id: string; readonly findings: readonly Finding[] }[];
}

/**
 * Each incident has a cause that the story made: a fault, a change from outside, or something that was broken before. An
 * operation that is done causes none.
 */
export function falseAlarms(story: WatchedStory): string[] {
  return story.incidents.flatMap(({ id, findings }) => {
    const unexplained = findings.filter((finding) => !isExplained(finding, story));
    return unexplained.length === 0
      ? []
      : [`${id} is a false alarm: ${unexplained.map(({ text }) => text).join("; ")}`];
  });
}

function isExplained({ kind, wwid, hostUuid }: Finding, story: WatchedStory): boolean {
  const { events, operations, sanBefore } = story;
  const host = story.hosts.find(({ uuid }) => uuid === hostUuid)?.name ?? null;
  if (kind === "host unreachable")
    return events.some((event) => event.kind === "fault" && isSilencing(event.does) && event.host === host);
  if (kind === "clock skew") return events.some((event) => event.kind === "again" && event.when === "hours later");
  if (kind === "size changed") return isChangedOutside("grows", wwid, story);
  if (ofPaths.includes(kind)) return isBrokenBefore(host, wwid, sanBefore) || isChangedOutside("unmaps", wwid, story);
  // An operation that did not finish says so itself. Its hosts are half changed.
  if (ofStorages.includes(kind)) return operations.some(({ state }) => state === "failed" || state === "unknown");
  return false;
}

const isSilencing = (fault: string): boolean => fault === "host down" || fault === "host silent";

const ofPaths = [
  ...["path failed", "map degraded", "map without paths", "LUN without map", "LUN gone", "path outside its map"],
];
const ofStorages = [
  ...["lease old", "lease lost", "lockspace stopped", "service down", "service not enabled"],
  ...["volume group incomplete", "storage filling", "storage full"],
];

const isChangedOutside = (does: "grows" | "unmaps", wwid: string | null, { events }: WatchedStory): boolean =>
  events.some((event) => event.kind === "outside" && event.does === does && event.wwid === wwid);

const isBrokenBefore = (name: string | null, wwid: string | null, { hosts }: SanState): boolean =>
  hosts.some((host) => host.name === name && host.paths.some((path) => path.wwid === wwid && path.state !== "running"));
