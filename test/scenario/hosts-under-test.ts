import type { Fault } from "../../src/simulator/san/fault.ts";

export interface VmUnderTest {
  readonly name: string;
  readonly volumeGroup: string;
  /** A logical volume of the group; it becomes active on the host. */
  readonly volume: string;
  /** Whether it goes off when it is asked to. */
  readonly heedsShutdown: boolean;
}

/** What a story can do to its hosts and their array from outside, whatever they are. */
export interface HostsUnderTest {
  readonly names: readonly string[];
  /** Something goes wrong, from now on. */
  fault(host: string, fault: Fault): Promise<void>;
  /** Nothing is wrong with the host any more. */
  heal(host: string): Promise<void>;
  /** The host loses its power; the others' sanlock does not hear of it for a while yet. */
  powerOff(host: string): Promise<void>;
  /** It boots, and answers again. */
  powerOn(host: string): Promise<void>;
  /** So long after a host lost its power that the others miss its renewals, and sanlock does not take it for dead yet. */
  isMissed(host: string): Promise<void>;
  /** So long after a host lost its power that the others' sanlock takes it for dead. */
  isGivenUp(host: string): Promise<void>;
  hasClockAhead(host: string, seconds: number): Promise<void>;
  /** Somebody puts an ext4 file system on a LUN, on the first host. */
  formats(wwid: string, label: string): Promise<void>;
  /** Somebody puts LVM's label on it, of no volume group. */
  labels(wwid: string, uuid: string): Promise<void>;
  /** The array copies a LUN over another; no host notices. */
  clones(from: string, to: string): Promise<void>;
  mounts(wwid: string, host: string, mountPoint: string): Promise<void>;
  /** What is on a LUN, as the array has it: `LVM2_member zUbBDF-…`, `xfs 8f4e…`. */
  signatures(wwid: string): Promise<string[]>;
  /** The array takes a LUN from a host, which is left with a map and dead paths. */
  unmaps(wwid: string, host: string): Promise<void>;
  /** The array takes a LUN from a host, on which nothing of it is left. */
  takes(wwid: string, host: string): Promise<void>;
  /** The array offers it again; the host has not scanned for it. */
  offers(wwid: string, host: string): Promise<void>;
  /** The array offers it again, and the host has scanned for it. */
  maps(wwid: string, host: string): Promise<void>;
  /** One path to a LUN no longer works there; the others do. */
  failsPath(wwid: string, host: string): Promise<void>;
  restoresPath(wwid: string, host: string): Promise<void>;
  /** The iSCSI target lets in only who knows this; sessions that stand go on. */
  guards(target: string, user: string, secret: string): Promise<void>;
  /** The array enlarges a LUN; no host has noticed. */
  grows(wwid: string, sizeBytes: number): Promise<void>;
  /** A host has read the new size of a LUN on every path, and its map has it. */
  learnsSize(wwid: string, host: string): Promise<void>;
  /** A host has no map of a LUN any more; its paths stay. */
  flushesMap(wwid: string, host: string): Promise<void>;
  /** A logical volume as ZStack's agent makes it, on a host that holds the group's lease; active nowhere. */
  makesVolume(volumeGroup: string, name: string, sizeBytes: number, tags?: readonly string[]): Promise<void>;
  /** Names of the group's logical volumes, without sanlock's own; none where the group is gone. */
  volumes(volumeGroup: string): Promise<string[]>;
  /** Active on a host, under its exclusive lock. */
  activates(volumeGroup: string, volume: string, host: string): Promise<void>;
  /** A program on the host opens a volume that is active there. */
  opens(volumeGroup: string, volume: string, host: string): Promise<void>;
  /** It ends. */
  closes(volumeGroup: string, volume: string, host: string): Promise<void>;
  /** libvirt starts a machine that has the volume as its disk, and it runs. */
  startsVm(host: string, machine: VmUnderTest): Promise<void>;
  /** libvirt has a VM with the whole LUN as its raw disk, running or only defined. */
  givesLunToVm(wwid: string, host: string, vm: { readonly name: string; readonly runs: boolean }): Promise<void>;
  /** libvirt has a VM that is off and gets a path of the LUN by SCSI passthrough. */
  passesLunThrough(wwid: string, host: string, vm: string): Promise<void>;
  /** That VM is gone. */
  takesVmAway(host: string, name: string): Promise<void>;
  /** A program `sleep` on the host has the LUN open, not exclusively. */
  opensLun(wwid: string, host: string): Promise<void>;
  /** It ends. */
  closesLun(wwid: string, host: string): Promise<void>;
  /** bcache stands on the LUN's map there, and nothing on bcache. */
  stacksBcache(wwid: string, host: string): Promise<void>;
  /** A path works and is in no map: multipathd was told to leave it out. */
  leavesPathOutOfMap(wwid: string, host: string): Promise<void>;
  /** The disks of all paths are gone; the map is open, and keeps what is written to it until a path comes back. */
  losesDisks(wwid: string, host: string): Promise<void>;
  /** Maps are assembled there anew, with all their paths. */
  assemblesMaps(host: string): Promise<void>;
  /** Another array gives a LUN of its own the WWID of this one; the host is logged in, and joins the paths of both in one map. */
  joinsTwin(wwid: string, host: string): Promise<void>;
  /** Names of the VMs that run there. */
  vms(host: string): Promise<string[]>;
  /** The programs that changed the SAN or a host, oldest first: `sharedblock-host1: wipefs --all …`. */
  changes(): Promise<string[]>;
}
