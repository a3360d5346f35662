import { named } from "../../core/host-text.ts";
import type { HostView } from "./host-view.ts";
import { usersOf } from "./lun-users.ts";
import { allDevices } from "./view-index.ts";

/** A logical volume by its names, and by LVM's UUIDs if they are known. */
export interface NamedVolume {
  readonly volumeGroup: string;
  readonly name: string;
}

/**
 * Users of a logical volume that LVM does not show: VMs that have it as a disk (running or only defined), processes,
 * exports, loop devices, and devices on it. Empty if the users were not read on this host.
 */
export function volumeUsers(view: HostView, { volumeGroup, name }: NamedVolume): readonly string[] {
  if (view.use === null) return [];
  const mapperName = `${doubled(volumeGroup)}-${doubled(name)}`;
  const device = [...allDevices(view.devices).values()].find((each) => each.name === mapperName);
  const { all } = usersOf(view.use, {
    kernelNames: new Set(device === undefined ? [] : [device.kernelName]),
    numbers: new Map(device === undefined ? [] : [[`block ${device.majorMinor}`, device.kernelName]]),
    ...{
      paths: new Set(),
      byHctl: new Map(),
      targets: new Map(),
      present: new Set(),
      counted: device?.kernelName ?? null,
    },
    names: new Set(
      [`${volumeGroup}/${name}`, `mapper/${mapperName}`, `disk/by-id/dm-name-${mapperName}`].map(
        (each) => `/dev/${each}`,
      ),
    ),
  });
  const above = device?.children.map((each) => named(each.name)) ?? [];
  return [...all, ...above];
}

/** The dashes of a name as device-mapper writes them. */
const doubled = (name: string): string => name.replaceAll("-", "--");
