import type { ReadCommand } from "../core/host-command.ts";
import { ONE } from "../core/limits.ts";

/** Waits on the host between two looks at it, within one round trip. */
export const pause = (seconds: number): ReadCommand<null> => ({
  effect: "read",
  argv: ["sleep", String(seconds)],
  timeoutMs: 1_000 * seconds + 5_000,
  limits: ONE,
  exitCodes: [0],
  parse: () => null,
});
