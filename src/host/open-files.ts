import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { eachUnderstood, type Note } from "../core/not-understood.ts";
import { inParts, ofLines } from "../core/parts.ts";
import { numberOf } from "./device-numbers.ts";
import { throwUnlessVanished } from "./holders.ts";
import { filledLinesOf, linesOf } from "./lines.ts";

/** What /proc tells of a device file that a process has open: its name and its number stand in two lines. */
export interface OpenFile {
  readonly pid: number;
  readonly descriptor: number;
  /** `/dev/dm-2`: links are followed. In a container it is the container's own name. */
  readonly device?: string;
  /** `block 253:2`, the same by whatever name. */
  readonly number?: string;
}

/**
 * Who has disks open, as /proc shows it. What the kernel itself has open (mounts, maps, exports) is not there. Only a file
 * in a folder called `dev` is asked for its number: a file of a dead file server would give no answer.
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
    return eachUnderstood(filledLinesOf(output.stdout), openFile, () => null, note);
  }),
};

/** `812/fd/11	/dev/dm-2`, and of the same `/proc/812/fd/11	fd:2	block special file` */
function openFile(line: string): OpenFile[] {
  if (line.trim() === "") return [];
  const [, inProc, pid, descriptor, told = ""] = /^(\/proc\/)?(\d+)\/fd\/(\d+)\t(.*)$/.exec(line) ?? [];
  if (pid === undefined) throw new OutputNotUnderstood("find", line, "PID/fd/N and its device");
  const of = { pid: Number(pid), descriptor: Number(descriptor) };
  if (inProc === undefined) {
    if (!told.includes("/dev/")) throw new OutputNotUnderstood("find", line, "PID/fd/N and its device");
    return [{ ...of, device: told.replace(/ \(deleted\)$/, "") }];
  }
  const [, major, minor, kind] = /^([0-9a-f]+):([0-9a-f]+)\t(.*)$/.exec(told) ?? [];
  if (major === undefined || minor === undefined) throw new OutputNotUnderstood("stat", line, "a device's number");
  // A plain file may lie in a folder of that name, too.
  const number = numberOf(kind ?? "", major, minor);
  return number === null ? [] : [{ ...of, number }];
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
