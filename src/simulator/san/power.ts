import { leaveLockspaces } from "../programs/host-leases.ts";
import { assembleMaps } from "../programs/multipath.ts";
import { isActive } from "../programs/start-lockspace.ts";
import type { San } from "./san.ts";
import type { SanHost } from "./san-state.ts";
import { probeAll } from "./udev-memory.ts";

/** The host loses its power: nothing is active on it, and its last writes stay on the disks. */
export function powerOff(san: San, host: SanHost, diedAt: number): void {
  leaveLockspaces(san, host, { diedAt });
  host.isDown = true;
  host.activeVolumes = [];
  host.mounts = [];
  host.machines = host.machines.flatMap((vm) => (vm.rawDisks.length === 0 ? [] : [{ ...vm, runs: false }]));
  host.openers = [];
  host.hiddenOpens = [];
  host.loops = [];
  host.maps = [];
  for (const unit of host.units) unit.active = false;
  san.changed();
}

/**
 * The host boots: the kernel finds the offered disks, udev probes them, and enabled units start. Lockspaces do not
 * start by themselves.
 */
export function boot(san: San, host: SanHost): void {
  host.isDown = false;
  host.paths = host.paths.filter(({ state }) => state !== "unmapped");
  for (const unit of host.units) unit.active = unit.enabled;
  probeAll(san, host);
  if (isActive(host, "multipathd.service")) assembleMaps({ san, host });
  san.changed();
}
