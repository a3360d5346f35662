import { named } from "../../core/host-text.ts";
import { followLinks } from "../../host/udev.ts";
import type { DiskSource, VmDisk } from "../../host/vm-definition.ts";
import type { HostUse, VmUse } from "./host-view.ts";

/** A LUN's devices on one host, by all their names. */
interface LunDevices {
  /** Kernel names of the map, its paths and their partitions. */
  readonly kernelNames: ReadonlySet<string>;
  /** The paths among them. multipathd keeps these open. */
  readonly paths: ReadonlySet<string>;
  /** Their kernel names by device number: `block 253:2`. */
  readonly numbers: ReadonlyMap<string, string>;
  /** Kernel names of the paths by their HCTL. */
  readonly byHctl: ReadonlyMap<string, string>;
  /** Paths in /dev that name the LUN, even if the link does not exist: `/dev/disk/by-id/dm-uuid-mpath-36b0…`. */
  readonly names: ReadonlySet<string>;
  /** The kernel name of the device with the open count: the map. */
  readonly counted: string | null;
  /** Names of the iSCSI targets behind the paths, by HCTL. */
  readonly targets: ReadonlyMap<string, string>;
  /** The HCTLs of all SCSI disks that the host can use now. */
  readonly present: ReadonlySet<string>;
}

export interface Users {
  /** `VM vm-db (disk sda)`, `tgtd (PID 812)`, `export LIO:iblock_0/disk1`. */
  readonly all: readonly string[];
  /** VMs that may have it. This can't be known. */
  readonly possible: readonly PossibleUser[];
  /** The processes among the users. They may close it at any time. */
  readonly openedBy: readonly string[];
  /** The number of counted opens that they explain. */
  readonly explained: number;
}

/** The kernel name in a path of /dev. */
const kernelNameIn = (path: string): string => (path.startsWith("/dev/") ? path.slice("/dev/".length) : "");

/** The HCTL of the disk of a generic device. Undefined for any other device. */
const hctlOf = (kernelName: string, { generics }: HostUse): string | undefined =>
  generics.get(kernelName) ?? /^bsg\/([\d:]+)$/.exec(kernelName)?.[1];

interface Opened {
  readonly pid: number;
  readonly device: string | null;
  readonly number: string | null;
}

/** Each open file once, with what is known about it. */
function eachOpened({ openFiles }: HostUse): Opened[] {
  const files = new Map<string, Opened>();
  for (const { pid, descriptor, device, number } of openFiles) {
    const key = `${pid} ${descriptor}`;
    const known = files.get(key);
    files.set(key, { pid, device: device ?? known?.device ?? null, number: number ?? known?.number ?? null });
  }
  return [...files.values()];
}

/** Indexes open files by device number. Without a number, by path, link target and HCTL. */
const opened = new WeakMap<HostUse, ReadonlyMap<string, readonly Opened[]>>();

/** A host has thousands of open files. */
function openedIn(use: HostUse): ReadonlyMap<string, readonly Opened[]> {
  const known = opened.get(use);
  if (known !== undefined) return known;
  const places = new Map<string, Opened[]>();
  for (const file of eachOpened(use)) {
    for (const key of keysOf(file, use)) {
      const at = places.get(key);
      if (at === undefined) places.set(key, [file]);
      else at.push(file);
    }
  }
  opened.set(use, places);
  return places;
}

function keysOf({ device, number }: Opened, use: HostUse): string[] {
  if (number !== null) return [number];
  if (device === null) return [];
  const end = followLinks(device, use.links);
  return [...new Set([device, end, hctlOf(kernelNameIn(end), use) ?? end])];
}

/** The number of a SCSI disk's second device file, from its name `sg2`. */
const SCSI_GENERIC = 21;

