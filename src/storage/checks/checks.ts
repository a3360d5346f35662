import { named } from "../../core/host-text.ts";
import type { PhysicalVolume } from "../../core/storage.ts";
import type { Blankness } from "../../host/cmp.ts";
import type { Objection } from "../objection.ts";
import type { Candidate } from "../observe/candidate.ts";
import { signatureLine } from "../observe/contents.ts";
import type { HostView } from "../observe/host-view.ts";
import { type Holding, type Lun, type LunOnHost, lunsOf, nameOfMap, sizesOf } from "../observe/lun.ts";
import { oneLunObjections } from "./one-lun.ts";

/** sanlock's own volume takes 256 MiB beside LVM's metadata; vgcreate would fail and leave its label behind. */
const SMALLEST_BYTES = 1024 ** 3;

/** Checks of the LUN as a device: every host sees it, whole, the same, through an assembled map. */
export const deviceObjections = (lun: Lun, views: readonly HostView[]): Objection[] => [
  ...shareObjections(lun, views),
  ...oneLunObjections(lun.wwid, lun.on),
];

/** The same without what tells that it may be two LUNs, which is asked of all hosts together. */
export function shareObjections(lun: Lun, views: readonly HostView[]): Objection[] {
  const missing = views.filter((view) => !lun.on.some((on) => on.host === view.host));
  const sizes = sizesOf(lun);
  const sectors = new Set(lun.on.map((on) => on.logicalSectorBytes));
  return [
    ...missing.map(
      (view) =>
        `${view.host.name} does not see ${lun.wwid}: map the LUN to this host on the array, then /zstack host rescan ${view.host.name}`,
    ),
    ...lun.on.flatMap(emptyPaths),
    ...(sectors.size > 1 ? [`hosts disagree on the sector size of ${lun.wwid}: ${[...sectors].join(", ")} bytes`] : []),
    ...sizes
      .filter((size) => size > 0 && size < SMALLEST_BYTES)
      .map(() => `${lun.wwid} is smaller than 1 GiB: sanlock's leases would not fit`),
    ...lun.on.flatMap((on) => mapObjections(lun, on)),
    ...withoutMap(lun),
  ];
}

/** The kernel asked again, and the array offers nothing there any more. */
function emptyPaths({ host, pathSizes }: LunOnHost): Objection[] {
  const empty = [...pathSizes].filter(([, size]) => size === 0).map(([disk]) => disk);
  if (empty.length === 0) return [];
  return [`${host.name} has dead paths of size 0 (${empty.map(named).join(", ")}): take them off that host first`];
}

/** A bare path is taken only where no host has more: one host's map means that the others should have one too. */
function withoutMap(lun: Lun): Objection[] {
  const [mapped] = lun.on.filter((on) => on.map !== null);
  if (mapped === undefined) return [];
  return lun.on
    .filter((on) => on.map === null)
    .map(
      (on) =>
        `${on.host.name} has no multipath map of ${lun.wwid}, as ${mapped.host.name} has: set up multipathd there (/zstack multipath enable ${on.host.name})`,
    );
}

/** What is wrong with how one host reaches the LUN. */
export function mapObjections(lun: Lun, on: LunOnHost): Objection[] {
  const host = on.host.name;
  const objections: Objection[] = notUnderstoodObjections(lun, on);
  if (on.outsideMap.length > 0) {
    objections.push(
      on.otherMaps.length > 0
        ? `${host} has ${lun.wwid} in two multipath maps: ${on.outsideMap.map(named).join(", ")} in ${[...new Set(on.otherMaps)].map(named).join(", ")}; flush the wrong map there, then run multipath there`
        : `${host} sees ${lun.wwid} also as ${on.outsideMap.map(named).join(", ")}, outside its multipath map: if something there uses the path by itself, free it; then run multipath there`,
    );
  }
  if (!on.isMapKnown) {
    objections.push(`${host} could not tell whether ${lun.wwid} has a multipath map: /zstack multipath status ${host}`);
  }
  // udev writes no such character into the links by which commands are given a LUN.
  if (!/^[0-9A-Za-z][0-9A-Za-z._:+-]*$/.test(lun.wwid)) {
    objections.push(
      `${named(lun.wwid)} is no name by which a LUN can be told from others on every host: give it a WWN (NAA) on the array`,
    );
  }
  if (on.map === null && !on.pathsAreKnown) {
    objections.push(
      `${host} has no multipath map of ${lun.wwid}, and its paths can't be counted without one: set up multipathd there (/zstack multipath enable ${host})`,
    );
  }
  if (on.map === null && on.totalPaths > 1) {
    objections.push(
      `${host} sees ${lun.wwid} over ${on.totalPaths} paths (${[...on.pathSizes.keys()].join(", ")}) without a multipath map: set up multipathd there (/zstack multipath enable ${host})`,
    );
  }
  if (on.map !== null && on.activePaths === 0) {
    objections.push(
      `${host} has no working path to ${lun.wwid} (${nameOfMap(on.map)}): /zstack multipath status ${host}`,
    );
  }
  if (on.sizeBytes === null)
    objections.push(`${host} has no block device for ${lun.wwid}: /zstack host rescan ${host}`);
  if (on.readOnly) objections.push(`${host} sees ${lun.wwid} read-only: allow writing on the array`);
  return objections;
}

