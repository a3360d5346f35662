import { z } from "zod";
import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY, REPORT } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import { inParts, ofLines, ofList } from "../core/parts.ts";
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

/** The logical volumes that this host's kernel has, hidden ones too: what LVM's metadata can't tell. */
export const listActiveVolumes: ReadCommand<ActiveVolume[]> = {
  effect: "read",
  argv: ["dmsetup", "info", "-c", "--noheadings", "--separator", ":", "-o", "uuid,open,name"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0],
  parse: inParts(ofLines, ({ stdout }, note?: Note) => mappedDevices(stdout, note).flatMap(activeVolume)),
};

/** Every device of device-mapper; of one that is no volume of LVM the group is null. */
export const listMappedDevices: ReadCommand<(ActiveVolume | (MappedDevice & { readonly volumeGroupUuid: null }))[]> = {
  ...listActiveVolumes,
  parse: inParts(ofLines, ({ stdout }, note?: Note) =>
    mappedDevices(stdout, note).map((device) => activeVolume(device)[0] ?? { ...device, volumeGroupUuid: null }),
  ),
};

/** A device as this host's device-mapper has it. */
export interface MappedDevice {
  /** `mpath-36b0…`, `LVM-…`; empty where its maker gave it none. */
  readonly uuid: string;
  readonly openCount: number;
  readonly mapperName: string;
}

/**
 *     mpath-36b083fe000daf018000015505abbe00a:1:mpatha
 *     LVM-QyJsQfAihq9GnT5XinRC2X2sSSDwPyFL8F3kz1AbCd0000111122223333444444:0:ps1-vol1
 *     mpath-iqn.2015-05.com.example:disk:0:iqn.2015-05.com.example:disk
 *
 * `No devices found` where there are none. UUIDs and names may hold colons.
 */
function mappedDevices(stdout: string, note?: Note): MappedDevice[] {
  const lines = linesOf(stdout)
    .map((line) => line.trim())
    .filter((line) => line !== "" && line !== "No devices found");
  return eachUnderstood(lines, (line) => [mappedDevice(line)], wordsOf, note);
}

function mappedDevice(line: string): MappedDevice {
  const splits = Array.from(line.matchAll(/(?<=:)(\d+)(?=:)/g), (found) => ({
    uuid: line.slice(0, found.index - 1),
    openCount: Number(found[1]),
    mapperName: line.slice(found.index + found[0].length + 1),
  }));
  const isVolume = line.startsWith("LVM-");
  if (isVolume && !VOLUME_UUID.test(line)) throw new OutputNotUnderstood("dmsetup", line, "LVM's UUID of a volume");
  // LVM's UUIDs hold no colon; a map without an alias is called by its WWID.
  const likely = isVolume
    ? splits.filter(({ uuid }) => !uuid.includes(":"))
    : splits.filter(({ uuid, mapperName }) => uuid === `mpath-${mapperName}`);
  const [only, another] = likely.length > 0 || isVolume ? likely : splits;
  if (only === undefined || only.mapperName === "" || another !== undefined) {
    throw new OutputNotUnderstood("dmsetup", line, "uuid:open count:name");
  }
  return only;
}

/** Behind a volume's UUID a suffix (`-real`) marks a layer under a volume. */
const VOLUME_UUID = /^LVM-[0-9A-Za-z]{64}(?:-[^:]*)?:/;

/** What an odd line may be about. */
function wordsOf(line: string): string[] | null {
  const words = line.split(/[:\s]+/).filter((word) => word.length > 2);
  if (words.length < 2) return null;
  return words.flatMap((word) => [
    word.replace(/^mpath-/, ""),
    ...(word.startsWith("LVM-") ? [withDashes(word.slice(4, 36))] : []),
    // `VG-LV`
    ...(/^((?:[^-]|--)+)-(?:[^-]|--)+$/.exec(word)?.slice(1) ?? []).map((group) => group.replaceAll("--", "-")),
  ]);
}

function activeVolume({ uuid, openCount, mapperName }: MappedDevice): ActiveVolume[] {
  const [, group, volume] = /^LVM-([0-9A-Za-z]{32})([0-9A-Za-z]{32})$/.exec(uuid) ?? [];
  if (group === undefined || volume === undefined) return [];
  return [{ volumeGroupUuid: withDashes(group), uuid: withDashes(volume), openCount, mapperName }];
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
function volumeLocks({ stdout, stderr, exitCode }: CommandOutput, note?: Note): VolumeLock[] | null {
  if (exitCode !== 0) {
    if (/connect/i.test(`${stdout}${stderr}`)) return null;
    throw new OutputNotUnderstood("lvmlockctl", `${stdout}${stderr}`.trim(), "locks");
  }
  let volumeGroup: string | null = null;
  const lines = linesOf(stdout)
    .filter((line) => line.trim() !== "")
    .map((line) => {
      if (line.startsWith("VG")) volumeGroup = /^VG (\S+) lock_type=/.exec(line)?.[1] ?? null;
      return { line, volumeGroup };
    });
  const aboutOf = ({ volumeGroup: group }: (typeof lines)[number]) => (group === null ? null : [group]);
  return eachUnderstood(lines, (each) => (each.line.startsWith("LK LV") ? volumeLock(each) : []), aboutOf, note);
}

/** Newer versions tell more behind the UUID: `fence_owner 2.3`. */
function volumeLock({
  line,
  volumeGroup,
}: {
  readonly line: string;
  readonly volumeGroup: string | null;
}): VolumeLock[] {
  const [, mode, uuid] = /^LK LV (ex|sh|un) (\S+)(?: .*)?$/.exec(line.trimEnd()) ?? [];
  if (volumeGroup === null || mode === undefined || uuid === undefined) {
    throw new OutputNotUnderstood("lvmlockctl", line, "LK LV ex|sh|un uuid");
  }
  return mode === "un" ? [] : [{ volumeGroup, uuid, mode: mode === "ex" ? "exclusive" : "shared" }];
}
