import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { eachUnderstood } from "../core/not-understood.ts";
import { filledLinesOf } from "./lines.ts";

/** A loop device on a file or a disk: the kernel has that open, without a process and without a holder in sysfs. */
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
  // What is not understood may stand on any disk.
  parse: ({ stdout }, note) => eachUnderstood(filledLinesOf(stdout), loopDevice, () => null, note),
};

/** `/dev/loop0 /dev/dm-2`; a file that was removed has ` (deleted)` behind it, and one that the kernel does not tell is not there. */
function loopDevice(line: string): LoopDevice[] {
  const [, name, backingFile] = /^(\/dev\/\S+)(?:\s+(\/.*?)(?: \(deleted\))?)?\s*$/.exec(line) ?? [];
  if (name === undefined) throw new OutputNotUnderstood("losetup", line, "a loop device and its file");
  return backingFile === undefined ? [] : [{ name, backingFile }];
}
