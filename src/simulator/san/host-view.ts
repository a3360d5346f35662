import { type Device, diskDevices, hasVendorsName, isForgottenByUdev, mapperUuid, wwnOf } from "./devices.ts";
import type { San } from "./san.ts";
import type { SanHost } from "./san-state.ts";
import { rememberedOf } from "./udev-memory.ts";

/** The content of a host's `/dev`, made once for each state of the SAN. */
interface HostView {
  readonly disks: readonly Device[];
  readonly byKernelName: ReadonlyMap<string, Device>;
  /** Names in /dev/disk/by-id, sorted, with the kernel names they lead to. */
  readonly links: readonly (readonly [name: string, kernelName: string])[];
  readonly linksTo: ReadonlyMap<string, readonly string[]>;
  /** The device of a path under /dev; null if there is none. */
  find(path: string): Device | null;
}

const views = new WeakMap<SanHost, { version: number; view: HostView }>();

export function viewOf(san: San, host: SanHost): HostView {
  const known = views.get(host);
  if (known?.version === san.version) return known.view;
  const view = makeView(san, host);
  views.set(host, { version: san.version, view });
  return view;
}

function makeView(san: San, host: SanHost): HostView {
  const disks = diskDevices(san, host);
  const byKernelName = new Map<string, Device>();
  const add = (device: Device): void => {
    byKernelName.set(device.kernelName, device);
    for (const child of device.children) add(child);
  };
  for (const disk of disks) add(disk);
  const links = diskLinks(san, host, byKernelName);
  const names = new Map<string, Device>();
  for (const device of byKernelName.values()) {
    names.set(`/dev/${device.kernelName}`, device);
    if (device.kernelName.startsWith("dm-")) names.set(`/dev/mapper/${device.name}`, device);
  }
  const linksTo = new Map<string, string[]>();
  for (const [name, kernelName] of links) {
    const others = linksTo.get(kernelName);
    if (others === undefined) linksTo.set(kernelName, [name]);
    else others.push(name);
    const device = byKernelName.get(kernelName);
    if (device) names.set(`/dev/disk/by-id/${name}`, device);
  }
  return { disks, byKernelName, links, linksTo, find: (path) => names.get(path) ?? null };
}

function diskLinks(san: San, host: SanHost, devices: ReadonlyMap<string, Device>): [string, string][] {
  const links = new Map<string, string>();
  for (const device of devices.values()) {
    if (device.path && isForgottenByUdev(device.path)) continue;
    if (device.path && device.children[0]?.map == null) {
      for (const [name, child] of lunLinks(san, host, device)) links.set(name, child);
    }
    if (device.path) {
      // The vendor's serial number stays with one of the paths, independent of the devices on top.
      const { vendor, product } = san.lun(device.path.wwid);
      links.set(`scsi-S${vendor}_${product}_${device.path.wwid.slice(-8)}`.replaceAll(" ", "_"), device.kernelName);
    }
    if (device.map) {
      links.set(`dm-name-${device.map.alias}`, device.kernelName);
      links.set(`dm-uuid-mpath-${device.map.wwid}`, device.kernelName);
      for (const [name, child] of lunLinks(san, host, device)) links.set(name, child);
    }
    for (const [name, child] of volumeLinks(san, host, device)) links.set(name, child);
  }
  for (const [name, child] of localLinks(host)) links.set(name, child);
  // C locale: by bytes.
  return [...links].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Links that lead to a whole LUN and to its partitions, be it a map or a bare path. */
function* lunLinks(san: San, host: SanHost, device: Device): Generator<[string, string]> {
  if (device.wwid === null) return;
  const wwn = wwnOf(device.wwid);
  yield [`scsi-${device.wwid.replaceAll(/\s+/g, "_")}`, device.kernelName];
  // udev has no more links to a disk that only its vendor names.
  if (hasVendorsName(device.wwid)) return;
  yield [`wwn-${wwn}`, device.kernelName];
  const { fileSystem, uuid } = rememberedOf(san, host, device.wwid);
  if (fileSystem === "LVM2_member") yield [`lvm-pv-uuid-${uuid}`, device.kernelName];
  const partitions = device.children.filter((child) => child.type === "part");
  for (const [index, child] of partitions.entries()) {
    const number = index + 1;
    yield [`scsi-${device.wwid}-part${number}`, child.kernelName];
    yield [`wwn-${wwn}-part${number}`, child.kernelName];
    if (device.map) {
      yield [`dm-name-${child.name}`, child.kernelName];
      yield [`dm-uuid-part${number}-mpath-${device.wwid}`, child.kernelName];
    }
  }
}

function* volumeLinks(san: San, host: SanHost, device: Device): Generator<[string, string]> {
  if (device.type !== "lvm") return;
  const active = host.activeVolumes.find((volume) => `dm-${volume.minor}` === device.kernelName);
  if (!active) return;
  yield [`dm-name-${device.name}`, device.kernelName];
  yield [`dm-uuid-${mapperUuid(san.volumeGroup(active.volumeGroupUuid).uuid, active.name)}`, device.kernelName];
}

function* localLinks(host: SanHost): Generator<[string, string]> {
  const { device, model, serial, wwn, partitions } = host.localDisk;
  for (const name of [`ata-${model}_${serial}`.replaceAll(" ", "_"), `wwn-${wwn}`]) {
    yield [name, device];
    for (const { number } of partitions) yield [`${name}-part${number}`, `${device}${number}`];
  }
}

/** Some path answers: the LUN can be read and written through the device. */
export function isReadable(host: SanHost, device: Device): boolean {
  if (device.path) return device.path.state === "running";
  if (device.wwid === null) return true;
  return host.paths.some((path) => path.wwid === device.wwid && path.device !== null && path.state === "running");
}

/**
 * Mounted, exported, or under another device: an exclusive open fails with EBUSY. A guest's raw disk does not prevent
 * it.
 */
export const isBusy = (device: Device): boolean =>
  device.mountPoint !== null || device.isExported || device.children.length > 0;
