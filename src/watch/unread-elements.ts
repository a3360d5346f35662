import type { Host } from "../core/inventory.ts";
import type { Element } from "./cause.ts";
import { daemonOf, unitOf } from "./daemons.ts";
import { finding, type Scopes } from "./found.ts";
import type { HostSample } from "./sample.ts";

/** What each read says of a host. */
const subjects: Readonly<Record<string, string>> = {
  ...{ clock: "clock", sizes: "sizes of the disks", units: "services", paths: "paths", sessions: "iSCSI sessions" },
  ...{ lockspaces: "lockspaces", sanlock: "renewals of the leases", leases: "leases" },
};

const subjectOf = (read: string): string => (read.startsWith("ids ") ? "host ids" : (subjects[read] ?? read));

/**
 * What can't be read in two observations, by its read: what fails in it is not seen. `readable`: all that can be read, or
 * that nobody needs.
 */
export function unreadElements(host: Host, { notRead }: Pick<HostSample, "notRead">) {
  const elements = new Map<string, Element>();
  for (const { read, reason, isAgain, isInPart = false } of notRead) {
    if (!isAgain) continue;
    const text = `${subjectOf(read)} of ${host.name} can't be read${isInPart ? " completely" : ""}: ${reason}`;
    const found = finding(host, "answer not readable", `${host.uuid} ${read}`, text);
    elements.set(`read ${read}`, { findings: [found], scopes: scopesOf(host, read) });
  }
  const failing = new Set(notRead.map(({ read }) => daemonOf(read) ?? read));
  const readable = Object.keys(subjects).filter((read) => !failing.has(daemonOf(read) ?? read));
  const [first, ...others] = readable.flatMap((read) => scopesOf(host, read));
  if (first !== undefined) elements.set("readable", { findings: [], scopes: [first, ...others] });
  return elements;
}

/** A daemon that does not run is a finding of its own, or nobody needs it. */
export function isNeeded(read: string, units: HostSample["units"], serves: boolean, hasPaths: boolean): boolean {
  const daemon = daemonOf(read);
  const isOfLocks = daemon === "sanlock" || daemon === "lvmlockd" || daemon === "systemd";
  if (!serves && (!hasPaths || isOfLocks)) return false;
  const name = daemon === null ? null : unitOf(daemon, units);
  return units?.find((unit) => unit.name === name)?.active ?? true;
}

/** Of one daemon there may be several reads. */
const scopesOf = (host: Host, read: string): Scopes => {
  const source = daemonOf(read) ?? read;
  return [
    { kind: "host", id: `read ${host.uuid} ${source}` },
    { kind: "cluster", id: `read ${host.clusterUuid} ${source}` },
  ];
};
