import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW, MANY } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import { filledLinesOf } from "./lines.ts";

/** A SCSI disk as the kernel itself has it, whatever lsblk and udev leave out. */
export interface KernelDisk {
  readonly disk: string;
  readonly hctl: string;
}

/** Every SCSI disk, also one of size 0 and one that udev no longer knows. */
export const listKernelDisks: ReadCommand<KernelDisk[]> = {
  effect: "read",
  argv: ["ls", "-l", "/sys/block"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0],
  parse: inParts(ofLines, ({ stdout }, note?: Note) =>
    eachUnderstood(
      filledLinesOf(stdout).filter((line) => !/^total \d+/.test(line)),
      kernelDisk,
      () => null,
      note,
    ),
  ),
};

/** `lrwxrwxrwx 1 root root 0 Nov 22 12:11 sdb -> ../devices/…/host6/target6:0:0/6:0:0:1/block/sdb`; others are no SCSI disks. */
function kernelDisk(line: string): KernelDisk[] {
  if (!/ -> \S+$/.test(line.trimEnd())) throw new OutputNotUnderstood("ls", line, "a link to a block device");
  const [, hctl, disk] = /\/(\d+:\d+:\d+:\d+)\/block\/(sd[a-z]+)$/.exec(line.trimEnd()) ?? [];
  return hctl === undefined || disk === undefined ? [] : [{ disk, hctl }];
}

/**
 * A disk's name of type NAA in hexadecimal digits, `6b083fe000daf018000015505abbe00a`, from the page on which it told it
 * (vital product data 83): the kernel read that when the disk came, and keeps it when it is dead. null where it keeps
 * none. The attribute wwid is made of the same page, and tells a name also where the page is of no LUN.
 */
export const readNamePage = (disk: string): ReadCommand<string | null> => ({
  effect: "read",
  argv: ["od", "-An", "-v", "-tx1", "--", `/sys/block/${disk}/device/vpd_pg83`],
  timeoutMs: 10_000,
  limits: FEW,
  exitCodes: [0, 1],
  parse: ({ stdout }) => nameOnPage(stdout.trim() === "" ? [] : stdout.trim().split(/\s+/)),
});

const HEADER = 4;
const NAA = 3;

/**
 *     00 83 00 1c 01 03 00 10 6b 08 3f e0 …
 *
 * Behind the header one descriptor after another: code set, whom it names and how, nothing, length, name. Of several
 * names of the LUN itself (association 0) udev takes the longest.
 *
 *     7f 83 00 48 02 01 00 24 49 45 54 …
 *
 * After a rescan of a LUN that the array has taken away: it answers that none is there (peripheral qualifier 3), and then
 * with its own name.
 */
function nameOnPage(bytes: readonly string[]): string | null {
  const strange = bytes.find((byte) => !/^[0-9a-f]{2}$/.test(byte));
  if (strange !== undefined) throw new OutputNotUnderstood("od", strange, "two hexadecimal digits");
  const value = (at: number) => Number.parseInt(bytes[at] ?? "0", 16);
  const isConnected = value(0) >> 5 === 0;
  if (!isConnected) return null;
  const end = Math.min(bytes.length, HEADER + value(2) * 256 + value(3));
  const names: string[] = [];
  for (let at = HEADER; at + HEADER <= end; at += HEADER + value(at + 3)) {
    const kind = value(at + 1);
    const isOfLun = ((kind >> 4) & 3) === 0 && (kind & 15) === NAA;
    if (isOfLun) names.push(bytes.slice(at + HEADER, at + HEADER + value(at + 3)).join(""));
  }
  const whole = names.filter((name) => name.length === 16 || name.length === 32);
  return whole.toSorted((left, right) => right.length - left.length)[0] ?? null;
}
