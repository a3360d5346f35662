import type { Facts } from "../../core/facts.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import type { Host } from "../../core/inventory.ts";
import { valueOr } from "../../core/outcome.ts";
import type { BlockDevice } from "../../core/storage.ts";
import { readNamePage } from "../../host/scsi.ts";
import { problemsOf } from "./host-view.ts";

/** SCSI disks without a name in udev. udev asks the disk for it, and a dead disk does not answer. */
const nameless = (devices: readonly BlockDevice[]): string[] =>
  devices
    .filter(({ type, hctl, wwn, kernelName }) => type === "disk" && hctl !== null && wwn === null && isScsi(kernelName))
    .map(({ kernelName }) => kernelName);

const isScsi = (kernelName: string): boolean => /^sd[a-z]+$/.test(kernelName);

/** The NAA names of those disks, as the kernel keeps them. */
export async function keptNames(
  host: Host,
  devices: readonly BlockDevice[],
  facts: Facts,
): Promise<{ readonly names: ReadonlyMap<string, string>; readonly problems: readonly string[] }> {
  const disks = nameless(devices);
  if (disks.length === 0) return { names: new Map(), problems: [] };
  const pages: Record<string, ReadCommand<string | null>> = Object.fromEntries(
    disks.map((disk) => [disk, readNamePage(disk)]),
  );
  const seen = await facts.gather(host, pages);
  const names = new Map<string, string>();
  for (const [disk, outcome] of Object.entries(seen)) {
    const name = valueOr(outcome, null);
    if (name !== null) names.set(disk, name);
  }
  return { names, problems: problemsOf(pages, seen) };
}

/** The disks with the names that udev does not know. */
export const withNames = (devices: readonly BlockDevice[], names: ReadonlyMap<string, string>): BlockDevice[] =>
  devices.map((device) => {
    const name = device.wwn === null ? names.get(device.kernelName) : undefined;
    return name === undefined ? device : { ...device, wwn: `0x${name}` };
  });

/** The name in a WWID: `36b083fe…` is `3` and a name of type NAA. */
export const nameIn = (wwid: string): string | null => /^3([0-9a-f]{16}|[0-9a-f]{32})$/.exec(wwid)?.[1] ?? null;
