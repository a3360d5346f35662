import type { Fault } from "../../src/simulator/san/fault.ts";

export interface VmUnderTest {
  readonly name: string;
  readonly volumeGroup: string;
  /** A logical volume of the group; it becomes active on the host. */
  readonly volume: string;
  /** Whether it shuts down if it is asked to. */
  readonly heedsShutdown: boolean;
}

/** What a story can do to its hosts and their array from outside, simulated or real. */
export interface HostsUnderTest {
  readonly names: readonly string[];
  /** Something goes wrong, from now on. */
  fault(host: string, fault: Fault): Promise<void>;
  /** Nothing is wrong with the host any more. */
  heal(host: string): Promise<void>;
  /** The host loses its power. The sanlock of other hosts does not notice it for some time. */
  powerOff(host: string): Promise<void>;
  /** It boots, and answers again. */
  powerOn(host: string): Promise<void>;
  /** Waits until the others miss the renewals of a host without power, but sanlock does not consider it dead yet. */
  isMissed(host: string): Promise<void>;
  /** Waits until the sanlock of the others considers a host without power dead. */
  isGivenUp(host: string): Promise<void>;
  hasClockAhead(host: string, seconds: number): Promise<void>;
  /** A person makes an ext4 file system on a LUN, on the first host. */
  formats(wwid: string, label: string): Promise<void>;
  /** A person writes LVM's label to it, without a volume group. */
  labels(wwid: string, uuid: string): Promise<void>;
  /** The array copies a LUN over another; no host notices. */
  clones(from: string, to: string): Promise<void>;
  mounts(wwid: string, host: string, mountPoint: string): Promise<void>;
  /** The content of a LUN on the array: `LVM2_member zUbBDF-…`, `xfs 8f4e…`. */
  signatures(wwid: string): Promise<string[]>;
  /** The array removes a LUN from a host, which keeps a map and dead paths. */
  unmaps(wwid: string, host: string): Promise<void>;
  /** The array removes a LUN from a host, on which nothing of it remains. */
  takes(wwid: string, host: string): Promise<void>;
  /** The array offers it again; the host has not scanned for it. */
  offers(wwid: string, host: string): Promise<void>;
  /** The array offers it again, and the host has scanned for it. */
  maps(wwid: string, host: string): Promise<void>;
  /** One path to a LUN fails on this host; the others work. */
  failsPath(wwid: string, host: string): Promise<void>;
  restoresPath(wwid: string, host: string): Promise<void>;
  /** The iSCSI target accepts only logins with this secret. Existing sessions continue. */
  guards(target: string, user: string, secret: string): Promise<void>;
  /** The array enlarges a LUN. No host has noticed it. */
  grows(wwid: string, sizeBytes: number): Promise<void>;
  /** A host has read the new size of a LUN on every path, and its map has it. */
  learnsSize(wwid: string, host: string): Promise<void>;
  /** A host has no map of a LUN any more; its paths remain. */
  flushesMap(wwid: string, host: string): Promise<void>;
  /** A logical volume as ZStack's agent makes it, on a host with the group's lease. It is active nowhere. */
  makesVolume(volumeGroup: string, name: string, sizeBytes: number, tags?: readonly string[]): Promise<void>;
  /** Names of the group's logical volumes, without sanlock's own. Empty if the group is gone. */
  volumes(volumeGroup: string): Promise<string[]>;
  /** The volume is a thin pool, and so much of its data space is used, in percent. */
  fillsThinPool(volumeGroup: string, name: string, dataPercent: number): Promise<void>;
  /** The volume is a snapshot. `null`: it became full, and is lost. */
  fillsSnapshot(volumeGroup: string, name: string, percent: number | null): Promise<void>;
  /** Active on a host, with its exclusive lock. */
  activates(volumeGroup: string, volume: string, host: string): Promise<void>;
  /** A program on the host opens a volume that is active there. */
  opens(volumeGroup: string, volume: string, host: string): Promise<void>;
  /** The program ends. */
  closes(volumeGroup: string, volume: string, host: string): Promise<void>;
  /** libvirt starts a VM that has the volume as its disk. */
  startsVm(host: string, machine: VmUnderTest): Promise<void>;
  /** libvirt has a VM with the whole LUN as its raw disk, running or only defined. */
  givesLunToVm(wwid: string, host: string, vm: { readonly name: string; readonly runs: boolean }): Promise<void>;
  /** libvirt has a VM that is off and gets a path of the LUN through SCSI passthrough. */
  passesLunThrough(wwid: string, host: string, vm: string): Promise<void>;
  /** That VM is removed. */
  takesVmAway(host: string, name: string): Promise<void>;
  /** A program `sleep` on the host has the LUN open, not exclusively. */
  opensLun(wwid: string, host: string): Promise<void>;
  /** The program ends. */
  closesLun(wwid: string, host: string): Promise<void>;
  /** bcache is on the LUN's map, and nothing is on bcache. */
  stacksBcache(wwid: string, host: string): Promise<void>;
  /** A path works and is in no map, because a person typed `multipathd del path`: the daemon does not show it any more. */
  leavesPathOutOfMap(wwid: string, host: string): Promise<void>;
  /** The disks of all paths are gone. The map is open, and queues writes until a path returns. */
  losesDisks(wwid: string, host: string): Promise<void>;
  /** Maps are assembled again on this host, with all their paths. */
  assemblesMaps(host: string): Promise<void>;
  /**
   * Another array gives its own LUN the WWID of this one. The host is logged in, and joins the paths of both in one
   * map.
   */
  joinsTwin(wwid: string, host: string): Promise<void>;
  /** Names of the VMs that run there. */
  vms(host: string): Promise<string[]>;
  /** The programs that changed the SAN or a host, oldest first: `sharedblock-host1: wipefs --all …`. */
  changes(): Promise<string[]>;
}
