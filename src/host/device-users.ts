import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { type Note, parseEach } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import { filledLinesOf, linesOf, throwUnlessVanished } from "./output.ts";

/** A device on top of another device, of any type: a map, a volume, RAID, bcache, DRBD. */
export interface Holder {
  /** Of the device below. */
  readonly majorMinor: string;
  /** Kernel name of the device on top: `dm-3`, `bcache0`. */
  readonly holder: string;
}

/**
 * The `holders` of every block device in sysfs. lsblk omits a holder of size 0. `/sys/dev/block` has one link for each
 * device and partition, so following the links makes no loop.
 */
export const listHolders: ReadCommand<Holder[]> = {
  effect: "read",
  argv: [
    ...(["find", "-L", "/sys/dev/block", "-mindepth", "2", "-maxdepth", "3"] as const),
    ...["-path", "*/holders/*", "-printf", "%P\\n", "-o", "!", "-name", "holders", "-prune"],
  ],
  timeoutMs: 15_000,
  limits: MANY,
  exitCodes: [0, 1],
  parse: inParts(ofLines, (output, note?: Note) => {
    throwUnlessVanished(output);
    return parseEach(filledLinesOf(output.stdout), holder, () => null, note);
  }),
};

/** `253:2/holders/bcache0` */
function holder(line: string): Holder[] {
  if (line.trim() === "") return [];
  const [, majorMinor, name] = /^(\d+:\d+)\/holders\/(\S+)$/.exec(line.trim()) ?? [];
  if (majorMinor === undefined || name === undefined) {
    throw new OutputNotUnderstood("find", line, "major:minor/holders/device");
  }
  return [{ majorMinor, holder: name.replaceAll("!", "/") }];
}

/** A device file that a process has open, as /proc shows it. Its name and its number are on two lines. */
export interface OpenFile {
  readonly pid: number;
  readonly descriptor: number;
  /** `/dev/dm-2`: links are followed. In a container it is the container's own name. */
  readonly device?: string;
  /** `block 253:2`, independent of the path. */
  readonly number?: string;
}

/**
 * The processes that have disks open, as /proc shows them. Opens by the kernel itself (mounts, maps, exports) are not
 * in /proc. `stat` runs only on files in a folder called `dev`: on a file of a dead file server it would hang.
 */
export const listOpenFiles: ReadCommand<OpenFile[]> = {
  effect: "read",
  argv: [
    ...(["find", "/proc", "-mindepth", "2", "-maxdepth", "3", "-path", "/proc/[0-9]*/fd/*"] as const),
    ...["-lname", "*/dev/*", "!", "-lname", "/dev/null", "!", "-lname", "/dev/pts/*"],
    ...["-printf", "%P\\t%l\\n", "-exec", "stat", "-L", "-c", "%n\t%t:%T\t%F", "--", "{}", "+"],
    ...["-o", "!", "-name", "fd", "-prune"],
  ],
  timeoutMs: 20_000,
  limits: MANY,
  exitCodes: [0, 1],
  parse: inParts(ofLines, (output, note?: Note) => {
    throwUnlessVanished(output);
    return parseEach(filledLinesOf(output.stdout), openFile, () => null, note);
  }),
};

/** `812/fd/11	/dev/dm-2`, and of the same `/proc/812/fd/11	fd:2	block special file` */
function openFile(line: string): OpenFile[] {
  if (line.trim() === "") return [];
  const [, inProc, pid, descriptor, reported = ""] = /^(\/proc\/)?(\d+)\/fd\/(\d+)\t(.*)$/.exec(line) ?? [];
  if (pid === undefined) throw new OutputNotUnderstood("find", line, "PID/fd/N and its device");
  const of = { pid: Number(pid), descriptor: Number(descriptor) };
  if (inProc === undefined) {
    if (!reported.includes("/dev/")) throw new OutputNotUnderstood("find", line, "PID/fd/N and its device");
    return [{ ...of, device: reported.replace(/ \(deleted\)$/, "") }];
  }
  const [, major, minor, kind] = /^([0-9a-f]+):([0-9a-f]+)\t(.*)$/.exec(reported) ?? [];
  if (major === undefined || minor === undefined) throw new OutputNotUnderstood("stat", line, "a device's number");
  // A regular file may be in a folder of that name, too.
  const number = numberOf(kind ?? "", major, minor);
  return number === null ? [] : [{ ...of, number }];
}

interface ProcessName {
  readonly pid: number;
  readonly name: string;
}

/** Names to show with the numbers. No decision depends on them alone. */
export const listProcesses: ReadCommand<ProcessName[]> = {
  effect: "read",
  argv: ["ps", "-e", "-o", "pid=,comm="],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0],
  parse: ({ stdout }) =>
    linesOf(stdout).flatMap((line) => {
      const [, pid, name] = /^\s*(\d+) (.*\S)\s*$/.exec(line) ?? [];
      return pid === undefined || name === undefined ? [] : [{ pid: Number(pid), name }];
    }),
};

interface DeviceNumber {
  readonly path: string;
  /** `block 253:2`, independent of the path. */
  readonly number: string;
}

