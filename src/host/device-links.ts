import type { ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { inParts, ofLines } from "../core/parts.ts";
import { throwUnlessVanished } from "./holders.ts";
import { linesOf } from "./lines.ts";

/** A symbolic link in /dev, as it was made: `/dev/mapper/mpatha` to `../dm-2`. */
export interface DeviceLink {
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
