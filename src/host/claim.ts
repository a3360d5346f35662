import { OutputNotUnderstood, type ReadCommand } from "../core/host-command.ts";
import { FEW } from "../core/limits.ts";

/**
 * Whether something on the host has a disk for itself alone, as the kernel knows it: a file system that another namespace
 * has mounted, ZFS, an old DRBD. None of these shows in sysfs, and only device-mapper counts its openers. wipefs opens the
 * disk exclusively before it looks; with `--no-act` it writes nothing. udev may look at the disk again after that.
 */
export const readClaim = (device: string): ReadCommand<boolean> => ({
  effect: "read",
  argv: ["wipefs", "--all", "--no-act", "--", device],
  timeoutMs: 20_000,
  limits: FEW,
  exitCodes: [0, 1],
  parse: ({ stderr, exitCode }) => {
    if (exitCode === 0) return false;
    if (/resource busy/.test(stderr)) return true;
    throw new OutputNotUnderstood("wipefs", stderr.trim(), "a disk that is free or busy");
  },
});
