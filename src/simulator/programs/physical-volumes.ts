import type { Device } from "../san/devices.ts";
import { isReadable, viewOf } from "../san/host-view.ts";
import type { Place } from "../san/program.ts";
import type { PhysicalVolumeOnLun, SanVolumeGroup } from "../san/san-state.ts";
import { mayUse } from "./lvm-devices.ts";
import type { Settings } from "./lvm-settings-in-force.ts";

export const extentBytes = 4 * 1024 * 1024;

/** A physical volume that LVM on one host finds, and the device it takes for it. */
export interface SeenPhysicalVolume {
  /** `/dev/mapper/mpatha` */
  readonly name: string;
  readonly wwid: string;
  readonly sizeBytes: number;
  readonly content: PhysicalVolumeOnLun;
}

/** A disk that LVM does not use: it has no label, or the UUID of another disk that LVM has found before. */
export interface UnusedDisk {
  readonly name: string;
  readonly duplicateOf: string | null;
}

export interface Scan {
  readonly seen: readonly SeenPhysicalVolume[];
  readonly unused: readonly UnusedDisk[];
  /** On standard error. */
  readonly warnings: string;
}

/** What LVM's scan of the disks that it may use finds; paths of a map are passed over, the map is taken. */
export function scanDisks(place: Place, settings: Settings): Scan {
  const { san, host } = place;
  const seen = new Map<string, SeenPhysicalVolume>();
  const unused: UnusedDisk[] = [];
  let warnings = "";
  for (const device of viewOf(san, host).byKernelName.values()) {
    if (device.wwid === null || isComponent(device) || !mayUse(device, settings, place)) continue;
    const name = deviceName(device);
    const found = san.lun(device.wwid).content.physicalVolume;
    if (!found) {
      unused.push({ name, duplicateOf: null });
      continue;
    }
    if (!isReadable(host, device)) {
      warnings += `  Error reading device ${name} at 0 length 512.\n`;
      continue;
    }
    const first = seen.get(found.uuid);
    if (first) {
      unused.push({ name, duplicateOf: found.uuid });
      warnings += `  WARNING: Not using device ${name} for PV ${found.uuid}.\n`;
      warnings += `  WARNING: PV ${found.uuid} prefers device ${first.name} because device was seen first.\n`;
    } else seen.set(found.uuid, { name, wwid: device.wwid, sizeBytes: device.sizeBytes, content: found });
  }
  return { seen: [...seen.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), unused, warnings };
}

/** A path under a map. */
export const isComponent = (device: Device): boolean =>
  device.path !== null && device.children.some((child) => child.map);

export const deviceName = (device: Device): string =>
  device.kernelName.startsWith("dm-") ? `/dev/mapper/${device.name}` : `/dev/${device.kernelName}`;

/** Whole extents behind the metadata. */
export const sizeInGroup = ({ sizeBytes, dataStartBytes }: PhysicalVolumeOnLun): number =>
  Math.max(0, Math.floor((sizeBytes - dataStartBytes) / extentBytes)) * extentBytes;

/** LVM fills its physical volumes one after another; with one of them this is exact. */
export const freeBytes = (volume: PhysicalVolumeOnLun, group: SanVolumeGroup): number =>
  Math.max(0, sizeInGroup(volume) - group.logicalVolumes.reduce((sum, one) => sum + one.sizeBytes, 0));
