import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { ONE } from "../core/limits.ts";

/** The watchdog devices that the kernel has: `watchdog0`. Without one wdmd can't reset a host that lost its storage. */
export const listWatchdogs: ReadCommand<string[]> = {
  effect: "read",
  argv: ["ls", "/sys/class/watchdog"],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0, 2],
  parse: ({ stdout, stderr, exitCode }) => {
    if (exitCode === 2 && !stderr.includes("No such file or directory")) {
      throw new OutputNotUnderstood("ls", stderr, "a directory or none");
    }
    return stdout.split(/\s+/).filter(Boolean).map(watchdog);
  },
};

function watchdog(name: string): string {
  if (!/^watchdog\d+$/.test(name)) throw new OutputNotUnderstood("ls", name, "watchdogN");
  return name;
}
