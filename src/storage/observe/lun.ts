import type { Host } from "../../core/inventory.ts";
import { runInSlices, runToEnd, type Slices, yieldToOthers } from "../../core/parts.ts";
import type { BlockDevice, MultipathMap, PhysicalVolume } from "../../core/storage.ts";
import { isWorking } from "../../host/multipath.ts";
import type { HostView, PathIdentity } from "./host-view.ts";
import { type PossibleUser, type Users, usersOf } from "./lun-users.ts";
import { notUnderstoodAbout } from "./not-understood.ts";
import { descendants, indexOf, type ViewIndex } from "./view-index.ts";

/** A device directly on a LUN. */
export interface DirectHolder {
  readonly name: string;
  /** UUID in device-mapper; null for other devices. */
  readonly mapperUuid: string | null;
}

/** One LUN as one host sees it. */
export interface LunOnHost {
  readonly host: Host;
  /** The assembled multipath map. Null if there is only a bare path. */
  readonly map: MultipathMap | null;
  /** The kernel name of the device in use: the map (`dm-2`) or the only path (`sde`). */
  readonly kernelName: string;
  /**
   * The disks that are its paths, by kernel name, with the size that each reports. Paths outside the map are included.
   */
  readonly pathSizes: ReadonlyMap<string, number>;
  /** Paths outside the map. multipathd leaves out a path that something else uses. */
  readonly outsideMap: readonly string[];
  /** Names of other maps that have some of its paths. The LUN is then in two maps. */
  readonly otherMaps: readonly string[];
  /**
   * Whether each disk itself reports the WWID. Then every path is known. Otherwise the WWID comes from a link, and only
   * one path has it.
   */
  readonly pathsAreKnown: boolean;
  /** Whether the host could list its maps. If not, the disks are known, but maps and path states are not. */
  readonly isMapKnown: boolean;
  readonly activePaths: number;
  /** The number of all paths, including those outside the map. */
  readonly totalPaths: number;
  readonly sizeBytes: number | null;
  readonly logicalSectorBytes: number | null;
  readonly readOnly: boolean;
  readonly vendor: string | null;
  readonly model: string | null;
  /** `host:channel:target:LUN` of each path, by kernel name. A path that is not SCSI has none. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Vendor and model of each path, by kernel name. */
  readonly models: ReadonlyMap<string, string>;
  /** The identity of each path. Empty if it was not read. */
  readonly identities: readonly PathIdentity[];
  /** What udev or blkid found on it: `LVM2_member`, `ext4`. */
  readonly fileSystem: string | null;
  readonly label: string | null;
  readonly uuid: string | null;
  readonly partitions: readonly string[];
  /** Mount points of the LUN itself and of all devices on it. */
  readonly mountPoints: readonly string[];
  /** Devices on it that are neither its map nor a partition: volumes, crypt, RAID, bcache. */
  readonly holders: readonly string[];
  /** The devices directly on it. */
  readonly directHolders: readonly DirectHolder[];
  /** Other users: `VM vm-db (disk sda)`. Also empty if they were not read: see `isUseKnown`. */
  readonly users: readonly string[];
  /** VMs that may have it as a disk. This can't be known. */
  readonly possibleUsers: readonly PossibleUser[];
  /** Processes among the users. A process may only probe it for a moment. */
  readonly openedBy: readonly string[];
  /** How often its map is open by unknown users. */
  readonly unexplainedOpens: number;
  /** How often its map is open. Null without a map, or if the kernel does not report it. */
  readonly openCount: number | null;
  /** Whether the users were read on this host. */
  readonly isUseKnown: boolean;
  /** Why the users are not known. */
  readonly useProblems: readonly string[];
  /**
   * The physical volume that LVM uses. Null if the LUN has no label, or if LVM uses another disk for the same label.
   */
  readonly physicalVolume: PhysicalVolume | null;
  /**
   * All physical volumes that LVM reads on it. There are several if LVM sees paths without a map, or a duplicate on
   * another disk.
   */
  readonly labels: readonly PhysicalVolume[];
  /**
   * The host's output about it that was not understood, one sentence each. If there is any, no decision may use the
   * other fields.
   */
  readonly notUnderstood: readonly string[];
}

export interface Lun {
  readonly wwid: string;
  readonly on: readonly LunOnHost[];
}

