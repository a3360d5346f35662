import { z } from "zod";

/**
 * The state of the simulated SAN, as it is saved. There is one array. The content of a LUN is stored with the LUN, so
 * every host sees the same.
 */

const signatureSchema = z.strictObject({
  offsetBytes: z.int().min(0),
  /** As blkid names it: ext4, xfs, LVM2_member, gpt, PMBR … */
  type: z.string().min(1),
  label: z.string().nullable(),
  uuid: z.string().nullable(),
  /** The magic string in hexadecimal; `wipefs` erases and prints it. */
  magic: z.string().regex(/^([0-9a-f]{2})+$/),
});
const partitionSchema = z.strictObject({
  number: z.int().min(1),
  sizeBytes: z.int().positive(),
  fileSystem: z.string().nullable(),
  label: z.string().nullable(),
  uuid: z.string().nullable(),
});
const physicalVolumeSchema = z.strictObject({
  uuid: z.string(),
  /** Of the device when it became a physical volume; LVM keeps to it when the LUN grows. */
  sizeBytes: z.int().positive(),
  dataStartBytes: z.int().positive(),
  /** UUID of its volume group; null for an orphan. */
  volumeGroupUuid: z.string().nullable(),
  /** `pvchange --allocatable n`: no new extents are taken from it. */
  allocatable: z.boolean().default(true),
});
const erasedSchema = z.strictObject({
  signatures: z.array(signatureSchema),
  firstByte: z.int().min(1).nullable(),
  partitions: z.array(partitionSchema),
  physicalVolume: physicalVolumeSchema.nullable(),
});
export const contentSchema = z.strictObject({
  signatures: z.array(signatureSchema),
  /** The first byte that is not zero, counted from 1 as `cmp` does; erasing magic strings leaves the other bytes. */
  firstByte: z.int().min(1).nullable(),
  firstByteOnceWiped: z.int().min(1).nullable(),
  partitions: z.array(partitionSchema),
  physicalVolume: physicalVolumeSchema.nullable(),
  /** The content without the magic strings that wipefs erased. It is visible again if they are restored. */
  erased: erasedSchema.nullable().default(null),
});
const lunSchema = z.strictObject({
  wwid: z.string(),
  /** The last figure of `host:channel:target:lun`. */
  number: z.int().min(0),
  sizeBytes: z.int().positive(),
  logicalSectorBytes: z.int().positive().default(512),
  vendor: z.string(),
  product: z.string(),
  revision: z.string(),
  content: contentSchema,
});
/** A logical volume that takes space as it is written. */
const fillSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("thin-pool"),
    dataPercent: z.number().min(0).max(100),
    metadataPercent: z.number().min(0).max(100),
    /** `Fail`: the kernel has given it up. */
    mode: z.enum(["rw", "ro", "out_of_data_space", "Fail"]),
  }),
  z.strictObject({
    kind: z.literal("snapshot"),
    percent: z.number().min(0).max(100),
    isValid: z.boolean(),
  }),
]);
const logicalVolumeSchema = z.strictObject({
  name: z.string(),
  sizeBytes: z.int().positive(),
  tags: z.array(z.string()).default([]),
  fill: fillSchema.optional(),
});
const volumeGroupSchema = z.strictObject({
  name: z.string(),
  uuid: z.string(),
  tags: z.array(z.string()),
  /** null for a group of one host. */
  lockType: z.literal("sanlock").nullable(),
  lockArgs: z.string().nullable(),
  logicalVolumes: z.array(logicalVolumeSchema),
});

