import { change } from "../core/change.ts";
import { type CommandOutput, type HostCommand, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW, MANY, ONE } from "../core/limits.ts";
import { type Note, parseEach } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import type { ScsiDevice } from "../core/storage.ts";
import { filledLinesOf, linesOf, throwUnlessVanished } from "./output.ts";
import { listDeviceClass } from "./sysfs.ts";

/** Every SCSI and NVMe device with its size. */
export const listScsiDevices: ReadCommand<ScsiDevice[]> = {
  effect: "read",
  argv: ["lsscsi", "-s"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0],
  parse: inParts(ofLines, ({ stdout }, note?: Note) => {
    const lines = linesOf(stdout).filter((line) => line.trim() !== "");
    // Only people read it.
    return parseEach(
      lines,
      (line) => [scsiDevice(line)],
      () => [],
      note,
    );
  }),
};

/**
 *     [0:0:0:3]    disk    DELL     MD32xx           0784  /dev/sdd   2.19TB
 *     [0:0:32:0]   enclosu DP       BACKPLANE        1.00  -               -
 *     [N:0:1:1]    disk    INTEL SSDPEDMD400G4__1                     /dev/nvme0n1   400GB
 *
 * Versions before 0.29 print no blank after a long address: `[6:0:0:49409]wlun    DELL`.
 */
function scsiDevice(line: string): ScsiDevice {
  const [head = "", hctl, type] = /^\[([^\]\s]+)\]\s*(\S+)\s+/.exec(line) ?? [];
  const [withDevice, size] = lastWord(line.slice(head.length));
  const [identity, device] = lastWord(withDevice);
  if (
    hctl === undefined ||
    type === undefined ||
    identity === "" ||
    / (?:-|\/dev\/\S+)$/.test(identity) ||
    !DEVICE.test(device) ||
    !SIZE.test(size)
  ) {
    throw new OutputNotUnderstood("lsscsi", line, "[host:channel:target:lun] type vendor model revision device size");
  }
  const names = hctl.startsWith("N:") ? { vendor: "", model: identity, revision: "" } : identified(identity);
  return { hctl, type, ...names, device: orNull(device), size: orNull(size) };
}

const DEVICE = /^(?:-|\/dev\/\S+)$/;
const SIZE = /^(?:-|\d+(?:\.\d+)?[kKMGTPE]?i?B)$/;

function lastWord(text: string): [before: string, word: string] {
  const trimmed = text.trimEnd();
  const blank = trimmed.lastIndexOf(" ");
  return [trimmed.slice(0, Math.max(blank, 0)).trimEnd(), trimmed.slice(blank + 1)];
}

/** Columns of 8, 16 and 4, as in SCSI's INQUIRY; words if blanks were squeezed. */
function identified(identity: string): Pick<ScsiDevice, "vendor" | "model" | "revision"> {
  const inColumns = identity.length > 26 ? identity[25] === " " : identity.includes("  ");
  if (inColumns && identity[8] === " ") {
    return {
      vendor: identity.slice(0, 8).trim(),
      model: identity.slice(9, 25).trim(),
      revision: identity.slice(26).trim(),
    };
  }
  const words = identity.split(/\s+/);
  return { vendor: words[0] ?? "", model: words.slice(1, -1).join(" "), revision: words.at(-1) ?? "" };
}

const orNull = (printed: string): string | null => (printed === "-" ? null : printed);

/** Names of the SCSI hosts, `host0` first; none if the kernel has no SCSI. */
export const listScsiHosts: ReadCommand<string[]> = listDeviceClass("scsi_host", (names) =>
  names.map(scsiHost).sort(byNumber),
);

function scsiHost(name: string): string {
  if (!/^host\d+$/.test(name)) throw new OutputNotUnderstood("ls", name, "hostN");
  return name;
}

const byNumber = (a: string, b: string): number => Number(a.slice(4)) - Number(b.slice(4));

/** Scans all channels, targets and LUNs of every named SCSI host; known devices stay. */
export const rescanScsiHosts = (hosts: readonly string[]) =>
  change(["tee", "--", ...hosts.map((host) => `/sys/class/scsi_host/${scsiHost(host)}/scan`)], {
    stdin: "- - -\n",
    timeoutMs: 60_000,
  });