/** All LUNs that the hosts see, merged by exact WWID and sorted by it. */
export function lunsOf(views: readonly HostView[]): Lun[] {
  const byWwid = new Map<string, LunOnHost[]>();
  for (const view of views) {
    for (const [wwid, lun] of lunsOfHost(view)) {
      const on = byWwid.get(wwid);
      if (on) on.push(lun);
      else byWwid.set(wwid, [lun]);
    }
  }
  return [...byWwid].map(([wwid, on]) => ({ wwid, on })).sort((left, right) => inOrder(left.wwid, right.wwid));
}

const inOrder = new Intl.Collator("en").compare;

/** A host's view with an index of its disks. */
interface Disks {
  readonly view: HostView;
  readonly index: ViewIndex;
  /** Disks that an array may have offered, in the order of the output. */
  readonly byWwid: ReadonlyMap<string, readonly BlockDevice[]>;
  /** The names of maps by their paths. */
  readonly mapOfPath: ReadonlyMap<string, string>;
}

const known = new WeakMap<HostView, ReadonlyMap<string, LunOnHost>>();

/** Computed once for each view, because a view never changes. */
function lunsOfHost(view: HostView): ReadonlyMap<string, LunOnHost> {
  const luns = known.get(view) ?? runToEnd(making(view));
  known.set(view, luns);
  return luns;
}

/** Computes them while other hosts still answer. Computing them for all hosts at once would delay everyone. */
export async function makeLuns(view: HostView): Promise<void> {
  if (known.has(view)) return;
  await yieldToOthers();
  known.set(view, await runInSlices(making(view)));
}

/** The same for one host's view, in slices. */
export function* makingLuns(view: HostView): Slices<Lun[]> {
  if (!known.has(view)) known.set(view, yield* making(view));
  return lunsOf([view]);
}

const AT_A_TIME = 100;
const LARGE = 2_000;

function* making(view: HostView): Slices<ReadonlyMap<string, LunOnHost>> {
  const index = indexOf(view);
  const isLarge = view.ids.length + view.devices.length > LARGE;
  if (isLarge) {
    for (const part of ["devices", "linksTo", "linked", "volumes", "holders"] as const) {
      void index[part];
      yield;
    }
  }
  const mapOfPath = new Map(
    view.maps.flatMap((map) => map.paths.map(({ device }) => [device, nameOfMap(map)] as const)),
  );
  const disks: Disks = { view, index, byWwid: disksByWwid(view), mapOfPath };
  const inMaps = new Set(view.maps.flatMap((map) => map.paths.map((path) => path.device)));
  if (isLarge) yield;
  const luns = new Map<string, LunOnHost>();
  for (const map of view.maps) {
    luns.set(map.wwid, lunOnHost(disks, map.wwid, map));
    if (luns.size % AT_A_TIME === 0) yield;
  }
  for (const [wwid, paths] of disks.byWwid) {
    const isBare = paths.some((path) => !inMaps.has(path.kernelName));
    if (!isBare || luns.has(wwid)) continue;
    luns.set(wwid, lunOnHost(disks, wwid, null));
    if (luns.size % AT_A_TIME === 0) yield;
  }
  return luns;
}

function disksByWwid(view: HostView): Map<string, BlockDevice[]> {
  const found = new Map<string, BlockDevice[]>();
  for (const disk of view.devices.filter(isArrayDisk)) {
    const wwid = wwidOf(disk, indexOf(view));
    if (wwid === null) continue;
    const disks = found.get(wwid);
    if (disks === undefined) found.set(wwid, [disk]);
    else disks.push(disk);
  }
  return found;
}

/** A disk that an array may have offered. Local SATA and USB disks and CD drives are not. */
const isArrayDisk = (device: BlockDevice): boolean =>
  device.type === "disk" &&
  device.hctl !== null &&
  device.vendor !== "ATA" &&
  !["sata", "ata", "usb"].includes(device.transport ?? "");

/**
 * A disk's WWID as multipath and udev name it. If several paths have no map, only one has the by-id link. So the WWN
 * that udev gives to each path is used first: `0x6b083fe…` is `36b083fe…` (3 is the SCSI designator type NAA; 2 is
 * EUI-64, which only the link shows).
 */
function wwidOf(disk: BlockDevice, { linked, linksTo }: ViewIndex): string | null {
  const hex = wwnDigits(disk);
  if (hex !== null) return linked.has(`scsi-2${hex}`) ? `2${hex}` : `3${hex}`;
  const link = linksTo.get(disk.kernelName)?.find((name) => /^scsi-[0-9a-f]{9,}$/.test(name));
  return link?.slice("scsi-".length) ?? null;
}

const wwnDigits = (disk: BlockDevice): string | null =>
  disk.wwn?.toLowerCase().match(/^0x([0-9a-f]{16}|[0-9a-f]{32})$/)?.[1] ?? null;

