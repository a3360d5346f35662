import type { HostCommand } from "../core/host-command.ts";

/** Deactivates logical volumes on this host; LVM refuses one that is open and names it. Their data stays as it is. */
export const deactivateVolumes = (volumeGroup: string, volumes: readonly string[]): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["lvchange", "--activate", "n", "--", ...volumes.map((volume) => `${volumeGroup}/${volume}`)],
  timeoutMs: 120_000,
  exitCodes: [0],
  parse: () => null,
});