/** The kernel reads the sizes of these disks from the array again. Content and users of the disks are unchanged. */
export const rescanDisks = (disks: readonly string[]): HostCommand<null, "change"> =>
  writeAttribute("rescan", disks, 60_000);

/** The kernel removes these disks. LUNs that the array still offers return with the next scan. */
export const forgetDisks = (disks: readonly string[]): HostCommand<null, "change"> =>
  writeAttribute("delete", disks, 120_000);

/** Sets disks online that the kernel set offline after errors; the kernel does not try them by itself. */
export const bringOnline = (disks: readonly string[]): HostCommand<null, "change"> =>
  writeAttribute("state", disks, 20_000, "running\n");

const writeAttribute = (
  attribute: "rescan" | "delete" | "state",
  disks: readonly string[],
  timeoutMs: number,
  text = "1\n",
) =>
  change(["tee", "--", ...disks.map((disk) => `/sys/block/${scsiDisk(disk)}/device/${attribute}`)], {
    stdin: text,
    timeoutMs,
  });

function scsiDisk(name: string): string {
  if (!/^sd[a-z]+$/.test(name)) throw new OutputNotUnderstood("lsblk", name, "the name of a SCSI disk");
  return name;
}

/** A second device file of a SCSI disk. Programs use it without the block device: a guest's passthrough, tgt. */
interface GenericDevice {
  /** `sg2` */
  readonly name: string;
  readonly hctl: string;
}

/** None if the kernel has no sg driver. */
export const listGenericDevices: ReadCommand<GenericDevice[]> = {
  effect: "read",
  argv: ["find", "/sys/class/scsi_generic", "-type", "l", "-printf", "%f\\t%l\\n"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1],
  parse: (output) => {
    throwUnlessVanished(output);
    return linesOf(output.stdout).flatMap(generic);
  },
};

/** `sg2	../../devices/pci0000:00/…/host2/target2:0:0/2:0:0:1/scsi_generic/sg2` */
function generic(line: string): GenericDevice[] {
  const [, name, hctl] = /^(sg\d+)\t.*\/(\d+:\d+:\d+:\d+)\/scsi_generic\/sg\d+$/.exec(line.trim()) ?? [];
  return name === undefined || hctl === undefined ? [] : [{ name, hctl }];
}

/**
 * The array's answer about the LUN's size on one path. `again`: a unit attention came first, as after every change of a
 * LUN. `silent`: the array no longer offers the LUN there, or nothing answers.
 */
export type Capacity = { readonly bytes: number } | "again" | "silent";

const UNIT_ATTENTION = 6;
/** sg3_utils: illegal request (logical unit not supported), file error, time-out, transport, other; 50 + errno (EIO, ENXIO, ENODEV). */
const NO_ANSWER: readonly number[] = [5, 15, 33, 35, 55, 56, 69, 98, 99];

/**
 * A LUN's size on the array now. lsblk and blockdev show only what the kernel read at its last scan. The disk is opened
 * for reading: closing a disk that was open for writing makes udev probe it again. sg3_utils before 1.41 (RHEL 7) can't
 * open for reading.
 */
export const readCapacity = (disk: string): ReadCommand<Capacity> => ({
  effect: "read",
  argv: ["sg_readcap", "--brief", "--readonly", `/dev/${disk}`],
  timeoutMs: 20_000,
  limits: ONE,
  exitCodes: [0, UNIT_ATTENTION, ...NO_ANSWER],
  parse: capacity,
  fallbackForOldVersions: { argv: ["sg_readcap", "--brief", `/dev/${disk}`], translate: (output) => output },
});

/**
 * The number of blocks and their size; above 2 TiB, after two other lines:
 *
 *     READ CAPACITY (10) indicates device capacity too large
 *       now trying 16 byte cdb variant
 *     0x180000000 0x200
 */
function capacity({ stdout, exitCode }: CommandOutput): Capacity {
  if (exitCode === UNIT_ATTENTION) return "again";
  if (exitCode !== 0) return "silent";
  const [, blocks, blockBytes] = /^(0x[0-9a-f]+) (0x[0-9a-f]+)\s*$/m.exec(stdout) ?? [];
  const bytes = Number(blocks) * Number(blockBytes);
  if (!(bytes > 0)) throw new OutputNotUnderstood("sg_readcap", stdout.trim(), "number of blocks and block size");
  return { bytes };
}

