import { type HostCommand, OutputNotUnderstood } from "../core/host-command.ts";

/** The kernel asks the array again for these disks' sizes; what is on them and who uses them stays as it is. */
export const rescanDisks = (disks: readonly string[]): HostCommand<null, "change"> =>
  writeAttribute("rescan", disks, 60_000);

/** The kernel forgets these disks. What the array still offers comes back with the next scan. */
export const forgetDisks = (disks: readonly string[]): HostCommand<null, "change"> =>
  writeAttribute("delete", disks, 120_000);

/** Disks that the kernel has set offline after errors are used again; it does not try them by itself. */
export const bringOnline = (disks: readonly string[]): HostCommand<null, "change"> =>
  writeAttribute("state", disks, 20_000, "running\n");

const writeAttribute = (
  attribute: "rescan" | "delete" | "state",
  disks: readonly string[],
  timeoutMs: number,
  text = "1\n",
): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["tee", "--", ...disks.map((disk) => `/sys/block/${scsiDisk(disk)}/device/${attribute}`)],
  stdin: text,
  timeoutMs,
  exitCodes: [0],
  parse: () => null,
});

function scsiDisk(name: string): string {
  if (!/^sd[a-z]+$/.test(name)) throw new OutputNotUnderstood("lsblk", name, "the name of a SCSI disk");
  return name;
}
