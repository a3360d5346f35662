import type { NotUnderstood } from "../../core/not-understood.ts";
import type { BlockDevice, MultipathMap, PhysicalVolume } from "../../core/storage.ts";
import type { HostView } from "./host-view.ts";
import type { PathIdentity } from "./path-identities.ts";

/** A host's view by the names that its objects are looked up by: a host may have 10,000 paths. */
export interface ViewIndex {
  /** A map stands under each of its paths but is there once. */
  readonly devices: ReadonlyMap<string, BlockDevice>;
  /** Disks at the root of the tree, by the digits of their WWN in small letters: `0x6b08…`. */
  readonly disksByWwn: ReadonlyMap<string, readonly BlockDevice[]>;
  readonly rootByKernelName: ReadonlyMap<string, BlockDevice>;
  readonly maps: ReadonlyMap<string, readonly MultipathMap[]>;
  /** Names in /dev/disk/by-id by the kernel name that they lead to, and the other way. */
  readonly linksTo: ReadonlyMap<string, readonly string[]>;
  readonly linked: ReadonlyMap<string, readonly string[]>;
  /** By the path that LVM gives them; with their place among all. */
  readonly volumes: ReadonlyMap<string, readonly Placed<PhysicalVolume>[]>;
  readonly volumesOfGroup: ReadonlyMap<string, readonly PhysicalVolume[]>;
  /** Kernel names by the number of what they hold. */
  readonly holders: ReadonlyMap<string, readonly string[]>;
  readonly openCounts: ReadonlyMap<string, number>;
  readonly identities: ReadonlyMap<string, readonly PathIdentity[]>;
  /** What was not understood, by the names that it is about; and what may be about any object. */
  readonly odd: ReadonlyMap<string, readonly Placed<NotUnderstood>[]>;
  readonly oddAboutAny: readonly Placed<NotUnderstood>[];
}
export interface Placed<T> {
  readonly place: number;
  readonly value: T;
}

const indexes = new WeakMap<HostView, ViewIndex>();

/** Made once for a view, which never changes. */
export function indexOf(view: HostView): ViewIndex {
  const known = indexes.get(view);
  if (known !== undefined) return known;
  const placed = view.volumes.map((value, place) => ({ value, place }));
  const odd = view.notUnderstood.map((value, place) => ({ value, place }));
  const index: ViewIndex = {
    devices: allDevices(view.devices),
    disksByWwn: grouped(view.devices, ({ wwn }) => wwn?.toLowerCase() ?? null),
    rootByKernelName: new Map(view.devices.map((device) => [device.kernelName, device])),
    maps: grouped(view.maps, ({ wwid }) => wwid),
    linksTo: values(
      grouped(view.ids, ({ device }) => device),
      ({ name }) => name,
    ),
    linked: values(
      grouped(view.ids, ({ name }) => name),
      ({ device }) => device,
    ),
    volumes: grouped(placed, ({ value }) => value.device),
    volumesOfGroup: grouped(view.volumes, ({ volumeGroup }) => volumeGroup),
    holders: values(
      grouped(view.holders, ({ majorMinor }) => majorMinor),
      ({ holder }) => holder,
    ),
    // The first counts, as everywhere.
    openCounts: new Map([...view.openCounts].reverse().map(({ majorMinor, count }) => [majorMinor, count])),
    identities: grouped(view.identities, ({ disk }) => disk),
    odd: values(
      grouped(
        odd.flatMap((each) => (each.value.about ?? []).map((name) => ({ name, each }))),
        ({ name }) => name,
      ),
      ({ each }) => each,
    ),
    oddAboutAny: odd.filter(({ value }) => value.about === null),
  };
  indexes.set(view, index);
  return index;
}

/** Every device of a host's tree by kernel name; a map stands under each of its paths but is there once. */
export function allDevices(roots: readonly BlockDevice[]): Map<string, BlockDevice> {
  const found = new Map<string, BlockDevice>();
  for (const root of roots) {
    for (const device of [root, ...descendants(root)]) found.set(device.kernelName, device);
  }
  return found;
}

export function* descendants(device: BlockDevice): Generator<BlockDevice> {
  for (const child of device.children) {
    yield child;
    yield* descendants(child);
  }
}

/** In their order; without those that have no key. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

const values = <T, V>(groups: ReadonlyMap<string, readonly T[]>, told: (item: T) => V): Map<string, V[]> =>
  new Map([...groups].map(([key, group]) => [key, group.map(told)]));
