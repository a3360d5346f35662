import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { linesOf } from "./lines.ts";

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
  exitCodes: [0],
  parse: ({ stdout }) => linesOf(stdout).flatMap(kernelDisk),
};

/** `lrwxrwxrwx 1 root root 0 Nov 22 12:11 sdb -> ../devices/…/host6/target6:0:0/6:0:0:1/block/sdb`; others are no SCSI disks. */
function kernelDisk(line: string): KernelDisk[] {
  if (line.trim() === "" || /^total \d+/.test(line)) return [];
  if (!/ -> \S+$/.test(line.trimEnd())) throw new OutputNotUnderstood("ls", line, "a link to a block device");
  const [, hctl, disk] = /\/(\d+:\d+:\d+:\d+)\/block\/(sd[a-z]+)$/.exec(line.trimEnd()) ?? [];
  return hctl === undefined || disk === undefined ? [] : [{ disk, hctl }];
}

export interface DiskName {
  readonly disk: string;
  /** Of type NAA, in hexadecimal digits: `6b083fe000daf018000015505abbe00a`. */
  readonly name: string;
}

/**
 * The names that the kernel keeps of disks: it read them when a disk came, and keeps them when it is dead. RHEL 7 has no
 * such attribute.
 */
export const readDiskNames = (disks: readonly string[]): ReadCommand<DiskName[]> => ({
  effect: "read",
  argv: ["grep", "-H", "", "--", ...disks.map((disk) => `/sys/block/${disk}/device/wwid`)],
  timeoutMs: 10_000,
  // 2 where one of them has no such attribute, or it can't be read; the others are printed.
  exitCodes: [0, 1, 2],
  parse: ({ stdout }) => linesOf(stdout).flatMap(diskName),
});

/** `/sys/block/sdb/device/wwid:naa.6b083fe000daf018000015505abbe00a`; others begin with `eui.` or `t10.`. */
function diskName(line: string): DiskName[] {
  if (line.trim() === "") return [];
  const [, disk, value] = /^\/sys\/block\/(sd[a-z]+)\/device\/wwid:(.*)$/.exec(line) ?? [];
  if (disk === undefined || value === undefined) throw new OutputNotUnderstood("grep", line, "a disk's wwid");
  const name = /^naa\.([0-9a-f]{16}|[0-9a-f]{32})$/.exec(value.trim().toLowerCase())?.[1];
  return name === undefined ? [] : [{ disk, name }];
}

/** The same name from the page on which the disk told it (vital product data 83); null where the kernel keeps none. */
export const readNamePage = (disk: string): ReadCommand<string | null> => ({
  effect: "read",
  argv: ["od", "-An", "-v", "-tx1", "--", `/sys/block/${disk}/device/vpd_pg83`],
  timeoutMs: 10_000,
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
 */
function nameOnPage(bytes: readonly string[]): string | null {
  const strange = bytes.find((byte) => !/^[0-9a-f]{2}$/.test(byte));
  if (strange !== undefined) throw new OutputNotUnderstood("od", strange, "two hexadecimal digits");
  const value = (at: number) => Number.parseInt(bytes[at] ?? "0", 16);
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
