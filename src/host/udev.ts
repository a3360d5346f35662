import type { HostCommand, ReadCommand } from "../core/host-command.ts";
import { ONE } from "../core/limits.ts";

/** Waits until udev has made the links of the devices that appeared. */
export const settleDevices: HostCommand<null, "change"> = {
  effect: "change",
  argv: ["udevadm", "settle", "--timeout=30"],
  timeoutMs: 40_000,
  exitCodes: [0],
  parse: () => null,
};

/**
 * udev notes what is on a device when it appears and when a program of its own host has written to it; what another host
 * wrote it notices only when it is told to look again. A change and never an add, at which LVM would activate a volume
 * group that it finds. `--name-match` is there since systemd 218; it does not wait until udev has looked.
 */
export const lookAtDevicesAgain = (devices: readonly [string, ...string[]]): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["udevadm", "trigger", "--action=change", ...devices.map((device) => `--name-match=${device}`)],
  timeoutMs: 10_000,
  exitCodes: [0],
  parse: () => null,
});

/**
 * Nothing is changed: only waits until udev has probed what was written before, since its probing opens disks for a
 * moment. 1: it was still at it; who has a disk open then says so.
 */
export const udevIsDone: ReadCommand<null> = {
  effect: "read",
  argv: ["udevadm", "settle", "--timeout=10"],
  timeoutMs: 15_000,
  limits: ONE,
  exitCodes: [0, 1],
  parse: () => null,
};
