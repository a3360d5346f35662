import { named } from "../../core/host-text.ts";
import type { HostView } from "./host-view.ts";
import { usersOf } from "./lun-users.ts";
import { allDevices } from "./view-index.ts";

/** A logical volume by its names, and by LVM's UUIDs where they are known. */
export interface NamedVolume {
  readonly volumeGroup: string;
  readonly name: string;
}

/**
 * Who uses a logical volume on a host past LVM: VMs that run or are only defined and name it by any of its paths,
 * processes, exports, loop devices, and devices on it. Nobody if the host was not asked for the users of its disks.
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

/** As device-mapper writes the dashes of a name. */
const doubled = (name: string): string => name.replaceAll("-", "--");
