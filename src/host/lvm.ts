import { z } from "zod";
import { change, destruction } from "../core/change.ts";
import type { ReadCommand } from "../core/host-command.ts";
import { REPORT } from "../core/limits.ts";
import type { Note } from "../core/not-understood.ts";
import { inParts, ofList } from "../core/parts.ts";
import type { Allocation, LogicalVolume, PhysicalVolume, VolumeGroup } from "../core/storage.ts";
import { AS_SET, count, report, rowsOf, text } from "./lvm-report.ts";
import { rowOf } from "./output.ts";

const GROUP_FIELDS = "vg_name,vg_uuid,vg_size,vg_free,vg_tags,vg_lock_type,vg_lock_args,vg_missing_pv_count";
const VOLUME_FIELDS = "pv_name,pv_uuid,vg_name,pv_size,pv_free,pv_attr";

export const listVolumeGroups: ReadCommand<VolumeGroup[]> = {
  effect: "read",
  argv: report("vgs", GROUP_FIELDS),
  timeoutMs: 20_000,
  limits: REPORT,
  exitCodes: [0, 5],
  parse: inParts(ofList(4), ({ stdout }, note?: Note) =>
    rowsOf("vgs", "vg", stdout, (row) => [volumeGroup(row)], note),
  ),
};

/** Only `--all` lists duplicates. It also lists every disk without a label. */
export const listPhysicalVolumes: ReadCommand<PhysicalVolume[]> = {
  effect: "read",
  argv: [...report("pvs", VOLUME_FIELDS), "--all"],
  timeoutMs: 20_000,
  limits: REPORT,
  exitCodes: [0, 5],
  parse: inParts(ofList(4), ({ stdout }, note?: Note) => rowsOf("pvs", "pv", stdout, physicalVolume, note)),
};

/** The groups that LVM can work with under the host's own settings, filters and devices file. */
export const listUsableVolumeGroups = { ...listVolumeGroups, argv: report("vgs", GROUP_FIELDS, AS_SET) };
export const listUsablePhysicalVolumes = {
  ...listPhysicalVolumes,
  argv: [...report("pvs", VOLUME_FIELDS, AS_SET), "--all"] as const,
};

const volumeGroupSchema = z.object({
  vg_name: z.string().min(1),
  vg_uuid: z.string(),
  vg_size: count,
  vg_free: count,
  vg_tags: text,
  vg_lock_type: text,
  vg_lock_args: text,
  vg_missing_pv_count: z.union([count, z.literal("").transform(() => 0)]).default(0),
});

function volumeGroup(row: unknown): VolumeGroup {
  const group = rowOf("vgs", volumeGroupSchema, row);
  return {
    name: group.vg_name,
    uuid: group.vg_uuid,
    sizeBytes: group.vg_size,
    freeBytes: group.vg_free,
    tags: group.vg_tags?.split(",") ?? [],
    lockType: group.vg_lock_type,
    lockArgs: group.vg_lock_args,
    missingPhysicalVolumes: group.vg_missing_pv_count,
  };
}

const physicalVolumeSchema = z.object({
  pv_name: z.string().min(1),
  pv_uuid: z.string(),
  vg_name: text,
  pv_size: count,
  pv_free: count,
  /** `a--`, `u--`; `d--` is a duplicate. */
  pv_attr: z.string(),
});

/** A duplicate is in group `[unknown]` and has the size 0; a disk without a label has no UUID. */
function physicalVolume(row: unknown): PhysicalVolume[] {
  const volume = rowOf("pvs", physicalVolumeSchema, row);
  if (volume.pv_uuid === "") return [];
  const isDuplicate = volume.pv_attr.startsWith("d");
  return [
    {
      device: volume.pv_name,
      uuid: volume.pv_uuid,
      volumeGroup: isDuplicate ? null : volume.vg_name,
      sizeBytes: volume.pv_size,
      freeBytes: volume.pv_free,
      isDuplicate,
    },
  ];
}

interface NewVolumeGroup {
  readonly name: string;
  readonly tag: string;
  readonly metadataSizeMiB: number;
  readonly devices: readonly string[];
}

/** Without --yes and with empty input: LVM asks before it overwrites a signature, and takes empty input for no. */
export const createSharedVolumeGroup = (group: NewVolumeGroup) =>
  destruction(
    "LUN",
    [
      ...(["vgcreate", "--shared", "--addtag", group.tag] as const),
      ...["--metadatasize", `${group.metadataSizeMiB}m`, group.name, ...group.devices],
    ],
    { timeoutMs: 300_000 },
  );

/**
 * The logical volumes of every volume group, from the metadata on the disks, without hidden ones (sanlock's `lvmlock`).
 * The report takes no lock and does not ask the kernel: `listActiveVolumes` shows active and open volumes.
 */
export const listLogicalVolumes: ReadCommand<LogicalVolume[]> = {
  effect: "read",
  argv: report("lvs", "vg_name,lv_name,lv_uuid,lv_size,lv_tags"),
  timeoutMs: 20_000,
  limits: REPORT,
  exitCodes: [0, 5],
  parse: inParts(ofList(4), ({ stdout }, note?: Note) =>
    rowsOf("lvs", "lv", stdout, (row) => [logicalVolume(row)], note),
  ),
};

const logicalVolumeSchema = z.object({
  vg_name: z.string().min(1),
  lv_name: z.string().min(1),
  lv_uuid: z.string().min(1),
  lv_size: count,
  lv_tags: text,
});