export function usersOf(use: HostUse, lun: LunDevices): Users {
  const { vms, exports, loops, processNames, links } = use;
  const paths = [...lun.kernelNames].map((kernelName) => `/dev/${kernelName}`);
  const numbers = new Map(lun.numbers);
  for (const [name, hctl] of use.generics) {
    const kernelName = lun.byHctl.get(hctl);
    if (kernelName !== undefined) numbers.set(`character ${SCSI_GENERIC}:${name.slice("sg".length)}`, kernelName);
  }
  const keys = [...numbers.keys(), ...lun.names, ...paths, ...lun.byHctl.keys()];
  const files = [...new Set(keys.flatMap((key) => openedIn(use).get(key) ?? []))];
  const deviceOf = (path: string): string | null => {
    const end = followLinks(path, links);
    const kernelName = kernelNameIn(end);
    if (lun.kernelNames.has(kernelName)) return kernelName;
    const hctl = hctlOf(kernelName, use);
    const generic = hctl === undefined ? undefined : lun.byHctl.get(hctl);
    if (generic !== undefined) return generic;
    return lun.names.has(path) || lun.names.has(end) ? (lun.counted ?? kernelName) : null;
  };
  const mine = files.flatMap(({ pid, device, number }) => {
    const kernelName = number === null ? deviceOf(device ?? "") : (numbers.get(number) ?? null);
    const name = processNames.get(pid) ?? "a process";
    const isItsPath = kernelName !== null && lun.paths.has(kernelName) && name === "multipathd";
    return kernelName === null || isItsPath ? [] : [{ pid, name, kernelName }];
  });
  const matched = vms.map((vm) => usesOfVm(vm, use, { ...lun, numbers }, (path) => deviceOf(path) !== null));
  const ofVms = matched.flatMap(({ user }) => user ?? []);
  const ofExports = exports.filter(({ device }) => deviceOf(device) !== null);
  const ofLoops = loops.filter(({ backingFile }) => deviceOf(backingFile) !== null);
  // A VM that is already named needs no second entry.
  const isNamed = ofVms.some(({ runs }) => runs);
  const openedBy = [
    ...new Set(
      mine
        .filter(({ name }) => !(isNamed && name.startsWith("qemu")))
        .map(({ pid, name }) => `${named(name)} (PID ${pid})`),
    ),
  ];
  return {
    all: [
      ...ofVms.map(({ text }) => text),
      ...ofExports.map(({ by }) => `export ${named(by)}`),
      ...ofLoops.map(({ name }) => `loop device ${named(name)}`),
      ...openedBy,
    ],
    possible: matched.flatMap(({ possible }) => possible),
    openedBy,
    explained:
      mine.filter(({ kernelName }) => kernelName === lun.counted).length +
      ofExports.filter(({ device }) => deviceOf(device) === lun.counted).length +
      ofLoops.filter(({ backingFile }) => deviceOf(backingFile) === lun.counted).length,
  };
}

/** A VM with a disk that may be the LUN. */
export interface PossibleUser {
  /** `VM vm-db (host device 3:0:0:5; it is off)` */
  readonly by: string;
  readonly why: string;
  readonly fix: string;
}

interface UsesOfVm {
  /** Null if it does not have the LUN. */
  readonly user: { readonly runs: boolean; readonly text: string } | null;
  readonly possible: readonly PossibleUser[];
}

type Doubt = Omit<PossibleUser, "by">;
type Known = Pick<HostUse, "targets" | "links">;

/**
 * Whether a VM has the LUN. A disk that does not exist now can't be identified. It counts as the LUN if it has the
 * LUN's number on one of this host's paths, because an array gives a LUN the same number again. With another number it
 * is another LUN.
 */
function usesOfVm(vm: VmUse, known: Known, lun: LunDevices, isTheLun: (path: string) => boolean): UsesOfVm {
  const own: string[] = [];
  const doubts = new Map<string, Doubt>();
  for (const disk of vm.disks) {
    const match = matchOf(disk.source, known, lun, isTheLun);
    if (match === "the LUN") own.push(diskText(disk));
    else if (match !== "another") doubts.set(diskText(disk), match);
  }
  for (const disk of vm.unknownDisks) doubts.set(diskText(disk), { why: `it is ${disk.why}`, fix: disk.fix });
  return {
    user: own.length === 0 ? null : { runs: vm.runs, text: vmText(vm, own) },
    possible: own.length > 0 ? [] : [...doubts].map(([disk, doubt]) => ({ by: vmText(vm, [disk]), ...doubt })),
  };
}

