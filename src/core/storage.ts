/** What hosts report about disks. Sizes are in bytes; an absent value is null. */

export interface Path {
  /** host:channel:target:lun */
  readonly hctl: string;
  /** Kernel name, `sdd`. */
  readonly device: string;
  /** `8:48` */
  readonly majorMinor: string;
  /** device-mapper's view: active, failed. */
  readonly dmState: string;
  /** The path checker's view: ready, faulty, shaky, ghost, undef … */
  readonly checkerState: string;
  /** The kernel's view of the device: running, offline … */
  readonly deviceState: string;
  /** Priority group, from 0 in the order printed. */
  readonly group: number;
}

export interface MultipathMap {
  readonly wwid: string;
  /** The map's name if it differs from the WWID: `mpatha`. */
  readonly alias: string | null;
  /** `dm-2` */
  readonly dmName: string;
  readonly vendor: string | null;
  readonly product: string | null;
  /** As printed, rounded by multipath (`2.0T` is 2 × 1024⁴). Exact sizes come from lsblk. */
  readonly sizeBytes: number | null;
  readonly paths: readonly Path[];
}

export interface ScsiDevice {
  /** `0:0:0:3`; NVMe prints `N:0:1:1`. */
  readonly hctl: string;
  readonly type: string;
  readonly vendor: string;
  readonly model: string;
  readonly revision: string;
  /** `/dev/sdd`; null if lsscsi prints `-`. */
  readonly device: string | null;
  /** As printed, in powers of 1000: `2.19TB`. */
  readonly size: string | null;
}

/** One link of /dev/disk/by-id. */
export interface DiskId {
  readonly name: string;
  /** Kernel name of its target: `dm-2`, `sde`. */
  readonly device: string;
}

export interface BlockDevice {
  readonly name: string;
  /** Kernel name: `sdd`, `dm-2`. */
  readonly kernelName: string;
  readonly majorMinor: string;
  /** disk, part, mpath, lvm, crypt, raid1, rom, loop … */
  readonly type: string;
  readonly sizeBytes: number;
  readonly fileSystem: string | null;
  readonly label: string | null;
  readonly uuid: string | null;
  readonly mountPoints: readonly string[];
  readonly readOnly: boolean;
  readonly logicalSectorBytes: number;
  /** `0x6b083fe…`, udev's ID_WWN_WITH_EXTENSION. */
  readonly wwn: string | null;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly hctl: string | null;
  /** fc, iscsi, sas, nvme … */
  readonly transport: string | null;
  readonly children: readonly BlockDevice[];
}

export interface VolumeGroup {
  readonly name: string;
  readonly uuid: string;
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly tags: readonly string[];
  /** `sanlock`, `dlm`, `none`; null if LVM prints nothing. */
  readonly lockType: string | null;
  /** Set once lvmlockd has initialised the group's locks: `1.0.0:lvmlock`. */
  readonly lockArgs: string | null;
  /** How many of its physical volumes LVM can't find. */
  readonly missingPhysicalVolumes: number;
}

export interface PhysicalVolume {
  /** As LVM names it: `/dev/mapper/mpatha`. */
  readonly device: string;
  readonly uuid: string;
  /** Null if the physical volume is in no volume group (an orphan). */
  readonly volumeGroup: string | null;
  readonly sizeBytes: number;
  readonly freeBytes: number;
  /** LVM uses another disk with the same UUID, and does not report this one's volume group and sizes. */
  readonly isDuplicate: boolean;
}

/** Whether new logical volumes may use extents of a physical volume. */
export interface Allocation {
  /** Of the physical volume. */
  readonly uuid: string;
  readonly volumeGroup: string | null;
  readonly allocatable: boolean;
}

export interface LogicalVolume {
  readonly name: string;
  readonly uuid: string;
  /** Name of its volume group. */
  readonly volumeGroup: string;
  readonly sizeBytes: number;
  readonly tags: readonly string[];
}

/** A logical volume in one host's device-mapper: it is active there. */
export interface ActiveVolume {
  readonly volumeGroupUuid: string;
  readonly uuid: string;
  /** How many users have it open: a VM, a mount or a device on it. */
  readonly openCount: number;
  /** `VG-LV`, with the dashes within each name doubled. */
  readonly mapperName: string;
}

/** A lock of a logical volume that one host's lvmlockd has. */
export interface VolumeLock {
  readonly volumeGroup: string;
  /** Of the logical volume. */
  readonly uuid: string;
  readonly mode: "exclusive" | "shared";
}

/** One magic string on a disk, as wipefs lists it. */
export interface Signature {
  readonly offsetBytes: number;
  /** ext4, xfs, gpt, dos, LVM2_member, linux_raid_member … */
  readonly type: string;
  readonly label: string | null;
  readonly uuid: string | null;
  readonly isPartitionTable: boolean;
}