/** A SCSI disk as the kernel has it, including disks that lsblk and udev omit. */
interface KernelDisk {
  readonly disk: string;
  readonly hctl: string;
}

/** Every SCSI disk, including disks of size 0 and disks that udev no longer knows. */
export const listKernelDisks: ReadCommand<KernelDisk[]> = {
  effect: "read",
  argv: ["ls", "-l", "/sys/block"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0],
  parse: inParts(ofLines, ({ stdout }, note?: Note) =>
    parseEach(
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
 * A disk's name of type NAA in hexadecimal digits, `6b083fe000daf018000015505abbe00a`, from page 83 of its vital
 * product data. The kernel reads the page when the disk appears, and keeps it when the disk is dead. null if there is
 * none. The attribute wwid comes from the same page, but has a name even if the page is not of a LUN.
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
 * After the header come the descriptors: code set, association and type, reserved, length, name. If the LUN itself
 * (association 0) has several names, udev takes the longest.
 *
 *     7f 83 00 48 02 01 00 24 49 45 54 …
 *
 * This is the page after a rescan of a LUN that the array removed: peripheral qualifier 3, and the array's own name.
 */
function nameOnPage(bytes: readonly string[]): string | null {
  const unexpected = bytes.find((byte) => !/^[0-9a-f]{2}$/.test(byte));
  if (unexpected !== undefined) throw new OutputNotUnderstood("od", unexpected, "two hexadecimal digits");
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

/** The serial number of the unit on a path (vital product data 80), as the kernel read it; null if there is none. */
export const readUnitSerial = (disk: string): ReadCommand<string | null> => ({
  ...readPage(disk, "vpd_pg80"),
  parse: ({ stdout }) => serialOn(bytesIn(stdout)),
});

/** Page 83 of a path. */
export interface PathPage {
  /** The LUN's name of type NAA, in hexadecimal digits; null if there is none. */
  readonly name: string | null;
  /** The number of the target's port on this path, among all ports of that target device; null if there is none. */
  readonly port: number | null;
}

/** Both values from one read: a LUN may have many paths, and all reads of a round trip are one argument. */
export const readPathPage = (disk: string): ReadCommand<PathPage> => ({
  ...readPage(disk, "vpd_pg83"),
  parse: (output, note) => ({ name: readNamePage(disk).parse(output, note), port: portOn(bytesIn(output.stdout)) }),
});

const readPage = (disk: string, page: string) => ({
  effect: "read" as const,
  argv: ["od", "-An", "-v", "-tx1", "--", `/sys/block/${disk}/device/${page}`] as const,
  timeoutMs: 10_000,
  limits: FEW,
  exitCodes: [0, 1],
});

function bytesIn(stdout: string): number[] {
  const words = stdout.trim() === "" ? [] : stdout.trim().split(/\s+/);
  const unexpected = words.find((word) => !/^[0-9a-f]{2}$/.test(word));
  if (unexpected !== undefined) throw new OutputNotUnderstood("od", unexpected, "two hexadecimal digits");
  return words.map((word) => Number.parseInt(word, 16));
}

/** `00 80 00 08 20 20 62 65 61 66 31 31`: a header, and characters that may be padded with blanks. */
function serialOn(page: readonly number[]): string | null {
  const length = (page[2] ?? 0) * 256 + (page[3] ?? 0);
  const text = String.fromCharCode(...page.slice(HEADER, HEADER + length)).replaceAll("\0", "");
  return text.trim() === "" ? null : text.trim();
}

const OF_PORT = 1;
const RELATIVE_PORT = 4;

/** `… 61 94 00 04 00 00 00 02`: a descriptor of the port (association 1), of type relative target port; its last two bytes. */
function portOn(page: readonly number[]): number | null {
  const end = Math.min(page.length, HEADER + (page[2] ?? 0) * 256 + (page[3] ?? 0));
  for (let at = HEADER; at + HEADER <= end; at += HEADER + (page[at + 3] ?? 0)) {
    const kind = page[at + 1] ?? 0;
    const isPort = ((kind >> 4) & 3) === OF_PORT && (kind & 15) === RELATIVE_PORT && page[at + 3] === 4;
    if (isPort) return (page[at + 6] ?? 0) * 256 + (page[at + 7] ?? 0);
  }
  return null;
}