function logicalVolume(row: unknown): LogicalVolume {
  const volume = rowOf("lvs", logicalVolumeSchema, row);
  return {
    name: volume.lv_name,
    uuid: volume.lv_uuid,
    volumeGroup: volume.vg_name,
    sizeBytes: volume.lv_size,
    tags: volume.lv_tags?.split(",") ?? [],
  };
}

/** Which physical volumes are allocatable: logical volumes may take more extents from them. */
export const listAllocations: ReadCommand<Allocation[]> = {
  effect: "read",
  argv: report("pvs", "pv_uuid,vg_name,pv_allocatable"),
  timeoutMs: 20_000,
  limits: REPORT,
  exitCodes: [0, 5],
  parse: inParts(ofList(4), ({ stdout }, note?: Note) => rowsOf("pvs", "pv", stdout, (row) => [allocation(row)], note)),
};

const allocationSchema = z.object({
  pv_uuid: z.string().min(1),
  vg_name: text,
  // A number if LVM's settings have report/binary_values_as_numeric.
  pv_allocatable: z.enum(["allocatable", "", "1", "0"]),
});

function allocation(row: unknown): Allocation {
  const { pv_uuid, vg_name, pv_allocatable } = rowOf("pvs", allocationSchema, row);
  return {
    uuid: pv_uuid,
    volumeGroup: vg_name,
    allocatable: pv_allocatable === "allocatable" || pv_allocatable === "1",
  };
}

/**
 * Allows or forbids logical volumes to take more extents from these physical volumes. Allocated extents are unchanged.
 */
export const setAllocatable = (allocatable: boolean, devices: readonly string[]) =>
  change(["pvchange", "--allocatable", allocatable ? "y" : "n", "--", ...devices], { timeoutMs: 60_000 });

/** A physical volume of a volume group, and the space that it uses of its disk. */
export interface VolumeSpan {
  /** As LVM names it: `/dev/mapper/mpatha`. */
  readonly device: string;
  readonly volumeGroup: string;
  readonly sizeBytes: number;
  /** The start of its first extent, after LVM's metadata. */
  readonly dataStartBytes: number;
  readonly extentBytes: number;
}

const SPAN_FIELDS = "pv_name,vg_name,pv_size,pe_start,vg_extent_size";

export const listVolumeSpans: ReadCommand<VolumeSpan[]> = {
  effect: "read",
  argv: report("pvs", SPAN_FIELDS),
  timeoutMs: 20_000,
  limits: REPORT,
  exitCodes: [0, 5],
  parse: inParts(ofList(4), ({ stdout }, note?: Note) => rowsOf("pvs", "pv", stdout, volumeSpan, note)),
};

/** Those that LVM can work with under the host's own settings. */
export const listUsableVolumeSpans = { ...listVolumeSpans, argv: report("pvs", SPAN_FIELDS, AS_SET) };

const spanSchema = z.object({
  pv_name: z.string().min(1),
  vg_name: text,
  pv_size: count,
  pe_start: count,
  /** Nothing or 0 for an orphan. */
  vg_extent_size: z.union([count, z.literal("").transform(() => 0)]),
});

/** An orphan spans nothing. */
function volumeSpan(row: unknown): VolumeSpan[] {
  const { pv_name, vg_name, pv_size, pe_start, vg_extent_size } = rowOf("pvs", spanSchema, row);
  if (vg_name === null) return [];
  return [
    {
      device: pv_name,
      volumeGroup: vg_name,
      sizeBytes: pv_size,
      dataStartBytes: pe_start,
      extentBytes: vg_extent_size,
    },
  ];
}

interface ExtendedGroup {
  readonly name: string;
  readonly metadataSizeMiB: number;
  readonly device: string;
}

/** Without --yes and with empty input: LVM asks before it overwrites a signature, and takes empty input for no. */
export const extendVolumeGroup = (group: ExtendedGroup) =>
  destruction("LUN", ["vgextend", "--metadatasize", `${group.metadataSizeMiB}m`, group.name, group.device], {
    timeoutMs: 180_000,
  });

/** Grows the physical volume to its whole disk. One that has the whole disk is unchanged. */
export const growPhysicalVolume = (device: string) => change(["pvresize", "--", device], { timeoutMs: 120_000 });

/** Deactivates logical volumes on this host. LVM refuses if one is open, and names it. Data is unchanged. */
export const deactivateVolumes = (volumeGroup: string, volumes: readonly string[]) =>
  change(["lvchange", "--activate", "n", "--", ...volumes.map((volume) => `${volumeGroup}/${volume}`)], {
    timeoutMs: 120_000,
  });

/**
 * None of these commands answers LVM's questions: the input is empty, which LVM takes for no. So LVM keeps what is
 * active or not empty.
 */

/** `VG/LV`. LVM refuses if another host has the lock or if the volume is open. It asks if the volume is active. */
export const removeLogicalVolume = (volumeGroup: string, name: string) =>
  destruction("LUN", ["lvremove", "--", `${volumeGroup}/${name}`], { timeoutMs: 120_000 });

/** Includes its lock volume. LVM refuses if another host has started the lockspace. It asks if volumes are left. */
export const removeVolumeGroup = (volumeGroup: string) =>
  destruction("LUN", ["vgremove", "--", volumeGroup], { timeoutMs: 120_000 });

/**
 * LVM refuses if the physical volume is in a volume group. The global lock of lvmlockd is gone after the last shared
 * group, and pvremove would refuse: `Global lock failed: check that global lockspace is started`.
 */
export const removePhysicalVolume = (device: string) =>
  destruction("LUN", ["pvremove", "--config", "global/use_lvmlockd=0 global/use_lvmetad=0", "--", device], {
    timeoutMs: 60_000,
  });
