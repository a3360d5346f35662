import { change } from "../core/change.ts";
import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY, ONE } from "../core/limits.ts";
import { type Note, parseEach } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import type { DiskId } from "../core/storage.ts";
import { linesOf, throwUnlessVanished } from "./output.ts";

/** Waits until udev has created the links of new devices. */
export const settleDevices = change(["udevadm", "settle", "--timeout=30"], { timeoutMs: 40_000 });

/**
 * udev probes a device when it appears and after a program of its own host wrote to it. It probes for writes of another
 * host only on request. The event is "change": with "add", LVM would activate a volume group that it finds.
 * `--name-match` exists since systemd 218. The command does not wait for the probe.
 */
export const reprobeDevices = (devices: readonly [string, ...string[]]) =>
  change(["udevadm", "trigger", "--action=change", ...devices.map((device) => `--name-match=${device}`)], {
    timeoutMs: 10_000,
  });

/**
 * Changes nothing. Waits until udev has probed earlier writes, because udev opens a disk for its probe. 1: udev was
 * still busy; then the check of open disks shows it.
 */
export const udevIsDone: ReadCommand<null> = {
  effect: "read",
  argv: ["udevadm", "settle", "--timeout=10"],
  timeoutMs: 15_000,
  limits: ONE,
  exitCodes: [0, 1],
  parse: () => null,
};

/** A symbolic link in /dev with its literal target: `/dev/mapper/mpatha` to `../dm-2`. */
interface DeviceLink {
  readonly path: string;
  readonly to: string;
}

/** Every link in /dev: by-id, by-path, mapper, volume groups, and links of an administrator's own udev rules. */
export const listDeviceLinks: ReadCommand<DeviceLink[]> = {
  effect: "read",
  argv: ["find", "/dev", "-path", "/dev/char", "-prune", "-o", "-type", "l", "-printf", "%p\\t%l\\n"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1],
  parse: inParts(ofLines, (output) => {
    throwUnlessVanished(output);
    return linesOf(output.stdout).flatMap((line) => {
      const [path, to] = line.split("\t");
      return path === undefined || to === undefined ? [] : [{ path, to }];
    });
  }),
};

const MOST_LINKS = 16;

/** The target of a path in /dev; the path itself if it is no link. */
export function followLinks(path: string, links: ReadonlyMap<string, string>): string {
  let at = path;
  for (let followed = 0; followed < MOST_LINKS; followed += 1) {
    const to = links.get(at);
    if (to === undefined) return at;
    at = to.startsWith("/") ? to : joined(at.slice(0, at.lastIndexOf("/")), to);
  }
  return at;
}

function joined(folder: string, relative: string): string {
  const parts = folder.split("/");
  for (const part of relative.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

/** The links of /dev/disk/by-id; none if udev made none. */
export const listDiskIds: ReadCommand<DiskId[]> = {
  effect: "read",
  argv: ["ls", "-l", "/dev/disk/by-id"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 2],
  parse: inParts(ofLines, ({ stdout, stderr, exitCode }, note?: Note) => {
    if (exitCode === 2 && !stderr.includes("No such file or directory")) {
      throw new OutputNotUnderstood("ls", stderr, "a directory or none");
    }
    const lines = linesOf(stdout).filter((line) => line.trim() !== "" && !/^total \d+/.test(line));
    return parseEach(lines, diskId, disksIn, note);
  }),
};

/** `lrwxrwxrwx. 1 root root 10 Jan  1 00:00 dm-name-mpatha -> ../../dm-2`; udev allows no blank in a name. */
function diskId(line: string): DiskId[] {
  const arrow = line.indexOf(" -> ");
  const name = line.slice(line.lastIndexOf(" ", arrow - 1) + 1, arrow);
  const target = line.slice(arrow + " -> ".length).trimEnd();
  const device = target.slice(target.lastIndexOf("/") + 1);
  if (arrow === -1 || name === "" || device === "" || /\s/.test(device))
    throw new OutputNotUnderstood("ls", line, "a link");
  return [{ name, device }];
}

/** The disk that a line names if the line is not understood. null: it may be about any disk. */
function disksIn(line: string): string[] | null {
  const names = line.match(/\b(?:sd[a-z]+|dm-\d+|nvme\d+n\d+)\b/g);
  return names === null ? null : [...new Set(names)];
}

/**
 * The kernel's events of block devices, for as long as it runs; no privilege is needed. After a heading it prints:
 *
 *     KERNEL[12345.678901] change   /devices/virtual/block/dm-2 (block)
 *     ACTION=change
 *     DEVPATH=/devices/virtual/block/dm-2
 *     DM_ACTION=PATH_FAILED
 *
 *  An event is a hint that something changed. Order and completeness are not guaranteed.
 */
export const MONITOR_EVENTS = [
  ...(["udevadm", "monitor", "--kernel", "--property", "--subsystem-match=block"] as const),
] as const;

export type BlockEvent = "paths" | "any";

/**
 * What a line of the monitor hints at. "paths": a path failed or works again, or a device of a bus came, went or has
 * another size. "any": an event that need not concern paths. LVM causes such ones all day. null: a detail of an event.
 */
export function eventIn(line: string): BlockEvent | null {
  if (/^DM_ACTION=PATH_|^RESIZE=1$/.test(line)) return "paths";
  const [, action, device = ""] = /^KERNEL\[[^\]]*\]\s+(\S+)\s+(\S+)/.exec(line) ?? [];
  if (action === undefined) return line.startsWith("KERNEL[") ? "any" : null;
  // Volumes, maps and loop devices are virtual. They come and go with each VM.
  return action !== "change" && !device.startsWith("/devices/virtual/") ? "paths" : "any";
}
