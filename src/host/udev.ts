import type { HostCommand } from "../core/host-command.ts";

/** Waits until udev has made the links of the devices that appeared. */
export const settleDevices: HostCommand<null, "change"> = {
  effect: "change",
  argv: ["udevadm", "settle", "--timeout=30"],
  timeoutMs: 40_000,
  exitCodes: [0],
  parse: () => null,
};
