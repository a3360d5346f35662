import type { ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { linesOf } from "./lines.ts";

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
  // `/dev/loop0 /dev/dm-2`; a file that was removed has ` (deleted)` behind it.
  parse: ({ stdout }) =>
    linesOf(stdout).flatMap((line) => {
      const [, name, backingFile] = /^(\/dev\/\S+)\s+(\/.*?)(?: \(deleted\))?\s*$/.exec(line) ?? [];
      return name === undefined || backingFile === undefined ? [] : [{ name, backingFile }];
    }),
};
