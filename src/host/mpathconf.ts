import type { HostCommand } from "../core/host-command.ts";
import type { MapNames } from "./multipath-names.ts";

/** RHEL's own way where there is no multipath.conf yet: makes one with these settings, and starts the daemon. */
export const makeMultipathConf = (names: MapNames): HostCommand<null, "change"> => ({
  ...enableMultipath,
  argv: [
    "mpathconf",
    "--enable",
    "--find_multipaths",
    "y",
    "--user_friendly_names",
    names === "friendly" ? "y" : "n",
    "--with_multipathd",
    "y",
  ],
});

/** Takes a blacklist of all disks out of multipath.conf, loads dm-multipath and starts the daemon; all else stays. */
export const enableMultipath: HostCommand<null, "change"> = {
  effect: "change",
  argv: ["mpathconf", "--enable", "--with_multipathd", "y"],
  timeoutMs: 60_000,
  exitCodes: [0],
  parse: () => null,
};
