import type { NotUnderstood } from "../../core/not-understood.ts";
import type { BlockDevice, MultipathMap, PhysicalVolume } from "../../core/storage.ts";
import type { HostView, PathIdentity } from "./host-view.ts";

/** A host's view, indexed by the names of its objects, because a host may have 10,000 paths. */
export interface ViewIndex {
  /** A map is below each of its paths in the tree, but it is one device. */
  readonly devices: ReadonlyMap<string, BlockDevice>;
  /** Disks at the root of the tree, by the digits of their WWN in small letters: `0x6b08…`. */
  readonly disksByWwn: ReadonlyMap<string, readonly BlockDevice[]>;
  readonly rootByKernelName: ReadonlyMap<string, BlockDevice>;
  readonly maps: ReadonlyMap<string, readonly MultipathMap[]>;
  /** Names in /dev/disk/by-id by kernel name, and kernel names by these names. */
  readonly linksTo: ReadonlyMap<string, readonly string[]>;
  readonly linked: ReadonlyMap<string, readonly string[]>;
  /** Physical volumes by the path that LVM prints, with their position in the list. */
  readonly volumes: ReadonlyMap<string, readonly Placed<PhysicalVolume>[]>;
  readonly volumesOfGroup: ReadonlyMap<string, readonly PhysicalVolume[]>;
  /** Kernel names of holders, by the number of the device below. */
  readonly holders: ReadonlyMap<string, readonly string[]>;
  readonly openCounts: ReadonlyMap<string, number>;
  /** UUIDs of device-mapper's devices by number. */
  readonly mapperUuids: ReadonlyMap<string, string>;
  readonly identities: ReadonlyMap<string, readonly PathIdentity[]>;
  /** Addresses of the SCSI disks that lsblk lists. It leaves out dead ones, which may be paths of any LUN. */
  readonly hctls: ReadonlySet<string>;
  /** What was not understood, by the names of its object. What may concern any object is separate. */
  readonly notUnderstoodByName: ReadonlyMap<string, readonly Placed<NotUnderstood>[]>;
  readonly notUnderstoodAboutAny: readonly Placed<NotUnderstood>[];
}
interface Placed<T> {
  readonly place: number;
  readonly value: T;
}

const indexes = new WeakMap<HostView, ViewIndex>();

/** An index of a view, which never changes. Each part is computed at its first use. */
export function indexOf(view: HostView): ViewIndex {
  const known = indexes.get(view);
  if (known !== undefined) return known;
  const index = new LazyIndex(view);
  indexes.set(view, index);
  return index;
}

class LazyIndex implements ViewIndex {
  readonly #view: HostView;
  readonly #made = new Map<keyof ViewIndex, unknown>();
  constructor(view: HostView) {
    this.#view = view;
  }

  get devices() {
    return this.#once("devices", ({ devices }) => allDevices(devices));
  }
  get disksByWwn() {
    return this.#once("disksByWwn", ({ devices }) => grouped(devices, ({ wwn }) => wwn?.toLowerCase() ?? null));
  }
  get rootByKernelName() {
    return this.#once("rootByKernelName", ({ devices }) => new Map(devices.map((each) => [each.kernelName, each])));
  }
  get maps() {
    return this.#once("maps", ({ maps }) => grouped(maps, ({ wwid }) => wwid));
  }
  get linksTo() {
    return this.#once("linksTo", ({ ids }) =>
      values(
        grouped(ids, ({ device }) => device),
        ({ name }) => name,
      ),
    );
  }
  get linked() {
    return this.#once("linked", ({ ids }) =>
      values(
        grouped(ids, ({ name }) => name),
        ({ device }) => device,
      ),
    );
  }
  get volumes() {
    return this.#once("volumes", ({ volumes }) => grouped(volumes.map(placed), ({ value }) => value.device));
  }
  get volumesOfGroup() {
    return this.#once("volumesOfGroup", ({ volumes }) => grouped(volumes, ({ volumeGroup }) => volumeGroup));
  }
  get holders() {
    return this.#once("holders", ({ holders }) =>
      values(
        grouped(holders, ({ majorMinor }) => majorMinor),
        ({ holder }) => holder,
      ),
    );
  }
  get openCounts() {
    // The first one counts, as in all indexes.
    return this.#once(
      "openCounts",
      ({ openCounts }) => new Map([...openCounts].reverse().map(({ majorMinor, count }) => [majorMinor, count])),
    );
  }
  get mapperUuids() {
    return this.#once(
      "mapperUuids",
      ({ openCounts }) => new Map(openCounts.map(({ majorMinor, uuid }) => [majorMinor, uuid])),
    );
  }
  get identities() {
    return this.#once("identities", ({ identities }) => grouped(identities, ({ disk }) => disk));
  }
  get hctls() {
    return this.#once(
      "hctls",
      ({ devices }) => new Set([...allDevices(devices).values()].flatMap(({ hctl }) => hctl ?? [])),
    );
  }
  get notUnderstoodByName() {
    return this.#once("notUnderstoodByName", ({ notUnderstood }) =>
      values(
        grouped(
          notUnderstood.map(placed).flatMap((each) => (each.value.about ?? []).map((name) => ({ name, each }))),
          ({ name }) => name,
        ),
        ({ each }) => each,
      ),
    );
  }
  get notUnderstoodAboutAny() {
    return this.#once("notUnderstoodAboutAny", ({ notUnderstood }) =>
      notUnderstood.map(placed).filter(({ value }) => value.about === null),
    );
  }

  #once<T>(key: keyof ViewIndex, make: (view: HostView) => T): T {
    // Each key has its own `make`, and so its own type.
    if (!this.#made.has(key)) this.#made.set(key, make(this.#view));
    return this.#made.get(key) as T;
  }
}

const placed = <T>(value: T, place: number): Placed<T> => ({ value, place });

/** Every device of a host's tree by kernel name. A map is below each of its paths, but it is one device. */
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

/** Keeps the order. Items without a key are left out. */
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

const values = <T, V>(groups: ReadonlyMap<string, readonly T[]>, reported: (item: T) => V): Map<string, V[]> =>
  new Map([...groups].map(([key, group]) => [key, group.map(reported)]));
