import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { ONE } from "../core/limits.ts";

/** The devices of a class in `/sys/class`, by name. None if the kernel does not have the class. */
export const listDeviceClass = (name: string, read: (names: string[]) => string[]): ReadCommand<string[]> => ({
  effect: "read",
  argv: ["ls", `/sys/class/${name}`],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0, 2],
  parse: ({ stdout, stderr, exitCode }) => {
    if (exitCode === 2 && !stderr.includes("No such file or directory")) {
      throw new OutputNotUnderstood("ls", stderr, "a directory or none");
    }
    return read(stdout.split(/\s+/).filter(Boolean));
  },
});
