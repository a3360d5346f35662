import { type Gathered, notesIn, notesOf, type Reads } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import { isNotInstalled, noneIfNotInstalled } from "../../core/not-installed.ts";
import { isRelevant, type NotUnderstood } from "../../core/not-understood.ts";
import { valueOr } from "../../core/outcome.ts";
import type { BlockDevice, DiskId, MultipathMap, PhysicalVolume, VolumeGroup } from "../../core/storage.ts";
import { type Export, type Holder, type LoopDevice, listHolders, type OpenFile } from "../../host/device-users.ts";
import { listOpenCounts, type OpenCount } from "../../host/dmsetup.ts";
import { listBlockDevices } from "../../host/lsblk.ts";
import { listPhysicalVolumes, listVolumeGroups } from "../../host/lvm.ts";
import { type Lockspace, listLockspaces } from "../../host/lvmlockctl.ts";
import { listMultipathMaps } from "../../host/multipath.ts";
import { problemOf } from "../../host/problem.ts";
import { type Lease, listLeases } from "../../host/sanlock.ts";
import { listDiskIds } from "../../host/udev.ts";
import type { VmDisk } from "../../host/vm-definition.ts";

/** Reads that show whether a host uses a disk; physical volumes name their volume group. One round trip. */
export const useReads = {
  maps: listMultipathMaps,
  ids: listDiskIds,
  devices: listBlockDevices,
  volumes: listPhysicalVolumes,
  holders: listHolders,
  // The last one, because the reads before it open disks for a moment.
  openCounts: listOpenCounts,
};
/** The reads that show whether a host sees a LUN. */
const sightReads = { maps: listMultipathMaps, ids: listDiskIds, devices: listBlockDevices };
/** One host's report of its disks. */
const diskReads = { ...useReads, groups: listVolumeGroups };
/** What sanlock and lvmlockd report of a host's locks. */
export const lockReads = { leases: listLeases, lockspaces: listLockspaces };
/** The same for a host without sanlock or lvmlockd. */
export const noLocks = { leases: null, lockspaces: null };
export const lunReads = { ...diskReads, ...lockReads };

/** One host's view. What could not be read is empty here and is listed in `problems`. */
export interface HostView {
  readonly host: Host;
  readonly maps: readonly MultipathMap[];
  /** Whether multipath answered. A host without multipath has no maps. */
  readonly mapsAreKnown: boolean;
  readonly ids: readonly DiskId[];
  readonly devices: readonly BlockDevice[];
  readonly groups: readonly VolumeGroup[];
  readonly volumes: readonly PhysicalVolume[];
  /** Which device is on which, from the kernel. */
  readonly holders: readonly Holder[];
  /** Of each device-mapper device. */
  readonly openCounts: readonly OpenCount[];
  /** Other users of the disks. Null if they were not read. */
  readonly use: HostUse | null;
  /** The identity of each path. Empty if it was not read. */
  readonly identities: readonly PathIdentity[];
  /** sanlock's leases. Empty if sanlock does not run. */
  readonly leases: readonly Lease[];
  /** lvmlockd's lockspaces. Empty if it does not run. */
  readonly lockspaces: readonly Lockspace[];
  readonly problems: readonly string[];
  /** Whether the host answered no read at all. */
  readonly isUnreachable: boolean;
  /** The problems because of which it is not known which LUNs the host sees. */
  readonly sightProblems: readonly string[];
  /** Output about single objects that was not understood. `problems` does not contain it. */
  readonly notUnderstood: readonly NotUnderstood[];
}

/** A host's view with only the given parts. */
export const viewWith = (host: Host, seen: Partial<Omit<HostView, "host">>): HostView => ({
  ...{ host, maps: [], ids: [], devices: [], groups: [], volumes: [], leases: [], lockspaces: [], problems: [] },
  ...{
    sightProblems: [],
    holders: [],
    openCounts: [],
    use: null,
    identities: [],
    mapsAreKnown: true,
    isUnreachable: false,
    notUnderstood: [],
  },
  ...seen,
});

export function viewOf(host: Host, seen: Gathered<typeof lunReads>): HostView {
  return {
    host,
    maps: valueOr(seen.maps, []),
    mapsAreKnown: seen.maps.kind === "done" || isNotInstalled(seen.maps),
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
    isUnreachable: Object.values(seen).every(({ kind }) => kind === "refused" || kind === "unknown"),
    problems: problemsOf({ ...diskReads, ...lockReads }, noneIfNotInstalled(seen, noLocks), "by object"),
    notUnderstood: notesIn(seen),
  };
}

/** A host without multipath has no maps, which is an answer. */
export const sightProblemsOf = (seen: Gathered<typeof sightReads>): string[] =>
  problemsOf(sightReads, noneIfNotInstalled(seen, { maps: [] }), "by object");

/**
 * Why reads were not answered, each reason once: a host that is down gives one reason. An answer with an object that is
 * not understood counts as no answer, except with `by object`.
 */
export function problemsOf<R extends Reads>(
  reads: R,
  seen: Gathered<R>,
  by: "whole" | "by object" = "whole",
): string[] {
  const problems = Object.entries(reads).flatMap(([key, read]): (string | null)[] => {
    const outcome = seen[key as keyof R];
    const doubt = notesOf(outcome).filter((each) => (by === "whole" ? isRelevant(each) : each.about === null));
    return [problemOf(read, outcome), ...doubt.map(({ why }) => why)];
  });
  return [...new Set(problems.filter((problem) => problem !== null))];
}

/** The identity of a path. Two LUNs with one WWID differ in one of these fields. */
export interface PathIdentity {
  /** Kernel name of the path. */
  readonly disk: string;
  /** The path uses iSCSI. Its target may be unknown. */
  readonly isIscsi: boolean;
  readonly serial: string | null;
  /** The LUN's NAA name that the path itself reports (vital product data 83). Null if it reports none. */
  readonly name?: string | null;
  /** The name of the iSCSI target. Null if the path uses another transport. */
  readonly target: string | null;
  /** Number of the target's port among the ports of one device. */
  readonly targetPort: number | null;
}

export interface VmUse {
  readonly name: string;
  readonly runs: boolean;
  /** The disks that it has now, and those that it gets at its next start. Volumes of pools are not included. */
  readonly disks: readonly VmDisk[];
  /** Disks that nobody can identify. They may be any LUN. */
  readonly unknownDisks: readonly UnknownDisk[];
}

/**
 * Users of a host's disks that lsblk and LVM do not show. They are read before a LUN is changed, or if one LUN is
 * shown.
 */
export interface HostUse {
  readonly openFiles: readonly OpenFile[];
  readonly processNames: ReadonlyMap<number, string>;
  readonly vms: readonly VmUse[];
  readonly exports: readonly Export[];
  readonly loops: readonly LoopDevice[];
  /** Every link in /dev. */
  readonly links: ReadonlyMap<string, string>;
  /** The HCTL of each SCSI disk by the name of its second device file: `sg2`. */
  readonly generics: ReadonlyMap<string, string>;
  /** Names of the iSCSI targets that the host is logged in to. */
  readonly targets: ReadonlySet<string>;
  /** What could not be read. The users of the disks are then not known. */
  readonly problems: readonly string[];
}

export interface UnknownDisk extends Pick<VmDisk, "device" | "name"> {
  /** What is known about it. */
  readonly why: string;
  readonly fix: string;
}
