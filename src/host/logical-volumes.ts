import { z } from "zod";
import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import type { ActiveVolume, LogicalVolume, VolumeLock } from "../core/storage.ts";
import { rowOf } from "./json-report.ts";
import { linesOf } from "./lines.ts";
import { lockInfo } from "./lockspace.ts";
import { count, report, rowsOf, text } from "./lvm-report.ts";

/**
 * The logical volumes of every volume group, from the metadata on the disks; hidden ones (sanlock's `lvmlock`) are left
 * out. Taking no lock it asks no kernel either: whether one is active or open, `listActiveVolumes` tells.
 */
export const listLogicalVolumes: ReadCommand<LogicalVolume[]> = {
  effect: "read",
  argv: report("lvs", "vg_name,lv_name,lv_uuid,lv_size,lv_tags"),
  timeoutMs: 20_000,
  exitCodes: [0, 5],
  parse: ({ stdout }) => rowsOf("lvs", "lv", stdout).map(logicalVolume),
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

/** The logical volumes that this host's kernel has, hidden ones too: what LVM's metadata can't tell. */
export const listActiveVolumes: ReadCommand<ActiveVolume[]> = {
  effect: "read",
  argv: ["dmsetup", "info", "-c", "--noheadings", "--separator", ":", "-o", "uuid,open,name"],
  timeoutMs: 10_000,
  exitCodes: [0],
  parse: activeVolumes,
};

/**
 *     mpath-36b083fe000daf018000015505abbe00a:1:mpatha
 *     LVM-QyJsQfAihq9GnT5XinRC2X2sSSDwPyFL8F3kz1AbCd0000111122223333444444:0:ps1-vol1
 *
 * `No devices found` where there are none. Behind a volume's UUID a suffix (`-real`) marks a layer under a volume.
 */
function activeVolumes({ stdout }: CommandOutput): ActiveVolume[] {
  return linesOf(stdout).flatMap((line) => {
    if (line.trim() === "" || line.trim() === "No devices found") return [];
    const [, uuid, open, mapperName] = /^([^:]*):(\d+):(\S+)$/.exec(line.trim()) ?? [];
    if (uuid === undefined || open === undefined || mapperName === undefined) {
      throw new OutputNotUnderstood("dmsetup", line, "uuid:open count:name");
    }
    const [, group, volume] = /^LVM-([0-9A-Za-z]{32})([0-9A-Za-z]{32})$/.exec(uuid) ?? [];
    if (group === undefined || volume === undefined) return [];
    const openCount = Number(open);
    return [{ volumeGroupUuid: withDashes(group), uuid: withDashes(volume), openCount, mapperName }];
  });
}

/** device-mapper has LVM's UUIDs without the dashes with which LVM prints them. */
const withDashes = (uuid: string): string =>
  uuid.replace(/^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/, "$1-$2-$3-$4-$5-$6-$7");

/** The locks on logical volumes that this host holds; null where lvmlockd is not running. */
export const listVolumeLocks: ReadCommand<VolumeLock[] | null> = { ...lockInfo, parse: volumeLocks };

/**
 *     VG 7c9e lock_type=sanlock QyJsQf-Aihq-9GnT-5Xin-RC2X-2sSS-DwPyFL
 *     LS sanlock lvm_7c9e
 *     LK VG un ver 5
 *     LK LV ex 8F3kz1-AbCd-0000-1111-2222-3333-444444
 *     LK LV un GN4xI5-2A0H-fUOi-9Y3j-0VLr-FnyT-HDsOve
 *
 * `un` is a lock that was given up. Without the daemon: `Cannot connect to lvmlockd.`, exit code 255 (-1).
 */
function volumeLocks({ stdout, stderr, exitCode }: CommandOutput): VolumeLock[] | null {
  if (exitCode !== 0) {
    if (/connect/i.test(`${stdout}${stderr}`)) return null;
    throw new OutputNotUnderstood("lvmlockctl", `${stdout}${stderr}`.trim(), "locks");
  }
  let volumeGroup: string | null = null;
  return linesOf(stdout).flatMap((line): VolumeLock[] => {
    volumeGroup = /^VG (\S+) /.exec(line)?.[1] ?? volumeGroup;
    if (!line.startsWith("LK LV ")) return [];
    const [, mode, uuid] = /^LK LV (ex|sh|un) (\S+)\s*$/.exec(line) ?? [];
    if (volumeGroup === null || mode === undefined || uuid === undefined) {
      throw new OutputNotUnderstood("lvmlockctl", line, "LK LV ex|sh|un uuid");
    }
    return mode === "un" ? [] : [{ volumeGroup, uuid, mode: mode === "ex" ? "exclusive" : "shared" }];
  });
}
