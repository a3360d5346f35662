import type { HostCommand } from "../core/host-command.ts";
import { notOk } from "./multipathd-answer.ts";

/** multipathd's client gave up on a daemon that has no time for it now. */
export const isBusy = (complaint: string): boolean =>
  /(?:^|")(?:timeout(?: receiving packet)?|error (?:-?\d+ )?receiving packet|cannot send packet)(?=$|["\s\\])/m.test(
    complaint,
  );

/** Takes a map away that nothing uses; with one in use multipath refuses. `name` is its alias, or its WWID where it has none. */
export const flushMap = (name: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["multipath", "-f", name],
  timeoutMs: 60_000,
  exitCodes: [0],
  parse: () => null,
});

/**
 * Gives a map the size that its paths have; one of that size stays. `name` as above: multipathd knows a map by no other.
 * Where the daemon is busy with many paths, or the host is slow, its client gives up after 4 s (`uxsock_timeout`) and the
 * daemon may do it yet; or the daemon itself gives up (both on standard output, exit code 1):
 *
 *     timeout receiving packet
 *     timeout
 *
 * Before 0.9 its client also says `error receiving packet`, `error 104 receiving packet` or `cannot send packet`.
 */
export const resizeMap = (name: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["multipathd", "resize", "map", name],
  timeoutMs: 30_000,
  exitCodes: [0, 1],
  passes: isBusy,
  parse: ({ stdout, stderr }) => {
    // `ok`, or `fail` with exit code 0 or 1 by the version.
    if (stdout.trim() === "ok") return null;
    throw notOk(`${stdout}${stderr}`.trim());
  },
});
