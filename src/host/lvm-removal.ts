import type { Destruction } from "../core/host-command.ts";

/** None of these answers LVM's questions: input is empty, which it takes for no. So what is active or not empty stays. */

/** `VG/LV`. LVM refuses one that another host has locked, and one that is open; one that is active it asks about. */
export const removeLogicalVolume = (volumeGroup: string, name: string): Destruction<null, "LUN"> => ({
  effect: "destroy",
  loses: "LUN",
  argv: ["lvremove", "--", `${volumeGroup}/${name}`],
  timeoutMs: 120_000,
  exitCodes: [0],
  parse: () => null,
});

/** With its lock volume. LVM refuses where another host has the lockspace started, and asks where volumes are left. */
export const removeVolumeGroup = (volumeGroup: string): Destruction<null, "LUN"> => ({
  effect: "destroy",
  loses: "LUN",
  argv: ["vgremove", "--", volumeGroup],
  timeoutMs: 120_000,
  exitCodes: [0],
  parse: () => null,
});

/**
 * LVM refuses one that is in a volume group. The global lock of lvmlockd went with the last shared group, and without it
 * pvremove does nothing: `Global lock failed: check that global lockspace is started`.
 */
export const removePhysicalVolume = (device: string): Destruction<null, "LUN"> => ({
  effect: "destroy",
  loses: "LUN",
  argv: ["pvremove", "--config", "global/use_lvmlockd=0 global/use_lvmetad=0", "--", device],
  timeoutMs: 60_000,
  exitCodes: [0],
  parse: () => null,
});
