import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import { throwUnlessVanished } from "./holders.ts";
import { filledLinesOf, linesOf } from "./lines.ts";

/** A process that has a device file open; once for each time. */
export interface OpenFile {
  readonly pid: number;
  /** `/dev/dm-2`: links are followed. */
  readonly device: string;
}

/** Who has disks open, as /proc shows it. What the kernel itself has open (mounts, maps, exports) is not there. */
export const listOpenFiles: ReadCommand<OpenFile[]> = {
  effect: "read",
  argv: [
    ...(["find", "/proc", "-mindepth", "2", "-maxdepth", "3", "-path", "/proc/[0-9]*/fd/*"] as const),
    ...["-lname", "/dev/*", "!", "-lname", "/dev/null", "!", "-lname", "/dev/pts/*"],
    ...["-printf", "%P\\t%l\\n", "-o", "!", "-name", "fd", "-prune"],
  ],
  timeoutMs: 20_000,
  limits: MANY,
  exitCodes: [0, 1],
  parse: inParts(ofLines, (output, note?: Note) => {
    throwUnlessVanished(output);
    return eachUnderstood(filledLinesOf(output.stdout), openFile, () => null, note);
  }),
};

/** `812/fd/11	/dev/dm-2` */
function openFile(line: string): OpenFile[] {
  if (line.trim() === "") return [];
  const [, pid, device] = /^(\d+)\/fd\/\d+\t(\/dev\/.*)$/.exec(line) ?? [];
  if (pid === undefined || device === undefined) throw new OutputNotUnderstood("find", line, "PID/fd/N and its device");
  return [{ pid: Number(pid), device: device.replace(/ \(deleted\)$/, "") }];
}

export interface ProcessName {
  readonly pid: number;
  readonly name: string;
}

/** Names to show beside the numbers; a decision never rests on them alone. */
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