function lunOnHost(disks: Disks, wwid: string, map: MultipathMap | null): LunOnHost {
  const { view, index, byWwid } = disks;
  const all = index.devices;
  const inMap = map?.paths.flatMap((path) => all.get(path.device) ?? []) ?? [];
  const others = (byWwid.get(wwid) ?? []).filter((disk) => !inMap.includes(disk));
  const paths = [...inMap, ...others];
  const kernelName = map?.dmName ?? paths[0]?.kernelName ?? "";
  const device = all.get(kernelName) ?? null;
  // A use of a bare path outside the map counts as a use of the LUN.
  const roots = device === null ? paths : [device, ...paths];
  const everything = [...new Set(roots.flatMap((root) => [root, ...descendants(root)]))];
  const labels = labelsOf(index, wwid, map, roots);
  return {
    host: view.host,
    map,
    kernelName,
    pathSizes: new Map(paths.map((path) => [path.kernelName, path.sizeBytes])),
    outsideMap: map === null ? [] : others.map((path) => path.kernelName),
    otherMaps: others.flatMap(({ kernelName: path }) => disks.mapOfPath.get(path) ?? []),
    pathsAreKnown: paths.every((path) => wwnDigits(path) !== null),
    activePaths: map === null ? paths.length : map.paths.filter(isWorking).length,
    totalPaths: map === null ? paths.length : map.paths.length + others.length,
    isMapKnown: view.mapsAreKnown,
    sizeBytes: device?.sizeBytes ?? null,
    logicalSectorBytes: device?.logicalSectorBytes ?? null,
    readOnly: device?.readOnly ?? false,
    vendor: map?.vendor ?? paths[0]?.vendor ?? null,
    model: map?.product ?? paths[0]?.model ?? null,
    addresses: addressesOf(map, paths),
    models: new Map(paths.flatMap((path) => modelOf(path))),
    identities: paths.flatMap(({ kernelName }) => index.identities.get(kernelName) ?? []),
    fileSystem: device?.fileSystem ?? null,
    label: device?.label ?? null,
    uuid: device?.uuid ?? null,
    partitions: [...new Set(everything.filter((each) => each.type === "part").map((each) => each.name))],
    mountPoints: [...new Set(everything.flatMap((each) => each.mountPoints))],
    ...takenBy(disks, wwid, map, device, paths, everything),
    physicalVolume: labels.find(({ isDuplicate }) => !isDuplicate) ?? null,
    labels,
    notUnderstood: notUnderstoodAbout(view, [wwid]).map(({ why }) => why),
  };
}

/** multipath still prints the addresses of disks that lsblk no longer lists. */
const addressesOf = (map: MultipathMap | null, paths: readonly BlockDevice[]): Map<string, string> =>
  new Map([
    ...(map?.paths ?? []).flatMap(({ device, hctl }) => (/^\d+(:\d+){3}$/.test(hctl) ? [[device, hctl] as const] : [])),
    ...paths.flatMap(({ kernelName, hctl }) => (hctl === null ? [] : [[kernelName, hctl] as const])),
  ]);

/** Empty if udev does not know them: an old or dead disk. */
const modelOf = ({ kernelName, vendor, model }: BlockDevice): [string, string][] =>
  vendor === null && model === null ? [] : [[kernelName, [vendor, model].filter((word) => word !== null).join(" ")]];

type Use = Pick<
  LunOnHost,
  | "holders"
  | "directHolders"
  | "users"
  | "possibleUsers"
  | "openedBy"
  | "unexplainedOpens"
  | "openCount"
  | "isUseKnown"
  | "useProblems"
>;