/** Nothing may rest on a LUN of which a host told what nobody understood. */
const notUnderstoodObjections = ({ wwid }: Lun, { host, notUnderstood }: LunOnHost): Objection[] =>
  notUnderstood.map((why) => `what ${host.name} tells of ${wwid} is not understood: ${why}`);

/** Checks of what uses the LUN: never overridden by wipe. `ours` is the volume group that may be on it. */
export function inUseObjections(lun: Lun, views: readonly HostView[], ours: string | null): Objection[] {
  const uuids = views.flatMap(({ groups }) => groups.filter(({ name }) => name === ours).map(({ uuid }) => uuid));
  return [...lun.on.flatMap((on) => inUseOnHost(lun, on, ours, uuids)), ...duplicateVolumes(lun, views)];
}

/** `uuids` of the group that may be on it, as far as they were read. */
function inUseOnHost(lun: Lun, on: LunOnHost, ours: string | null, uuids: readonly string[]): Objection[] {
  const host = on.host.name;
  const group = on.physicalVolume?.volumeGroup ?? null;
  const objections: Objection[] = notUnderstoodObjections(lun, on);
  if (on.mountPoints.some((point) => ["/", "/boot", "/boot/efi", "[SWAP]", "/usr", "/var"].includes(point))) {
    objections.push(`${lun.wwid} is ${host}'s system disk (${on.mountPoints.map(named).join(", ")})`);
  } else if (on.mountPoints.length > 0) {
    objections.push(
      `${lun.wwid} is mounted on ${host} at ${on.mountPoints.map(named).join(", ")}: unmount it there first`,
    );
  }
  if (on.partitions.length > 0) {
    objections.push(
      `${lun.wwid} has partitions (${on.partitions.map(named).join(", ")} on ${host}): remove them yourself if they hold nothing`,
    );
  }
  const foreign = group !== null && group === ours ? foreignHolders(on.directHolders, ours, uuids) : on.holders;
  if (foreign.length > 0) objections.push(`${lun.wwid} is held on ${host} by ${foreign.map(named).join(", ")}`);
  if (group !== null && group !== ours) {
    objections.push(
      `${lun.wwid} is a physical volume of volume group ${named(group)} (seen on ${host}); if nothing on it is needed, take it out of that group yourself`,
    );
  }
  return [...objections, ...openObjections(lun.wwid, on)];
}

/**
 * Volumes of the group itself may stand on its LUNs. That a device is one of them its UUID says, which LVM makes of the
 * group's own: a name can be given to anything, and an older group may have had the same.
 */
function foreignHolders(holders: readonly Holding[], group: string, uuids: readonly string[]): string[] {
  const prefixes = uuids.map((uuid) => `LVM-${uuid.replaceAll("-", "")}`);
  const isOurs = ({ name, mapperUuid }: Holding) =>
    name.startsWith(`${group.replaceAll("-", "--")}-`) &&
    (prefixes.length === 0 ? ["LVM-"] : prefixes).some((prefix) => mapperUuid?.startsWith(prefix));
  return holders.filter((holder) => !isOurs(holder)).map(({ name }) => name);
}

/**
 * Who has the LUN open without a device that stands on it. A guest's raw disk takes no exclusive open: the kernel would
 * let LVM write to it. What nobody can explain is in use.
 */
export function openObjections(wwid: string, on: LunOnHost): Objection[] {
  const host = on.host.name;
  const device = on.map === null ? `/dev/${on.kernelName}` : `/dev/mapper/${on.map.alias ?? wwid}`;
  const unknown =
    on.useProblems.length === 0 ? [] : [`${host} can't tell who uses ${wwid}: ${causesOf(on.useProblems).join("; ")}`];
  const used = on.users.map((user) => `${wwid} is in use on ${host} by ${user}: ${endingUse(user, device)}`);
  if (!on.isUseKnown) return used;
  const possible = on.possibleUsers.map(
    ({ by, why, fix }) => `${wwid} may be in use on ${host} by ${by}: ${why}; ${fix}`,
  );
  const uncounted =
    on.map !== null && on.openCount === null
      ? [`${host} does not tell how often ${wwid} is open: look with dmsetup info ${device}`]
      : [];
  const rest =
    on.unexplainedOpens === 0
      ? []
      : [
          `${wwid} is open ${on.unexplainedOpens} × on ${host} by what is neither a holder, a mount, a process, a VM nor an export: find it with dmsetup ls --tree, lsof ${device} and cat /proc/*/mountinfo`,
        ];
  return [...unknown, ...used, ...possible, ...uncounted, ...rest];
}

