import { change, destruction } from "../core/change.ts";
import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW } from "../core/limits.ts";
import { linesOf } from "./output.ts";

/** The host's backups of LUNs, made before the bot wrote to them: one folder `WWID-TIME` each. */
export const BACKUP_ROOT = "/var/lib/zstack-chatops/backup";

/**
 * The part of a LUN that is backed up before the bot writes to it. wipefs needs at least 1440 KiB: libblkid takes less
 * for a floppy disk and then finds no LVM and no RAID.
 */
export const BEGINNING = { file: "beginning.bin", mebibytes: 2 } as const;

export interface KeptFile {
  /** `36b083fe000daf018000015505abbe00a-20261122100000` */
  readonly folder: string;
  readonly name: string;
  readonly sizeBytes: number;
}

/** The files of every backup of one LUN; none if the host made no backup. */
export const listKeptFiles = (wwid: string): ReadCommand<KeptFile[]> => ({
  effect: "read",
  argv: [
    ...(["find", BACKUP_ROOT, "-mindepth", "2", "-maxdepth", "2", "-type", "f"] as const),
    ...["-path", `${BACKUP_ROOT}/${wwid}-*/*`, "-printf", "%P\\t%s\\n"],
  ],
  timeoutMs: 10_000,
  limits: FEW,
  exitCodes: [0, 1],
  parse: ({ stdout, stderr, exitCode }) => {
    if (exitCode !== 0 && !stderr.includes("No such file or directory")) {
      throw new OutputNotUnderstood("find", stderr.trim(), "backups, or none");
    }
    return linesOf(stdout)
      .filter((line) => line !== "")
      .map(keptFile);
  },
});

/** `36b083fe000daf018000015505abbe00a-20261122100000/beginning.bin	2097152` */
function keptFile(line: string): KeptFile {
  const [, folder, name, size] = /^([^/\t]+)\/([^/\t]+)\t(\d+)$/.exec(line) ?? [];
  if (folder === undefined || name === undefined || size === undefined) {
    throw new OutputNotUnderstood("find", line, "folder/file and its size");
  }
  return { folder, name, sizeBytes: Number(size) };
}

/**
 * Writes a backup file back to its place on the device, and flushes it. All other bytes are unchanged. `nocreat`: if
 * the link vanished, dd must not create a file in its place.
 */
export const restoreBytes = (file: string, device: string, offsetBytes: number) =>
  destruction(
    "LUN",
    [
      ...(["dd", `if=${file}`, `of=${device}`, "bs=1M", "oflag=seek_bytes", `seek=${offsetBytes}`] as const),
      ...["conv=nocreat,notrunc,fsync", "status=none"],
    ],
    { timeoutMs: 60_000 },
  );

/** For a wipefs without --backup: copies 4 KiB from a byte on, flushed to disk, to `byte-N.bin` in the directory. */
export const backUpFrom = (byte: number, device: string, directory: string) =>
  change(
    [
      ...(["dd", `if=${device}`, `of=${directory}/byte-${byte}.bin`, "bs=4096", "count=1"] as const),
      ...["iflag=skip_bytes", `skip=${byte}`, "conv=fsync", "status=none"],
    ],
    { timeoutMs: 30_000 },
  );

/** Copies the first 2 MiB, flushed to disk, to `beginning.bin` in the directory. */
export const backUpBeginning = (device: string, directory: string) =>
  change(
    [
      ...([
        "dd",
        `if=${device}`,
        `of=${directory}/${BEGINNING.file}`,
        "bs=1M",
        `count=${BEGINNING.mebibytes}`,
      ] as const),
      ...["conv=fsync", "status=none"],
    ],
    { timeoutMs: 30_000 },
  );