function takenBy(
  { view, index }: Disks,
  wwid: string,
  map: MultipathMap | null,
  device: BlockDevice | null,
  paths: readonly BlockDevice[],
  everything: readonly BlockDevice[],
): Use {
  const roots = new Set([...paths, ...(device === null ? [] : [device])]);
  const partitions = everything.filter(({ type }) => type === "part");
  const own = new Set([...roots, ...partitions].map(({ kernelName }) => kernelName));
  if (map !== null) own.add(map.dmName);
  const nameOf = (kernelName: string) => index.devices.get(kernelName)?.name ?? kernelName;
  const holdersOf = (device: BlockDevice): string[] => [
    ...device.children.map(({ kernelName }) => kernelName),
    ...(index.holders.get(device.majorMinor) ?? []),
  ];
  const direct = [...new Set([...roots].flatMap(holdersOf))].filter((kernelName) => !own.has(kernelName));
  const above = everything.map(({ kernelName }) => kernelName).filter((kernelName) => !own.has(kernelName));
  const mapped = map === null ? null : device;
  const openCount = mapped === null ? null : (index.openCounts.get(mapped.majorMinor) ?? null);
  const known: Users =
    view.use === null
      ? { all: [], possible: [], openedBy: [], explained: 0 }
      : usersOf(view.use, {
          kernelNames: own,
          paths: new Set(paths.map(({ kernelName }) => kernelName)),
          numbers: new Map(
            [...own].flatMap((kernelName) => {
              const number = index.devices.get(kernelName)?.majorMinor;
              return number === undefined ? [] : [[`block ${number}`, kernelName] as const];
            }),
          ),
          byHctl: new Map(paths.flatMap(({ hctl, kernelName }) => (hctl === null ? [] : [[hctl, kernelName]]))),
          names: namesOf(wwid, map),
          counted: map?.dmName ?? null,
          targets: new Map(
            paths.flatMap(({ hctl, kernelName }) =>
              (index.identities.get(kernelName) ?? []).flatMap(({ target }) =>
                hctl === null || target === null ? [] : [[hctl, target] as const],
              ),
            ),
          ),
          present: index.hctls,
        });
  // Each holder opens it once. All mounts together open it once.
  const openers = mapped === null ? 0 : new Set(holdersOf(mapped)).size + Math.min(1, mapped.mountPoints.length);
  return {
    holders: [...new Set([...direct, ...above].map(nameOf))],
    directHolders: direct.map((kernelName) => ({
      name: nameOf(kernelName),
      mapperUuid: index.mapperUuids.get(index.devices.get(kernelName)?.majorMinor ?? "") ?? null,
    })),
    users: known.all,
    possibleUsers: known.possible,
    openedBy: known.openedBy,
    unexplainedOpens: Math.max(0, (openCount ?? 0) - openers - known.explained),
    openCount,
    isUseKnown: view.use !== null,
    useProblems: view.use?.problems ?? [],
  };
}

/** Names in /dev for the LUN. udev may not have made all the links. */
function namesOf(wwid: string, map: MultipathMap | null): Set<string> {
  const digits = /^[23]([0-9a-f]+)$/.exec(wwid)?.[1];
  const names = [`disk/by-id/dm-uuid-mpath-${wwid}`, `disk/by-id/scsi-${wwid}`, `mapper/${wwid}`];
  if (digits !== undefined) names.push(`disk/by-id/wwn-0x${digits}`);
  if (map?.alias) names.push(`mapper/${map.alias}`, `disk/by-id/dm-name-${map.alias}`);
  return new Set(names.map((name) => `/dev/${name}`));
}

/** LVM names a physical volume by any name of its map or of a path: kernel name, alias, WWID or a by-id link. */
function labelsOf(
  { volumes, linksTo }: ViewIndex,
  wwid: string,
  map: MultipathMap | null,
  roots: readonly BlockDevice[],
): PhysicalVolume[] {
  const kernelNames = roots.map((root) => root.kernelName);
  const names = new Set([
    ...kernelNames.map((name) => `/dev/${name}`),
    `/dev/mapper/${map?.alias ?? wwid}`,
    `/dev/mapper/${wwid}`,
    ...kernelNames.flatMap((name) => (linksTo.get(name) ?? []).map((link) => BY_ID + link)),
  ]);
  return [...names]
    .flatMap((name) => volumes.get(name) ?? [])
    .sort((left, right) => left.place - right.place)
    .map(({ value }) => value);
}

const BY_ID = "/dev/disk/by-id/";

/** The path for commands. It contains the identity, because another host may use a plain name for another LUN. */
export const devicePath = (wwid: string, onHost: Pick<LunOnHost, "map">): string =>
  `${BY_ID}${onHost.map === null ? "scsi-" : "dm-uuid-mpath-"}${wwid}`;

/** What /dev/mapper calls it: its alias, or its WWID. `dm-4` is the kernel's number and changes with each start. */
export const nameOfMap = (map: { readonly alias: string | null; readonly wwid: string }): string =>
  map.alias ?? map.wwid;
export const pathsOf = (on: LunOnHost): string =>
  on.isMapKnown ? `${on.activePaths}/${on.totalPaths}` : "map and paths not known";

/** The different sizes that hosts and paths report. More than one is a fault. */
export const sizesOf = (lun: Lun): number[] => [
  ...new Set(lun.on.flatMap((on) => [...(on.sizeBytes === null ? [] : [on.sizeBytes]), ...on.pathSizes.values()])),
];
