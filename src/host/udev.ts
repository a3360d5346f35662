import { type HostCommand, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY, ONE } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import type { DiskId } from "../core/storage.ts";
import { linesOf, throwUnlessVanished } from "./output.ts";

/** Waits until udev has made the links of the devices that appeared. */
export const settleDevices: HostCommand<null, "change"> = {
  effect: "change",
  argv: ["udevadm", "settle", "--timeout=30"],
  timeoutMs: 40_000,
  exitCodes: [0],
  parse: () => null,
};

/**
 * udev notes what is on a device when it appears and when a program of its own host has written to it; what another host
 * wrote it notices only when it is told to look again. A change and never an add, at which LVM would activate a volume
 * group that it finds. `--name-match` is there since systemd 218; it does not wait until udev has looked.
 */
export const reprobeDevices = (devices: readonly [string, ...string[]]): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["udevadm", "trigger", "--action=change", ...devices.map((device) => `--name-match=${device}`)],
  timeoutMs: 10_000,
  exitCodes: [0],
  parse: () => null,
});

/**
 * Nothing is changed: only waits until udev has probed what was written before, since its probing opens disks for a
 * moment. 1: it was still at it; who has a disk open then says so.
 */
export const udevIsDone: ReadCommand<null> = {
  effect: "read",
  argv: ["udevadm", "settle", "--timeout=10"],
  timeoutMs: 15_000,
  limits: ONE,
  exitCodes: [0, 1],
  parse: () => null,
};

/** A symbolic link in /dev, as it was made: `/dev/mapper/mpatha` to `../dm-2`. */
interface DeviceLink {
  readonly path: string;
  readonly to: string;
}

/** Every link in /dev: by-id, by-path, mapper, volume groups, and what an administrator's own udev rules make. */
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

/** Where a path in /dev leads; itself where it is no link. */
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

/** The links of /dev/disk/by-id; none where udev made none. */
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
    return eachUnderstood(lines, diskId, disksIn, note);
  }),
};

/** `lrwxrwxrwx. 1 root root 10 Jan  1 00:00 dm-name-mpatha -> ../../dm-2`; udev leaves no blank in a name. */
function diskId(line: string): DiskId[] {
  const arrow = line.indexOf(" -> ");
  const name = line.slice(line.lastIndexOf(" ", arrow - 1) + 1, arrow);
  const target = line.slice(arrow + " -> ".length).trimEnd();
  const device = target.slice(target.lastIndexOf("/") + 1);
  if (arrow === -1 || name === "" || device === "" || /\s/.test(device))
    throw new OutputNotUnderstood("ls", line, "a link");
  return [{ name, device }];
}

/** The disk that an odd line names; without one it may be about any. */
function disksIn(line: string): string[] | null {
  const names = line.match(/\b(?:sd[a-z]+|dm-\d+|nvme\d+n\d+)\b/g);
  return names === null ? null : [...new Set(names)];
}
