import { z } from "zod";
import { type CommandOutput, type Destruction, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW, REPORT } from "../core/limits.ts";
import type { Note } from "../core/not-understood.ts";
import { inParts, ofList } from "../core/parts.ts";
import type { PhysicalVolume, VolumeGroup } from "../core/storage.ts";
import { rowOf } from "./json-report.ts";
import { linesOf } from "./lines.ts";
import { AS_SET, count, report, rowsOf, text } from "./lvm-report.ts";

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

/** With `--all`, which alone lists duplicates; it lists every disk without a label too. */
export const listPhysicalVolumes: ReadCommand<PhysicalVolume[]> = {
  effect: "read",
  argv: [...report("pvs", VOLUME_FIELDS), "--all"],
  timeoutMs: 20_000,
  limits: REPORT,
  exitCodes: [0, 5],
  parse: inParts(ofList(4), ({ stdout }, note?: Note) => rowsOf("pvs", "pv", stdout, physicalVolume, note)),
};

/** Those that LVM can work with as it is set on the host: its filters and its devices file in force. */
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

/** The settings of LVM that shared volume groups depend on; null where this version of LVM doesn't know one. */
export interface LvmSettings {
  /** sanlock's host id; 0 where none was given. */
  readonly hostId: number | null;
  readonly useLvmlockd: boolean;
  readonly sanlockLvExtendMiB: number | null;
  readonly lvmlockdLockRetries: number | null;
  readonly issueDiscards: boolean;
  /** LVM uses only the disks that its devices file lists, where there is one. */
  readonly useDevicesFile: boolean | null;
  /** LVM asks a daemon that keeps what it saw of the disks, and knows nothing of what other hosts wrote since. */
  readonly useLvmetad: boolean | null;
}

/** As in force: lvm.conf, lvmlocal.conf and the defaults together. */
export const readLvmSettings: ReadCommand<LvmSettings> = {
  effect: "read",
  argv: [
    ...(["lvmconfig", "--type", "full", "local/host_id", "global/use_lvmlockd", "global/sanlock_lv_extend"] as const),
    ...["global/lvmlockd_lock_retries", "devices/issue_discards", "devices/use_devicesfile", "global/use_lvmetad"],
  ],
  timeoutMs: 20_000,
  limits: FEW,
  exitCodes: [0, 5],
  parse: lvmSettings,
};

/**
 *     host_id=0
 *     use_lvmlockd=1
 *
 * `log/command_names` in LVM's settings puts the command before each. Exit code 5 with `Configuration node global/… not found` for what a version doesn't know; the others are printed.
 */
function lvmSettings({ stdout, stderr, exitCode }: CommandOutput): LvmSettings {
  if (exitCode !== 0 && !/Configuration node \S+ not found/.test(stderr)) {
    throw new OutputNotUnderstood("lvmconfig", stderr.trim(), "settings");
  }
  const values = new Map<string, number>();
  for (const line of linesOf(stdout)) {
    const [, name, value] = /^(?:lvmconfig:?\s+)?([a-z_]+)=(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined || value === undefined) continue;
    if (!/^\d+$/.test(value)) throw new OutputNotUnderstood("lvmconfig", line, "a number");
    values.set(name, Number(value));
  }
  if (values.size === 0) throw new OutputNotUnderstood("lvmconfig", stdout.trim(), "settings");
  const switchOf = (name: string): boolean | null => (values.has(name) ? values.get(name) === 1 : null);
  return {
    hostId: values.get("host_id") ?? null,
    useLvmlockd: values.get("use_lvmlockd") === 1,
    sanlockLvExtendMiB: values.get("sanlock_lv_extend") ?? null,
    lvmlockdLockRetries: values.get("lvmlockd_lock_retries") ?? null,
    issueDiscards: values.get("issue_discards") === 1,
    useDevicesFile: switchOf("use_devicesfile"),
    useLvmetad: switchOf("use_lvmetad"),
  };
}

export interface NewVolumeGroup {
  readonly name: string;
  readonly tag: string;
  readonly metadataSizeMiB: number;
  readonly devices: readonly string[];
}

/** Without --yes and with empty input: LVM asks before it overwrites a signature, and takes that for no. */
export const createSharedVolumeGroup = (group: NewVolumeGroup): Destruction<null, "LUN"> => ({
  effect: "destroy",
  loses: "LUN",
  argv: [
    ...(["vgcreate", "--shared", "--addtag", group.tag] as const),
    ...["--metadatasize", `${group.metadataSizeMiB}m`, group.name, ...group.devices],
  ],
  timeoutMs: 300_000,
  exitCodes: [0],
  parse: () => null,
});