/** What was not read because something before it took all the time is no cause of its own. */
function causesOf(problems: readonly string[]): readonly string[] {
  const causes = problems.filter((problem) => !problem.includes(" was not read: "));
  return causes.length > 0 ? causes : problems;
}

/** What to do about a user, by what it is. */
function endingUse(user: string, device: string): string {
  if (user.startsWith("VM ")) return "detach that disk from the VM first";
  if (user.startsWith("loop device ")) return "detach it first (losetup -d)";
  return user.includes("(PID ") ? `end that first (lsof ${device})` : "take that export away first";
}

/** A clone or snapshot of an array carries the same UUIDs as its origin; LVM would mix the two up. */
export function duplicateVolumes(lun: Lun, views: readonly HostView[]): Objection[] {
  const uuids = new Set(lun.on.flatMap(({ labels }) => labels.map(({ uuid }) => uuid)));
  return views.flatMap((view) => {
    const mine = lun.on.find((on) => on.host === view.host)?.labels ?? [];
    // Of a member that LVM misses it tells the UUID, and no device.
    const there = view.volumes.filter(({ device }) => device.startsWith("/"));
    const others = there.filter((volume) => uuids.has(volume.uuid) && !mine.includes(volume));
    return [...new Set(others.map(({ uuid }) => uuid))].map((uuid) => {
      const where = others.filter((other) => other.uuid === uuid).map((other) => nameOf(other, view));
      return `${view.host.name} sees the PV UUID ${uuid} also on ${where.join(", ")}: one is a clone or snapshot; unmap it first`;
    });
  });
}

/** The LUN that a physical volume lies on; the disk where it is none. */
const nameOf = (volume: PhysicalVolume, view: HostView): string =>
  lunsOf([view]).find(({ on }) => on.some(({ labels }) => labels.includes(volume)))?.wwid ?? volume.device;

/** Why what lies on a LUN is not known for certain: every host must read the same, and LVM must know its own. */
export function readingObjections({ lun: { wwid, on }, contents, held }: Candidate): Objection[] {
  const unread = contents.flatMap((each) => each.problems.map((why) => `${each.host.name} can't read ${wwid}: ${why}`));
  const [first] = contents;
  if (first === undefined || unread.length > 0) return first ? unread : [`no host could read ${wwid}`];
  const different = contents.filter((each) => each.signatures.map(signatureLine).join() !== held.join());
  if (different.length > 0) {
    return different.map(
      (each) =>
        `${first.host.name} reads ${held.join(", ") || "no signature"} on ${wwid}, ${each.host.name} reads ${each.signatures.map(signatureLine).join(", ") || "no signature"}: it may not be the same disk`,
    );
  }
  const beginnings = new Map(
    contents.flatMap(({ host, blankness }) => (blankness === null ? [] : [[dataAt(blankness), host.name] as const])),
  );
  if (beginnings.size > 1) {
    const each = [...beginnings].map(([data, host]) => `${host} reads ${data}`).join(", ");
    return [`hosts read different data on ${wwid} (${each}): it may not be the same disk`];
  }
  // Read from the disk, not from udev: a host does not notice what another one wiped or wrote.
  const isListed = on.some(({ labels }) => labels.length > 0);
  if (isListed || !held.some((line) => line.startsWith("LVM2_member"))) return [];
  return [
    `${wwid} bears an LVM label, but no host's LVM lists it as a physical volume (a filter may hide its volume group): look with pvs --all`,
  ];
}

/** Checks of what lies on the LUN. `wipe` is the operator's word that it may go. */
export function contentObjections(candidate: Candidate, wipe: boolean): Objection[] {
  const unsure = readingObjections(candidate);
  if (unsure.length > 0) return unsure;
  const { contents, held } = candidate;
  const { wwid } = candidate.lun;
  const table = contents.flatMap(({ signatures }) => signatures).find(({ isPartitionTable }) => isPartitionTable);
  if (table) return [`${wwid} has a partition table (${named(table.type)}): remove it yourself if it holds nothing`];
  if (wipe || candidate.leftByUs || candidate.blank) return [];
  return held.length > 0
    ? [`${wwid} holds ${held.join(", ")}: add wipe=true if that may be destroyed`]
    : [
        `${wwid} bears no known signature but is not blank (${dataIn(candidate)}): add wipe=true if what is there may be destroyed`,
      ];
}

const dataAt = (blankness: Blankness): string => (blankness.blank ? "zeros" : `data at byte ${blankness.firstByte}`);

/** Where the first host that read any found data. */
function dataIn({ contents }: Candidate): string {
  const found = contents.flatMap(({ host, blankness }) =>
    blankness?.blank === false ? [`${host.name} reads ${dataAt(blankness)}`] : [],
  );
  return found[0] ?? "what is on it could not be read";
}
