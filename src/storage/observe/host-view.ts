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
/** What shows whether a host sees a LUN at all. */
const sightReads = { maps: listMultipathMaps, ids: listDiskIds, devices: listBlockDevices };
/** What one host says of its disks. */
const diskReads = { ...useReads, groups: listVolumeGroups };
/** What sanlock and lvmlockd say of a host's locks. */
export const lockReads = { leases: listLeases, lockspaces: listLockspaces };
/** What a host without sanlock or lvmlockd has of theirs. */
export const noLocks = { leases: null, lockspaces: null };
export const lunReads = { ...diskReads, ...lockReads };

/** One host's view; what could not be read is empty here and named under `problems`. */
export interface HostView {
  readonly host: Host;
  readonly maps: readonly MultipathMap[];
  /** Whether multipath answered; a host without it has no maps. */
  readonly mapsAreKnown: boolean;
  readonly ids: readonly DiskId[];
  readonly devices: readonly BlockDevice[];
  readonly groups: readonly VolumeGroup[];
  readonly volumes: readonly PhysicalVolume[];
  /** Which device is on which, from the kernel. */
  readonly holders: readonly Holder[];
  /** Of each device-mapper device. */
  readonly openCounts: readonly OpenCount[];
  /** Who else uses the disks; null where that was not asked. */
  readonly use: HostUse | null;
  /** What is behind the paths; empty if that was not asked. */
  readonly identities: readonly PathIdentity[];
  /** sanlock's leases; empty where sanlock does not run. */
  readonly leases: readonly Lease[];
  /** The lockspaces that lvmlockd is in; empty where it does not run. */
  readonly lockspaces: readonly Lockspace[];
  readonly problems: readonly string[];
  /** Whether it answered nothing at all. */
  readonly isUnreachable: boolean;
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

/** A host without multipath has no maps: that is an answer. */
export const sightProblemsOf = (seen: Gathered<typeof sightReads>): string[] =>
  problemsOf(sightReads, noneIfNotInstalled(seen, { maps: [] }), "by object");

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
    const doubt = notesOf(outcome).filter((each) => (by === "whole" ? isRelevant(each) : each.about === null));
    return [problemOf(read, outcome), ...doubt.map(({ why }) => why)];
  });
  return [...new Set(problems.filter((problem) => problem !== null))];
}

/** What is behind a path: two LUNs with one WWID differ in one of these. */
export interface PathIdentity {
  /** Kernel name of the path. */
  readonly disk: string;
  /** The path goes over iSCSI, whether or not its target is known. */
  readonly isIscsi: boolean;
  readonly serial: string | null;
  /** The LUN's name of type NAA that the path itself reports (vital product data 83); null if it reports none. */
  readonly name?: string | null;
  /** Name of the iSCSI target; null where the path goes another way. */
  readonly target: string | null;
  /** Number of the target's port among the ports of one device. */
  readonly targetPort: number | null;
}

export interface VmUse {
  readonly name: string;
  readonly runs: boolean;
  /** Those that it has, and those that it gets when it is started again; without volumes of pools. */
  readonly disks: readonly VmDisk[];
  /** Disks that nobody can identify: they may be any LUN. */
  readonly unknownDisks: readonly UnknownDisk[];
}

/** Who uses a host's disks without a trace in lsblk or LVM. Asked where a LUN is going to be changed, or shown by itself. */
export interface HostUse {
  readonly openFiles: readonly OpenFile[];
  readonly processNames: ReadonlyMap<number, string>;
  readonly vms: readonly VmUse[];
  readonly exports: readonly Export[];
  readonly loops: readonly LoopDevice[];
  /** Every link in /dev. */
  readonly links: ReadonlyMap<string, string>;
  /** HCTL of each SCSI disk's second device file, by its name: `sg2`. */
  readonly generics: ReadonlyMap<string, string>;
  /** Names of the iSCSI targets that the host is logged in to. */
  readonly targets: ReadonlySet<string>;
  /** What could not be read: then nobody knows who uses the disks. */
  readonly problems: readonly string[];
}

export interface UnknownDisk extends Pick<VmDisk, "device" | "name"> {
  /** What is known of it. */
  readonly why: string;
  readonly fix: string;
}
