import { type Gathered, notesIn, notesOf, type Reads } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import { matters, type NotUnderstood } from "../../core/not-understood.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { BlockDevice, DiskId, MultipathMap, PhysicalVolume, VolumeGroup } from "../../core/storage.ts";
import { type Holder, listHolders } from "../../host/device-users.ts";
import { listOpenCounts, type OpenCount } from "../../host/dmsetup.ts";
import { listBlockDevices } from "../../host/lsblk.ts";
import { listPhysicalVolumes, listVolumeGroups } from "../../host/lvm.ts";
import { type Lockspace, listLockspaces } from "../../host/lvmlockctl.ts";
import { listMultipathMaps } from "../../host/multipath.ts";
import { problemOf } from "../../host/problem.ts";
import { type Lease, listLeases } from "../../host/sanlock.ts";
import { listDiskIds } from "../../host/udev.ts";
import type { Objection } from "../objection.ts";
import { oddAbout } from "./oddities.ts";
import type { PathIdentity } from "./path-identities.ts";
import type { HostUse } from "./use.ts";

/** Whether anything on a host uses a disk; physical volumes name their volume group. Read in one round trip. */
export const useReads = {
  maps: listMultipathMaps,
  ids: listDiskIds,
  devices: listBlockDevices,
  volumes: listPhysicalVolumes,
  holders: listHolders,
  // Last: those before it open disks for a moment.
  openCounts: listOpenCounts,
};
/** What tells whether a host sees a LUN at all. */
const sightReads = { maps: listMultipathMaps, ids: listDiskIds, devices: listBlockDevices };
/** What one host says of its disks. */
const diskReads = { ...useReads, groups: listVolumeGroups };
/** What sanlock and lvmlockd say of a host's locks. */
export const lockReads = { leases: listLeases, lockspaces: listLockspaces };
export const lunReads = { ...diskReads, ...lockReads };

/** One host's view; what could not be read is empty here and named under `problems`. */
export interface HostView {
  readonly host: Host;
  readonly maps: readonly MultipathMap[];
  /** Whether multipath could tell; a host without it has no maps. */
  readonly mapsAreKnown: boolean;
  readonly ids: readonly DiskId[];
  readonly devices: readonly BlockDevice[];
  readonly groups: readonly VolumeGroup[];
  readonly volumes: readonly PhysicalVolume[];
  /** What stands on what, as the kernel has it. */
  readonly holders: readonly Holder[];
  /** Of each device-mapper device. */
  readonly openCounts: readonly OpenCount[];
  /** Who else uses the disks; null where that was not asked. */
  readonly use: HostUse | null;
  /** What stands behind the paths; empty where that was not asked. */
  readonly identities: readonly PathIdentity[];
  /** sanlock's leases; empty where sanlock does not run. */
  readonly leases: readonly Lease[];
  /** The lockspaces that lvmlockd is in; empty where it does not run. */
  readonly lockspaces: readonly Lockspace[];
  readonly problems: readonly string[];
  /** Those among them for which it is not known which LUNs the host sees. */
  readonly sightProblems: readonly string[];
  /** What its tools printed of single objects that was not understood: they are not among the others. */
  readonly notUnderstood: readonly NotUnderstood[];
}

/** A view of a host of which only this was asked. */
export const viewWith = (host: Host, seen: Partial<Omit<HostView, "host">>): HostView => ({
  ...{ host, maps: [], ids: [], devices: [], groups: [], volumes: [], leases: [], lockspaces: [], problems: [] },
  ...{
    sightProblems: [],
    holders: [],
    openCounts: [],
    use: null,
    identities: [],
    mapsAreKnown: true,
    notUnderstood: [],
  },
  ...seen,
});

export function viewOf(host: Host, seen: Gathered<typeof lunReads>): HostView {
  return {
    host,
    maps: valueOr(seen.maps, []),
    mapsAreKnown: seen.maps.kind === "done" || isMissing(seen.maps),
    ids: valueOr(seen.ids, []),
    devices: valueOr(seen.devices, []),
    groups: valueOr(seen.groups, []),
    volumes: valueOr(seen.volumes, []),
    holders: valueOr(seen.holders, []),
    openCounts: valueOr(seen.openCounts, []),
    use: null,
    identities: [],
    leases: valueOr(seen.leases, null) ?? [],
    lockspaces: valueOr(seen.lockspaces, null) ?? [],
    sightProblems: sightProblemsOf(seen),
    problems: problemsOf({ ...diskReads, ...lockReadsThere(seen) }, seen, "by object"),
    notUnderstood: notesIn(seen),
  };
}

/** A host without multipath has no maps: that is an answer. */
export function sightProblemsOf(seen: Gathered<typeof sightReads>): string[] {
  const { maps, ...others } = sightReads;
  return problemsOf({ ...(isMissing(seen.maps) ? {} : { maps }), ...others }, seen, "by object");
}

/** A host without sanlock or lvmlockd holds nothing of theirs: that is an answer. */
export function lockReadsThere(seen: Gathered<typeof lockReads>): Partial<typeof lockReads> {
  const { leases, lockspaces } = lockReads;
  return { ...(isMissing(seen.leases) ? {} : { leases }), ...(isMissing(seen.lockspaces) ? {} : { lockspaces }) };
}

/** The program is not there. */
export const isMissing = (outcome: Outcome): boolean => outcome.kind === "failed" && outcome.exitCode === 127;

export const valueOr = <T>(outcome: Outcome<T>, otherwise: T): T =>
  outcome.kind === "done" ? outcome.value : otherwise;

/**
 * Why reads did not answer, each reason once: a host that is down says so once, not once a read. An answer with an object
 * that is not understood is none, unless the objects are asked `by object`.
 */
export function problemsOf<R extends Reads>(
  reads: R,
  seen: Gathered<R>,
  by: "whole" | "by object" = "whole",
): string[] {
  const problems = Object.entries(reads).flatMap(([key, read]): (string | null)[] => {
    const outcome = seen[key as keyof R];
    const odd = notesOf(outcome).filter((each) => (by === "whole" ? matters(each) : each.about === null));
    return [problemOf(read, outcome), ...odd.map(({ why }) => why)];
  });
  return [...new Set(problems.filter((problem) => problem !== null))];
}

/**
 * A host that can't be read may have the LUN mounted: nothing is written before all have answered. `objects` are what the
 * change is about: LUNs by WWID, volume groups by name.
 */
export const unreadHosts = (views: readonly HostView[], objects: readonly string[]): Objection[] =>
  views.flatMap((view) => {
    const odd = oddAbout(view, objects).map(({ why }) => why);
    return [...new Set([...view.problems, ...odd])].map((why) => `${view.host.name} can't be read whole: ${why}`);
  });