/** The paths that lead to a device, through links or as a device file. */
export const readDeviceNumbers = (paths: readonly string[]): ReadCommand<DeviceNumber[]> => ({
  effect: "read",
  argv: ["stat", "-L", "-c", "%t:%T\t%F\t%n", "--", ...paths],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1],
  parse: ({ stdout, stderr }) => {
    // A path that can't be reached now is no device: device files are in memory.
    const unexpected = linesOf(stderr).find((line) => line.trim() !== "" && !/^stat: cannot statx? /.test(line));
    if (unexpected !== undefined) throw new OutputNotUnderstood("stat", unexpected, "what each path is");
    return filledLinesOf(stdout).flatMap(deviceNumber);
  },
});

/** `fd:2	block special file	/var/lib/libvirt/images/vm.img` */
function deviceNumber(line: string): DeviceNumber[] {
  const [, major, minor, kind = "", path] = /^([0-9a-f]+):([0-9a-f]+)\t([^\t]+)\t(\/.*)$/.exec(line) ?? [];
  if (major === undefined || minor === undefined || path === undefined) {
    throw new OutputNotUnderstood("stat", line, "major:minor, kind and path");
  }
  const number = numberOf(kind, major, minor);
  return number === null ? [] : [{ path, number }];
}

/** As `stat` prints `%F`, `%t` and `%T`. null if it is not a device. */
function numberOf(kind: string, major: string, minor: string): string | null {
  const [, special] = /^(block|character) special/.exec(kind) ?? [];
  return special === undefined ? null : `${special} ${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}`;
}

/** A loop device on a file or a disk. The kernel has it open, without a process and without a holder in sysfs. */
export interface LoopDevice {
  /** `/dev/loop0` */
  readonly name: string;
  readonly backingFile: string;
}

export const listLoopDevices: ReadCommand<LoopDevice[]> = {
  effect: "read",
  argv: ["losetup", "--list", "--noheadings", "--output", "NAME,BACK-FILE"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0],
  // A line that is not understood may be about any disk.
  parse: ({ stdout }, note) => parseEach(filledLinesOf(stdout), loopDevice, () => null, note),
};

/**
 * `/dev/loop0 /dev/dm-2`; after a removed file follows ` (deleted)`. The file is missing if the kernel does not report
 * it.
 */
function loopDevice(line: string): LoopDevice[] {
  const [, name, backingFile] = /^(\/dev\/\S+)(?:\s+(\/.*?)(?: \(deleted\))?)?\s*$/.exec(line) ?? [];
  if (name === undefined) throw new OutputNotUnderstood("losetup", line, "a loop device and its file");
  return backingFile === undefined ? [] : [{ name, backingFile }];
}

/** A disk that the host's kernel offers to others as a target. */
export interface Export {
  /** `LIO:iblock_0/disk1` */
  readonly by: string;
  /** The device, as configured. */
  readonly device: string;
}

const TARGETS = [
  "/sys/kernel/config/target/core",
  "/sys/kernel/config/nvmet/subsystems",
  "/sys/kernel/scst_tgt/devices",
];

/**
 * What LIO, nvmet and SCST export; none if no target is loaded. grep ends with 1 if nothing is exported, and with 2 if
 * one of the targets is missing.
 */
export const listExports: ReadCommand<Export[]> = {
  effect: "read",
  argv: [
    "grep",
    "-r",
    "-s",
    "-H",
    "--include=udev_path",
    "--include=device_path",
    "--include=filename",
    // SCST's pass-through has no file with a device: it names its devices by their addresses.
    "--include=type",
    ...["-e", "/", "-e", "^[0-9]"],
    ...TARGETS,
  ],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1, 2],
  parse: ({ stdout, stderr }, note) => {
    // -s hides missing files. Any other message is an error.
    if (stderr.trim() !== "") throw new OutputNotUnderstood("grep", stderr.trim(), "exports, or none");
    // A line that is not understood may be an export of any disk.
    return parseEach(filledLinesOf(stdout), exported, () => null, note);
  },
};

/** `/sys/kernel/config/target/core/iblock_0/disk1/udev_path:/dev/mapper/mpatha` */
function exported(line: string): Export[] {
  const [, address] = /^\/sys\/kernel\/scst_tgt\/devices\/(\d+:\d+:\d+:\d+)\/type:/.exec(line) ?? [];
  if (address !== undefined) return [{ by: `SCST:${address}`, device: `/dev/bsg/${address}` }];
  if (/^\/sys\/kernel\/scst_tgt\/devices\/[^:]+\/type:/.test(line)) return [];
  const [, file, device] = /^(.*\/(?:udev_path|device_path|filename)):(\/.*)$/.exec(line) ?? [];
  if (file === undefined || device === undefined) throw new OutputNotUnderstood("grep", line, "a file and its device");
  const [, lio] = /^\/sys\/kernel\/config\/target\/core\/(.*)\/udev_path$/.exec(file) ?? [];
  const [, nvme] = /^\/sys\/kernel\/config\/nvmet\/subsystems\/(.*)\/device_path$/.exec(file) ?? [];
  const [, scst] = /^\/sys\/kernel\/scst_tgt\/devices\/(.*)\/filename$/.exec(file) ?? [];
  const by = lio ? `LIO:${lio}` : nvme ? `nvmet:${nvme}` : scst ? `SCST:${scst}` : file;
  return [{ by, device: device.trimEnd() }];
}
