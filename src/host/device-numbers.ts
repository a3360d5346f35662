import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { MANY } from "../core/limits.ts";
import { filledLinesOf, linesOf } from "./lines.ts";

export interface DeviceNumber {
  readonly path: string;
  /** `block 253:2`, the same by whatever name. */
  readonly number: string;
}

/** Which of these paths lead to a device, by whatever links or as a device file of their own. */
export const readDeviceNumbers = (paths: readonly string[]): ReadCommand<DeviceNumber[]> => ({
  effect: "read",
  argv: ["stat", "-L", "-c", "%t:%T\t%F\t%n", "--", ...paths],
  timeoutMs: 10_000,
  limits: MANY,
  exitCodes: [0, 1],
  parse: ({ stdout, stderr }) => {
    // What can't be reached now is no device: those lie in the host's memory.
    const strange = linesOf(stderr).find((line) => line.trim() !== "" && !/^stat: cannot statx? /.test(line));
    if (strange !== undefined) throw new OutputNotUnderstood("stat", strange, "what each path is");
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

/** As `stat` prints `%F`, `%t` and `%T`; null for what is no device. */
export function numberOf(kind: string, major: string, minor: string): string | null {
  const [, special] = /^(block|character) special/.exec(kind) ?? [];
  return special === undefined ? null : `${special} ${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}`;
}