const vmText = ({ name, runs }: VmUse, disks: readonly string[]): string =>
  `VM ${named(name)} (${[...new Set(disks)].join(", ")}${runs ? "" : "; it is off"})`;

const diskText = ({ device, name }: Pick<VmDisk, "device" | "name">): string =>
  [device, ...(name === null ? [] : [named(name)])].join(" ");

function matchOf(
  source: DiskSource,
  known: Known,
  lun: LunDevices,
  isTheLun: (path: string) => boolean,
): "the LUN" | "another" | Doubt {
  switch (source.kind) {
    case "path": {
      if (isTheLun(source.path)) return "the LUN";
      if (known.links.has(source.path)) return "another";
      if (wholeOf(source.path).some(isTheLun)) return "the LUN";
      const place = placeIn(source.path);
      return place === null ? "another" : matchOfPlace(place, known, lun);
    }
    case "scsi":
      if (lun.byHctl.has(source.hctl)) return "the LUN";
      if (lun.present.has(source.hctl)) return "another";
      return ifItsNumber(source.hctl.split(":")[3] ?? "", lun, `the host has no disk at ${source.hctl} now`);
    case "iscsi":
      return matchOfPlace(source, known, lun);
    case "device":
      return lun.numbers.has(source.number) ? "the LUN" : "another";
    case "volume":
      // Volumes are resolved to their devices on the host.
      return "another";
  }
}

/** Names of a partition's disk, from the name of the partition. The disk may not exist now. */
const wholeOf = (path: string): string[] => [
  path.replace(/-part\d+$/, ""),
  path.replace(/\/dm-uuid-part\d+-mpath-/, "/dm-uuid-mpath-"),
  ...(path.startsWith("/dev/mapper/") ? [path.replace(/p?\d+$/, "")] : []),
];

interface Place {
  /** Null for transports other than iSCSI. */
  readonly target: string | null;
  readonly lun: string;
}

function matchOfPlace(
  { target, lun: number }: Place,
  { targets }: Known,
  lun: LunDevices,
): "the LUN" | "another" | Doubt {
  if (target === null) return ifItsNumber(number, lun, `the host has no disk at that place now`);
  const isBehind = [...lun.targets].some(([hctl, name]) => name === target && isSame(hctl.split(":")[3] ?? "", number));
  if (isBehind) return "the LUN";
  if (targets.has(target)) return "another";
  return ifItsNumber(number, lun, `the host is not logged in to ${named(target)} now`);
}

function ifItsNumber(number: string, { byHctl }: LunDevices, why: string): "another" | Doubt {
  const hasIt = [...byHctl.keys()].some((hctl) => isSame(hctl.split(":")[3] ?? "", number));
  if (!hasIt) return "another";
  return { why: `${why}, and the LUN's number is ${number} too`, fix: "detach that disk from the VM first" };
}

/** Numbers from 256 up may be printed with or without the flag of flat addressing, 0x4000. */
const isSame = (left: string, right: string): boolean => left === right || flat(left) === flat(right);

function flat(number: string): number {
  const value = Number(number);
  return value >= 0x4000 && value < 0x8000 ? value - 0x4000 : value;
}

/** `/dev/disk/by-path/ip-10.0.0.1:3260-iscsi-iqn.2026-11.lab.san:array1-lun-3` */
function placeIn(path: string): Place | null {
  const [, way = "", lun] = /^\/dev\/disk\/by-path\/(.*)-lun-(0x[0-9a-f]+|\d+)(?:-part\d+)?$/.exec(path) ?? [];
  if (lun === undefined) return null;
  const target = /^ip-.*?-iscsi-(.*)$/.exec(way)?.[1] ?? null;
  // The eight bytes of SAM. The first two contain the number.
  const number = lun.startsWith("0x") ? Number.parseInt(lun.slice(2, 6), 16) : Number(lun);
  return { target, lun: String(number) };
}
