import { z } from "zod";
import { change, destruction } from "../core/change.ts";
import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW, ONE, SIGNATURES } from "../core/limits.ts";
import { type Note, parseEach } from "../core/not-understood.ts";
import type { Signature } from "../core/storage.ts";
import { linesOf, reportIn, rowOf, withoutHexEscapes } from "./output.ts";

/**
 * Every magic string on a device, including those after others. util-linux before 2.31 has no JSON and prints the first
 * of each type.
 */
export const listSignatures = (device: string): ReadCommand<Signature[]> => ({
  effect: "read",
  argv: ["wipefs", "--json", "--output", "DEVICE,OFFSET,TYPE,UUID,LABEL,USAGE", "--", device],
  timeoutMs: 20_000,
  limits: SIGNATURES,
  exitCodes: [0],
  parse: ({ stdout }, note) => {
    // util-linux before 2.36 prints nothing if there is no signature; later versions print an empty list.
    if (stdout.trim() === "") return [];
    const { signatures } = rowOf("wipefs", reportSchema, reportIn("wipefs", stdout, SIGNATURES, note));
    // The disk is one object: a line that is not understood may be any signature.
    const found = parseEach(
      signatures,
      (row) => [foundIn(row)],
      () => null,
      note,
    );
    return found.map(({ usage, ...signature }) => ({
      ...signature,
      isPartitionTable: marksPartitionTable({ ...signature, usage }, found),
    }));
  },
  fallbackForOldVersions: { argv: ["wipefs", "--parsable", "--", device], translate: reportOfLines },
});

function foundIn(row: unknown) {
  const { offset, type, uuid, label, usage } = rowOf("wipefs", signatureSchema, row);
  return { offsetBytes: Number(offset), type, label: label || null, uuid: uuid || null, usage: usage || null };
}

/**
 *     # offset,uuid,label,type
 *     0x438,f2d38cba-37da-411d-b7ba-9a6696c58174,my\x20data,ext2
 *
 * Empty if there is no signature. A comma in a label is `\x2c`, with 2.31 and later a comma.
 */
function reportOfLines(output: CommandOutput, note?: Note): CommandOutput {
  const lines = linesOf(output.stdout).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const read = (line: string) => {
    const found = /^([^,]+),([^,]*),(.*),([^,]+)$/.exec(line);
    if (found === null) throw new OutputNotUnderstood("wipefs", line, "offset,uuid,label,type");
    const [, offset, uuid, label, type] = found.map(withoutHexEscapes);
    return [{ offset, uuid, label, type }];
  };
  const signatures = parseEach(lines, read, () => null, note);
  return { ...output, stdout: JSON.stringify({ signatures }) };
}

const reportSchema = z.object({ signatures: z.array(z.unknown()) });
const signatureSchema = z.object({
  offset: z.string().regex(/^(0x[0-9a-f]+|\d+)$/, "expected an offset such as 0x218"),
  type: z.string().min(1),
  uuid: z.string().nullish(),
  label: z.string().nullish(),
  usage: z.string().nullish(),
});

/** Writes `wipefs-DEVICE-OFFSET.bak` into the directory for each signature that a wipe would erase; erases nothing. */
export const backUpSignatures = (device: string, directory: string) =>
  change(["env", `HOME=${directory}`, "wipefs", "--all", "--no-act", "--backup", "--", device], { timeoutMs: 30_000 });

/** Whether wipefs can back up at all: since util-linux 2.24, so not on RHEL 7. */
export const canBackUpSignatures: ReadCommand<boolean> = {
  effect: "read",
  argv: ["wipefs", "--help"],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0],
  parse: ({ stdout }) => stdout.includes("--backup"),
};

/** Erases every signature. A device in use is refused by wipefs itself: there is no --force. */
export const wipeSignatures = (device: string) =>
  destruction("LUN", ["wipefs", "--all", "--", device], { timeoutMs: 60_000 });

/**
 * Whether the kernel has given a disk to an exclusive user: a file system that another namespace has mounted, ZFS, an
 * old DRBD. sysfs shows none of these, and only device-mapper counts its openers. wipefs opens the disk exclusively
 * before it reads; with `--no-act` it writes nothing. udev may probe the disk again after that.
 */
export const readClaim = (device: string): ReadCommand<boolean> => ({
  effect: "read",
  argv: ["wipefs", "--all", "--no-act", "--", device],
  timeoutMs: 20_000,
  limits: FEW,
  exitCodes: [0, 1],
  parse: ({ stderr, exitCode }) => {
    if (exitCode === 0) return false;
    if (/resource busy/.test(stderr)) return true;
    throw new OutputNotUnderstood("wipefs", stderr.trim(), "a disk that is free or busy");
  },
});

/**
 * libblkid's names of all partition tables, for a wipefs that does not print the usage. minix is not included: its
 * table is inside another one, and its file system has the same name.
 */
const TABLES: ReadonlySet<string> = new Set([
  ...["aix", "atari", "bsd", "dasd", "dos", "gpt", "mac", "PMBR", "sgi", "solaris", "sun", "ultrix", "unixware"],
  // Names of other versions and tools for the same.
  ...["mbr", "minix_pt", "solaris_x86", "amiga", "rdb", "atari_pt"],
]);

/** These have their own boot sector. Some versions also report its 55AA as `dos`. */
const WITH_BOOT_SECTOR: ReadonlySet<string> = new Set([
  ...["ntfs", "exfat", "vfat", "fat", "msdos", "hpfs", "BitLocker", "ReFS", "refs"],
]);

const BOOT_SECTOR_BYTES = 512;

interface Found {
  readonly offsetBytes: number;
  readonly type: string;
  /** As wipefs prints it: `filesystem`, `raid`, `crypto`, `partition-table` …; null if this version does not. */
  readonly usage: string | null;
}

/**
 * Whether a signature is that of a partition table. The boot sector of a file system is not one, so the other
 * signatures count.
 */
function marksPartitionTable({ offsetBytes, type, usage }: Found, all: readonly Found[]): boolean {
  const isBootSector = ["dos", "mbr"].includes(type) && offsetBytes < BOOT_SECTOR_BYTES;
  if (isBootSector && all.some((one) => WITH_BOOT_SECTOR.has(one.type) && one.offsetBytes < BOOT_SECTOR_BYTES))
    return false;
  return TABLES.has(type) || usage === "partition-table";
}
