import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { ONE } from "../core/limits.ts";

/** The host's clock, in milliseconds since the epoch. */
export const readClock: ReadCommand<number> = {
  effect: "read",
  argv: ["date", "+%s.%N"],
  timeoutMs: 10_000,
  limits: ONE,
  exitCodes: [0],
  parse: ({ stdout }) => {
    const [, seconds, nanoseconds] = /^(\d+)\.(\d{9})$/.exec(stdout.trim()) ?? [];
    if (seconds === undefined || nanoseconds === undefined) {
      throw new OutputNotUnderstood("date", stdout.trim(), "seconds and nanoseconds");
    }
    return Number(seconds) * 1000 + Number(nanoseconds) / 1e6;
  },
};

/** Waits on the host between two observations in one round trip. */
export const pause = (seconds: number): ReadCommand<null> => ({
  effect: "read",
  argv: ["sleep", String(seconds)],
  timeoutMs: 1_000 * seconds + 5_000,
  limits: ONE,
  exitCodes: [0],
  parse: () => null,
});
