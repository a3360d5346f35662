import { named } from "../../core/host-text.ts";
import type { DiskSource, VmDisk } from "../../host/vm-definition.ts";
import type { LunDevices } from "./lun-users.ts";
import type { HostUse } from "./use.ts";
import type { VmUse } from "./vm-uses.ts";

/** A VM with a disk that may be the LUN. */
export interface PossibleUser {
  /** `VM vm-db (host device 3:0:0:5; it is off)` */
  readonly by: string;
  readonly why: string;
  readonly fix: string;
}

export interface UsesOfVm {
  /** null if it does not have the LUN. */
  readonly user: { readonly runs: boolean; readonly text: string } | null;
  readonly possible: readonly PossibleUser[];
}

type Doubt = Omit<PossibleUser, "by">;
type Known = Pick<HostUse, "targets" | "links">;

/**
 * Whether a VM has the LUN. A disk that is not there now can't be told: it is taken for the LUN if it has the LUN's number
 * on one of this host's paths, since an array gives a LUN the same number again. With another number it is another LUN.
 */
export function usesOfVm(vm: VmUse, known: Known, lun: LunDevices, isTheLun: (path: string) => boolean): UsesOfVm {
  const own: string[] = [];
  const doubts = new Map<string, Doubt>();
  for (const disk of vm.disks) {
    const match = matchOf(disk.source, known, lun, isTheLun);
    if (match === "the LUN") own.push(diskText(disk));
    else if (match !== "another") doubts.set(diskText(disk), match);
  }
  for (const disk of vm.untold) doubts.set(diskText(disk), { why: `it is ${disk.why}`, fix: disk.fix });
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
      // Volumes are told as what they are on the host.
      return "another";
  }
}

/** Names of the disk that a partition is on, by that of the partition: it need not be there now. */
const wholeOf = (path: string): string[] => [
  path.replace(/-part\d+$/, ""),
  path.replace(/\/dm-uuid-part\d+-mpath-/, "/dm-uuid-mpath-"),
  ...(path.startsWith("/dev/mapper/") ? [path.replace(/p?\d+$/, "")] : []),
];

interface Place {
  /** null over other ways than iSCSI. */
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

/** Numbers from 256 on may be told with the mark of flat addressing, 0x4000, or without. */
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
  // The eight bytes of SAM, of which the first two have the number.
  const number = lun.startsWith("0x") ? Number.parseInt(lun.slice(2, 6), 16) : Number(lun);
  return { target, lun: String(number) };
}
