import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { type Note, parseEach } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import type { ActiveVolume } from "../core/storage.ts";
import { filledLinesOf, linesOf } from "./output.ts";

/** The logical volumes that this host's kernel has, including hidden ones. LVM's metadata does not have this. */
export const listActiveVolumes: ReadCommand<ActiveVolume[]> = {
  effect: "read",
  argv: ["dmsetup", "info", "-c", "--noheadings", "--separator", ":", "-o", "uuid,open,name"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0],
  parse: inParts(ofLines, ({ stdout }, note?: Note) => mappedDevices(stdout, note).flatMap(activeVolume)),
};

/** Every device of device-mapper. The group is null if the device is not an LVM volume. */
export const listMappedDevices: ReadCommand<(ActiveVolume | (MappedDevice & { readonly volumeGroupUuid: null }))[]> = {
  ...listActiveVolumes,
  parse: inParts(ofLines, ({ stdout }, note?: Note) =>
    mappedDevices(stdout, note).map((device) => activeVolume(device)[0] ?? { ...device, volumeGroupUuid: null }),
  ),
};

/** A device as this host's device-mapper has it. */
interface MappedDevice {
  /** `mpath-36b0…`, `LVM-…`; empty if its creator set none. */
  readonly uuid: string;
  readonly openCount: number;
  readonly mapperName: string;
}

/**
 *     mpath-36b083fe000daf018000015505abbe00a:1:mpatha
 *     LVM-QyJsQfAihq9GnT5XinRC2X2sSSDwPyFL8F3kz1AbCd0000111122223333444444:0:ps1-vol1
 *     mpath-iqn.2015-05.com.example:disk:0:iqn.2015-05.com.example:disk
 *
 * `No devices found` if there are none. UUIDs and names may hold colons.
 */
function mappedDevices(stdout: string, note?: Note): MappedDevice[] {
  const lines = linesOf(stdout)
    .map((line) => line.trim())
    .filter((line) => line !== "" && line !== "No devices found");
  return parseEach(lines, (line) => [mappedDevice(line)], wordsOf, note);
}

function mappedDevice(line: string): MappedDevice {
  const splits = Array.from(line.matchAll(/(?<=:)(\d+)(?=:)/g), (found) => ({
    uuid: line.slice(0, found.index - 1),
    openCount: Number(found[1]),
    mapperName: line.slice(found.index + found[0].length + 1),
  }));
  const isVolume = line.startsWith("LVM-");
  if (isVolume && !VOLUME_UUID.test(line)) throw new OutputNotUnderstood("dmsetup", line, "LVM's UUID of a volume");
  // LVM's UUIDs have no colon. A map without an alias has its WWID as name.
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

/** What a line that is not understood may be about. */
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

/** device-mapper has LVM's UUIDs without dashes; LVM prints them with dashes. */
const withDashes = (uuid: string): string =>
  uuid.replace(/^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/, "$1-$2-$3-$4-$5-$6-$7");

/** How often a device-mapper device is open. The kernel counts every opener, also without an exclusive open. */
export interface OpenCount {
  /** `253:2` */
  readonly majorMinor: string;
  readonly count: number;
  /**
   * Names the creator and the object: `LVM-` with the UUIDs of group and volume, `mpath-` with a WWID. Empty if there
   * is none.
   */
  readonly uuid: string;
}

/** Every device-mapper device of the host. The UUID comes last: it may hold the separator. */
export const listOpenCounts: ReadCommand<OpenCount[]> = {
  effect: "read",
  argv: ["dmsetup", "info", "-c", "--noheadings", "--separator", ":", "-o", "major,minor,open,uuid"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0],
  parse: inParts(ofLines, ({ stdout }, note?: Note) =>
    // A line that is not understood may be about any map.
    parseEach(filledLinesOf(stdout), openCount, () => null, note),
  ),
};

/** `253:2:1:mpath-36b083fe000daf018000015505abbe00a`; `No devices found` if there are none. */
function openCount(line: string): OpenCount[] {
  if (line.trim() === "" || line.trim() === "No devices found") return [];
  const [, major, minor, count, uuid] = /^(\d+):(\d+):(\d+):(.*)$/.exec(line.trim()) ?? [];
  if (count === undefined || uuid === undefined)
    throw new OutputNotUnderstood("dmsetup", line, "major:minor:open count:UUID");
  return [{ majorMinor: `${major}:${minor}`, count: Number(count), uuid }];
}
