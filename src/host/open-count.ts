import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import { filledLinesOf } from "./lines.ts";

/** How often a device-mapper device is open: the kernel counts each opener, also one that takes no exclusive open. */
export interface OpenCount {
  /** `253:2` */
  readonly majorMinor: string;
  readonly count: number;
  /** Who made it, and of what: `LVM-` with the UUIDs of a group and its volume, `mpath-` with a WWID. Empty without one. */
  readonly uuid: string;
}

/** Every device-mapper device of the host. The UUID comes last: it may hold the separator. */
export const listOpenCounts: ReadCommand<OpenCount[]> = {
  effect: "read",
  argv: ["dmsetup", "info", "-c", "--noheadings", "--separator", ":", "-o", "major,minor,open,uuid"],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0],
  parse: inParts(ofLines, ({ stdout }, note?: Note) =>
    // A map that is not counted may be any.
    eachUnderstood(filledLinesOf(stdout), openCount, () => null, note),
  ),
};

/** `253:2:1:mpath-36b083fe000daf018000015505abbe00a`; `No devices found` where there are none. */
function openCount(line: string): OpenCount[] {
  if (line.trim() === "" || line.trim() === "No devices found") return [];
  const [, major, minor, count, uuid] = /^(\d+):(\d+):(\d+):(.*)$/.exec(line.trim()) ?? [];
  if (count === undefined || uuid === undefined)
    throw new OutputNotUnderstood("dmsetup", line, "major:minor:open count:UUID");
  return [{ majorMinor: `${major}:${minor}`, count: Number(count), uuid }];
}
