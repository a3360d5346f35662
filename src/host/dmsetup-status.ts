import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { type Note, parseEach } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import { filledLinesOf } from "./output.ts";

/** How much of something is used, in units of its own: blocks or sectors. */
export interface Fill {
  readonly used: number;
  readonly total: number;
}

/** A thin pool that is active on the host. */
export interface ThinPoolFill {
  /** device-mapper's name: `ps1-pool0-tpool`. */
  readonly mapperName: string;
  /** null: it has failed, and device-mapper does not say how full it is. */
  readonly data: Fill | null;
  readonly metadata: Fill | null;
  /**
   * `writable`; `full`: no data block is left; `read-only`: its metadata is full or damaged; `failed`: it refuses all
   * I/O.
   */
  readonly state: "writable" | "full" | "read-only" | "failed";
}

/** A snapshot with a volume of its own for what changed: an LVM snapshot that is not thin. */
export interface SnapshotFill {
  readonly mapperName: string;
  /** null: it is not known, or the snapshot is lost. */
  readonly changes: Fill | null;
  /** `lost`: it overflowed or could not be written, and has no data any more. */
  readonly state: "valid" | "merging" | "lost";
}

/**
 * The kernel answers from memory. `--noflush`: without it, a thin pool first commits its metadata, which writes and may
 * wait.
 */
const statusOf = (target: string) =>
  ({
    effect: "read",
    argv: ["dmsetup", "status", "--noflush", "--target", target],
    timeoutMs: 5_000,
    limits: MANY,
    exitCodes: [0],
  }) as const;

/** Every active thin pool of the host. LVM's layer `-tpool` is the pool. */
export const listThinPoolFills: ReadCommand<ThinPoolFill[]> = {
  ...statusOf("thin-pool"),
  parse: inParts(ofLines, ({ stdout }, note?: Note) => parseEach(filledLinesOf(stdout), thinPool, namesIn, note)),
};

/** Every active snapshot of the host. */
export const listSnapshotFills: ReadCommand<SnapshotFill[]> = {
  ...statusOf("snapshot"),
  parse: inParts(ofLines, ({ stdout }, note?: Note) => parseEach(filledLinesOf(stdout), snapshot, namesIn, note)),
};

/**
 *     ps1-pool0-tpool: 0 4194304 thin-pool 3 442/1024 14320/32768 - rw discard_passdown queue_if_no_space - 1024
 *     ps1-pool1-tpool: 0 4194304 thin-pool Fail
 *
 * Transaction id, used and all metadata blocks, used and all data blocks, held root, then the mode among the features:
 * `rw`, `ro` or `out_of_data_space`. `Error`: the kernel could not read its metadata. Documentation:
 * admin-guide/device-mapper/thin-provisioning.rst in the kernel.
 */
function thinPool(line: string): ThinPoolFill[] {
  const target = targetIn(line, "thin-pool");
  if (target === null) return [];
  const { mapperName, status } = target;
  if (/^(?:Fail|Error)$/.test(status)) return [{ mapperName, data: null, metadata: null, state: "failed" }];
  const [, usedMeta, allMeta, usedData, allData, rest = ""] =
    /^\d+ (\d+)\/(\d+) (\d+)\/(\d+) \S+((?: \S+)*)$/.exec(status) ?? [];
  const features = rest.trim().split(" ");
  const mode = features.find((word) => ["rw", "ro", "out_of_data_space"].includes(word));
  if (allData === undefined || mode === undefined)
    throw new OutputNotUnderstood("dmsetup", line, "thin-pool ID used/all used/all root rw|ro|out_of_data_space");
  return [
    {
      mapperName,
      data: { used: Number(usedData), total: Number(allData) },
      metadata: { used: Number(usedMeta), total: Number(allMeta) },
      state: mode === "rw" ? "writable" : mode === "ro" ? "read-only" : "full",
    },
  ];
}

/**
 *     ps1-snap1: 0 2097152 snapshot 104864/204800 416
 *     ps1-snap2: 0 2097152 snapshot Invalid
 *
 * Used and all sectors, and the sectors of its metadata among the used ones. `Overflow`: it became full. `Unknown`: the
 * kernel's store does not say it. Documentation: admin-guide/device-mapper/snapshot.rst in the kernel.
 */
function snapshot(line: string): SnapshotFill[] {
  const target = targetIn(line, "snapshot");
  if (target === null) return [];
  const { mapperName, status } = target;
  if (status === "Invalid" || status === "Overflow") return [{ mapperName, changes: null, state: "lost" }];
  if (status === "Merge failed") return [{ mapperName, changes: null, state: "merging" }];
  if (status === "Unknown") return [{ mapperName, changes: null, state: "valid" }];
  const [, used, total] = /^(\d+)\/(\d+)(?: \d+)?$/.exec(status) ?? [];
  if (total === undefined) throw new OutputNotUnderstood("dmsetup", line, "snapshot used/all metadata");
  return [{ mapperName, changes: { used: Number(used), total: Number(total) }, state: "valid" }];
}

/** `No devices found` if there are none. A name may hold a colon. */
function targetIn(line: string, kind: string): { readonly mapperName: string; readonly status: string } | null {
  if (line.trim() === "No devices found") return null;
  const [, mapperName, found, status] = /^(\S.*?): \d+ \d+ (\S+) (.+?)\s*$/.exec(line) ?? [];
  if (mapperName === undefined || found !== kind || status === undefined)
    throw new OutputNotUnderstood("dmsetup", line, `name: start length ${kind} status`);
  return { mapperName, status };
}

/** What a line that is not understood is about. */
function namesIn(line: string): string[] | null {
  const name = /^(\S+?):? /.exec(line)?.[1];
  return name === undefined ? null : [name];
}

/** A volume of LVM by device-mapper's name. */
interface VolumeName {
  readonly volumeGroup: string;
  readonly volume: string;
}

/**
 * `ps1-pool0-tpool` is the layer `tpool` of `pool0` in `ps1`. A hyphen in a name is doubled: `my--group-my--volume`. null:
 * it is not LVM's.
 */
export function volumeNameIn(mapperName: string): VolumeName | null {
  const [, volumeGroup, volume] = /^((?:[^-]|--)+)-((?:[^-]|--)+)(?:-(?!-)[a-z]+)?$/.exec(mapperName) ?? [];
  if (volumeGroup === undefined || volume === undefined) return null;
  return { volumeGroup: volumeGroup.replaceAll("--", "-"), volume: volume.replaceAll("--", "-") };
}
