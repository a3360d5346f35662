import { z } from "zod";

/** The state of the simulated SAN, as it is saved. One array; what a LUN holds lives on the LUN, so every host sees the same. */

export const signatureSchema = z.strictObject({
  offsetBytes: z.int().min(0),
  /** As blkid names it: ext4, xfs, LVM2_member, gpt, PMBR … */
  type: z.string().min(1),
  label: z.string().nullable(),
  uuid: z.string().nullable(),
  /** The magic string, hexadecimal; what `wipefs` erases and says it erased. */
  magic: z.string().regex(/^([0-9a-f]{2})+$/),
});
export const partitionSchema = z.strictObject({
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
});
export const contentSchema = z.strictObject({
  signatures: z.array(signatureSchema),
  /** The first byte that is not zero, counted from 1 as `cmp` does; erasing magic strings leaves the other bytes. */
  firstByte: z.int().min(1).nullable(),
  firstByteOnceWiped: z.int().min(1).nullable(),
  partitions: z.array(partitionSchema),
  physicalVolume: physicalVolumeSchema.nullable(),
});
const lunSchema = z.strictObject({
  wwid: z.string(),
  /** The last figure of `host:channel:target:lun`. */
  number: z.int().min(0),
  sizeBytes: z.int().positive(),
  vendor: z.string(),
  product: z.string(),
  revision: z.string(),
  content: contentSchema,
});
const volumeGroupSchema = z.strictObject({
  name: z.string(),
  uuid: z.string(),
  tags: z.array(z.string()),
  /** null for a group of one host. */
  lockType: z.literal("sanlock").nullable(),
  lockArgs: z.string().nullable(),
  logicalVolumes: z.array(z.strictObject({ name: z.string(), sizeBytes: z.int().positive() })),
});

const pathSchema = z.strictObject({
  wwid: z.string(),
  hctl: z.string(),
  /** null until the host has scanned its SCSI hosts: the array offers the LUN, the kernel does not know it. */
  device: z.string().nullable(),
  /** As the kernel saw it when it last looked. */
  sizeBytes: z.int().positive(),
  /** `failed`: the path checker has given it up; `offline`: the kernel has. */
  state: z.enum(["running", "failed", "offline"]),
});
const mapSchema = z.strictObject({
  wwid: z.string(),
  alias: z.string(),
  minor: z.int().min(0),
  sizeBytes: z.int().positive(),
});
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
export const hostSchema = z.strictObject({
  name: z.string(),
  user: z.string(),
  /** Where its SSH server listens on 127.0.0.1; null until it first did. */
  port: z.int().min(1).max(65_535).nullable(),
  /** Numbers of its SCSI hosts, `/sys/class/scsi_host/hostN`. */
  scsiHosts: z.array(z.int().min(0)),
  transport: z.string(),
  localDisk: localDiskSchema,
  paths: z.array(pathSchema),
  maps: z.array(mapSchema),
  mounts: z.array(z.strictObject({ wwid: z.string(), partition: z.int().nullable(), mountPoint: z.string() })),
  /** Logical volumes active here: device-mapper holds their physical volumes. */
  activeVolumes: z.array(z.strictObject({ volumeGroupUuid: z.string(), name: z.string(), minor: z.int().min(0) })),
  files: z.array(z.strictObject({ path: z.string(), content: z.string() })),
  directories: z.array(z.string()),
  units: z.array(z.strictObject({ name: z.string(), active: z.boolean(), enabled: z.boolean() })),
  lockspaces: z.array(z.strictObject({ volumeGroupUuid: z.string(), hostId: z.int() })),
});
export const sanStateSchema = z.strictObject({
  version: z.literal(1),
  luns: z.array(lunSchema),
  volumeGroups: z.array(volumeGroupSchema),
  hosts: z.array(hostSchema),
});

/** The saved objects themselves are the model: programs change them in place, through the SAN that owns them. */
export type SanState = z.output<typeof sanStateSchema>;
export type SanHost = z.output<typeof hostSchema>;
export type SanLun = z.output<typeof lunSchema>;
export type SanPath = z.output<typeof pathSchema>;
export type SanMap = z.output<typeof mapSchema>;
export type SanVolumeGroup = z.output<typeof volumeGroupSchema>;
export type SanPartition = z.output<typeof partitionSchema>;
export type SanSignature = z.output<typeof signatureSchema>;
export type Content = z.output<typeof contentSchema>;
export type PhysicalVolumeOnLun = z.output<typeof physicalVolumeSchema>;
