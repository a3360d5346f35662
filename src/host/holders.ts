import { type CommandOutput, OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import { filledLinesOf, linesOf } from "./lines.ts";

/** A device that stands on another, whatever its type: a map, a volume, RAID, bcache, DRBD. */
export interface Holder {
  /** Of the device that is held. */
  readonly majorMinor: string;
  /** Kernel name of the device that holds it: `dm-3`, `bcache0`. */
  readonly holder: string;
}

/**
 * The `holders` of every block device in sysfs. lsblk leaves out a holder of size 0. `/sys/dev/block` has a link for each
 * device and partition, and following those makes no loop.
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
    return eachUnderstood(filledLinesOf(output.stdout), holder, () => null, note);
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

/** What vanished while find was on its way needs no answer; of anything else the answer is missing. */
export function throwUnlessVanished({ stderr }: CommandOutput): void {
  const strange = linesOf(stderr).find((line) => line.trim() !== "" && !/No such (?:file|process|device)/.test(line));
  if (strange !== undefined) throw new OutputNotUnderstood("find", strange, "what is there, or that it is gone");
}