/** The lease of a host in a group's lockspace, after its death or its release. */
const pastLeaseSchema = z.strictObject({
  volumeGroupUuid: z.string(),
  hostId: z.int(),
  ownerName: z.string(),
  /** Milliseconds since the epoch. */
  lastRenewal: z.number(),
  released: z.boolean(),
});
const pathSchema = z.strictObject({
  wwid: z.string(),
  hctl: z.string(),
  /** null until the host has scanned its SCSI hosts: the array offers the LUN, the kernel does not know it. */
  device: z.string().nullable(),
  /** The size at the kernel's last scan; 0 if it has scanned again and the LUN was no longer offered. */
  sizeBytes: z.int().nonnegative(),
  /**
   * `failed`: the path checker reports it as failed; `offline`: the kernel has; `unmapped`: the array no longer offers
   * the LUN.
   */
  state: z.enum(["running", "failed", "offline", "unmapped"]),
});
const mapSchema = z.strictObject({
  wwid: z.string(),
  alias: z.string(),
  minor: z.int().min(0),
  sizeBytes: z.int().positive(),
  /** Paths in its table that the kernel no longer knows as disks. */
  gonePaths: z.int().min(0).default(0),
  /** Paths that multipathd could not add, by kernel name: they were in use themselves. */
  leftOut: z.array(z.string()).default([]),
  /** Of these, the ones that a person deleted from multipathd: it has them again once maps are assembled. */
  deleted: z.array(z.string()).default([]),
});
export const multipathSettingsSchema = z.strictObject({
  findMultipaths: z.enum(["no", "yes", "greedy", "smart", "strict"]),
  userFriendlyNames: z.boolean(),
  /** `devnode "*"` in its blacklist: no disk becomes a map. */
  blacklistsAll: z.boolean(),
  /** The names in the overrides section; it wins over all others. */
  overridingNames: z.boolean().nullable().default(null),
  /** The names in device sections, in their order. */
  namesOfMakes: z.array(z.strictObject({ vendor: z.string(), product: z.string(), friendly: z.boolean() })).default([]),
  /** Regular expressions of the blacklist, except one that excludes everything. */
  blacklist: z.array(z.strictObject({ by: z.enum(["devnode", "wwid"]), pattern: z.string() })).default([]),
  /** Those of the exceptions, which win. */
  exceptions: z.array(z.strictObject({ by: z.enum(["devnode", "wwid"]), pattern: z.string() })).default([]),
  /** Whether it knows the section of that name at all. */
  knowsOverrides: z.boolean().default(true),
});

/** As Debian installs multipath. */
export const settingsAsInstalled: z.output<typeof multipathSettingsSchema> = {
  findMultipaths: "yes",
  userFriendlyNames: true,
  blacklistsAll: false,
  overridingNames: null,
  namesOfMakes: [],
  blacklist: [],
  exceptions: [],
  knowsOverrides: true,
};

const localDiskSchema = z.strictObject({
  device: z.string(),
  hctl: z.string(),
  model: z.string(),
  revision: z.string(),
  serial: z.string(),
  wwn: z.string(),
  sizeBytes: z.int().positive(),
  partitions: z.array(partitionSchema.extend({ mountPoint: z.string().nullable() })),
});
const vmSchema = z.strictObject({
  uuid: z.string(),
  name: z.string(),
  disks: z.array(z.strictObject({ volumeGroup: z.string(), volume: z.string() })),
  /** LUNs that it has as raw disks, by the path that its XML names; QEMU takes no exclusive open. */
  rawDisks: z.array(z.strictObject({ wwid: z.string(), target: z.string(), source: z.string() })).default([]),
  /** false: it is only defined. */
  runs: z.boolean().default(true),
  /** Its raw disks and further devices are only in the definition that counts at its next start. */
  rawDisksLater: z.boolean().default(false),
  /** Further devices, each as its XML has it. */
  devices: z.array(z.string()).default([]),
  /** What it passes on to QEMU. */
  qemuArguments: z.array(z.string()).default([]),
  /** Devices in the state that was saved to disk; the VM continues with them. null without such a state. */
  savedDevices: z.array(z.string()).nullable().default(null),
  /** Whether its guest shuts down when it is asked to. */
  heedsShutdown: z.boolean(),
});
/** A storage pool of libvirt. */
const poolSchema = z.strictObject({
  name: z.string(),
  runs: z.boolean(),
  xml: z.string(),
  /** Paths of its volumes while it runs, by their names. */
  volumes: z.record(z.string(), z.string()),
});
/** A device on a LUN that is no volume: bcache, DRBD, RAID. It opened the LUN exclusively. */
const stackedSchema = z.strictObject({
  wwid: z.string(),
  kernelName: z.string(),
  /** lsblk's TYPE. */
  type: z.string(),
  major: z.int(),
  minor: z.int(),
  /** 0: lsblk leaves it out. */
  sizeBytes: z.int().min(0),
});
/** A program that has a LUN open, by its map or, without one, by its path. */
const openerSchema = z.strictObject({
  wwid: z.string(),
  pid: z.int(),
  name: z.string(),
  /** By the second device file of its first path, past the map and its open count. */
  generic: z.boolean().default(false),
  /** The name by which it opened the device, if it has its own: in a container. */
  node: z.string().nullable().default(null),
});
/** A LUN that the host's kernel offers to others; it opened it exclusively. */
const exportSchema = z.strictObject({ wwid: z.string(), attribute: z.string(), device: z.string() });
const iscsiSessionSchema = z.strictObject({
  sid: z.int().min(1),
  target: z.string(),
  address: z.string(),
  port: z.int(),
  /** The target portal group. */
  group: z.int(),
  /** The address to which the target redirected the login; null if it stayed at the portal. */
  sentOnTo: z.string().nullable().default(null),
  /** Its SCSI host, `/sys/class/scsi_host/hostN`. */
  scsiHost: z.int().min(0),
});
const iscsiTargetSchema = z.strictObject({
  name: z.string(),
  portals: z.array(
    z.strictObject({
      address: z.string(),
      port: z.int(),
      group: z.int(),
      /** The address that discovery reports; hosts may be unable to reach it. */
      told: z.string(),
      answers: z.boolean(),
      /** Login redirection: the address to which every login here is redirected. */
      sendsOnTo: z.string().nullable().default(null),
    }),
  ),
  chap: z.strictObject({ user: z.string(), secret: z.string() }).nullable(),
  luns: z.array(
    z.strictObject({
      number: z.int().min(0),
      wwid: z.string(),
      /** Set if it differs from that of the LUN's WWID. */
      serial: z.string().nullable().default(null),
    }),
  ),
});
const rememberedSchema = z.strictObject({
  wwid: z.string(),
  fileSystem: z.string().nullable(),
  label: z.string().nullable(),
  uuid: z.string().nullable(),
});
const hostSchema = z.strictObject({
  name: z.string(),
  user: z.string(),
  /** The port of its SSH server on 127.0.0.1; null until the first start. */
  port: z.int().min(1).max(65_535).nullable(),
  /** Numbers of its SCSI hosts, `/sys/class/scsi_host/hostN`. */
  scsiHosts: z.array(z.int().min(0)),
  transport: z.string(),
  localDisk: localDiskSchema,
  paths: z.array(pathSchema),
  maps: z.array(mapSchema),
  mounts: z.array(z.strictObject({ wwid: z.string(), partition: z.int().nullable(), mountPoint: z.string() })),
  /** Logical volumes active here: device-mapper holds their physical volumes. */
  activeVolumes: z.array(
    z.strictObject({
      volumeGroupUuid: z.string(),
      name: z.string(),
      minor: z.int().min(0),
      /** The number of openers: VMs, mounts. */
      openCount: z.int().min(0).default(0),
      /** The lock that lvmlockd holds for as long as it is active; null in a group of one host. */
      lock: z.enum(["ex", "sh"]).nullable().default(null),
    }),
  ),
  files: z.array(z.strictObject({ path: z.string(), content: z.string(), executable: z.boolean().optional() })),
  directories: z.array(z.string()),
  /** Symbolic links, as they were made. */
  links: z.array(z.strictObject({ path: z.string(), to: z.string() })).default([]),
  units: z.array(z.strictObject({ name: z.string(), active: z.boolean(), enabled: z.boolean() })),
  /** Packages of the catalogue that are not installed, by the name that this host's distribution gives them. */
  missingPackages: z.array(z.string()).default([]),
  /** Loaded kernel modules, as /sys/module names them. */
  modules: z.array(z.string()).default(["dm_mod", "dm_multipath"]),
  /** The kernel's host name if it is no longer `name`, by which the SAN knows the host. */
  hostname: z.string().nullable().default(null),
  /** Its address on the hosts' network; null if it has only the loopback address. */
  address: z.string().nullable().default(null),
  /** multipath.conf as multipathd has read it. */
  multipathSettings: multipathSettingsSchema.default(settingsAsInstalled),
  lockspaces: z.array(
    z.strictObject({
      volumeGroupUuid: z.string(),
      hostId: z.int(),
      /** Since when sanlock can't write its lease, in milliseconds since the epoch; null while it can. */
      staleSince: z.number().nullable().default(null),
      /** lvmlockd is in it; one that died is not, though sanlock keeps the lease. */
      joined: z.boolean().default(true),
      /** The logical volumes with an orphaned lock: their lvmlockd has died. */
      orphans: z.array(z.string()).default([]),
    }),
  ),
  /** How far its clock goes ahead of the true time. */
  clockAheadMs: z.int().default(0),
  /** Numbers of its watchdog devices. */
  watchdogs: z.array(z.int().min(0)).default([]),
  /** The virtual machines that libvirt runs here. */
  machines: z.array(vmSchema).default([]),
  storagePools: z.array(poolSchema).default([]),
  stacked: z.array(stackedSchema).default([]),
  openers: z.array(openerSchema).default([]),
  exports: z.array(exportSchema).default([]),
  /** Loop devices on LUNs; they take no exclusive open. */
  loops: z.array(z.strictObject({ wwid: z.string(), name: z.string() })).default([]),
  /** LUNs that are open exclusively by an invisible user: ZFS, a mount of another namespace. */
  claims: z.array(z.string()).default([]),
  /** LUNs with a map that is open by an invisible process. */
  hiddenOpens: z.array(z.string()).default([]),
  iscsiSessions: z.array(iscsiSessionSchema).default([]),
  /** LUNs that the array no longer offers to it. */
  withheld: z.array(z.string()).default([]),
  /** It has no power. */
  isDown: z.boolean().default(false),
  /** What its udev recorded about the LUNs at its last probe. */
  udevMemory: z.array(rememberedSchema).default([]),
});
export const sanStateSchema = z.strictObject({
  version: z.literal(1),
  luns: z.array(lunSchema),
  volumeGroups: z.array(volumeGroupSchema),
  pastLeases: z.array(pastLeaseSchema).default([]),
  /** Target numbers of the array's SAS ports that don't work. */
  failedPorts: z.array(z.int().min(0)).default([]),
  /** The array's iSCSI targets. */
  targets: z.array(iscsiTargetSchema).default([]),
  hosts: z.array(hostSchema),
});

/** The saved objects themselves are the model: programs change them in place, through the SAN that owns them. */
export type SanState = z.output<typeof sanStateSchema>;
export type SanHost = z.output<typeof hostSchema>;
export type SanLun = z.output<typeof lunSchema>;
export type SanPath = z.output<typeof pathSchema>;
export type SanMap = z.output<typeof mapSchema>;
export type SanVolumeGroup = z.output<typeof volumeGroupSchema>;
export type SanFill = z.output<typeof fillSchema>;
export type IscsiSession = z.output<typeof iscsiSessionSchema>;
export type IscsiTarget = z.output<typeof iscsiTargetSchema>;
export type RememberedByUdev = z.output<typeof rememberedSchema>;
export type SanVm = z.output<typeof vmSchema>;
export type SanStoragePool = z.output<typeof poolSchema>;
export type SanPartition = z.output<typeof partitionSchema>;
export type SanSignature = z.output<typeof signatureSchema>;
export type MultipathSettings = z.output<typeof multipathSettingsSchema>;
export type Content = z.output<typeof contentSchema>;
export type PhysicalVolumeOnLun = z.output<typeof physicalVolumeSchema>;
