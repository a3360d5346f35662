import { named } from "../../core/host-text.ts";
import type { Host } from "../../core/inventory.ts";
import { type Reason, reason } from "../../core/refusal.ts";
import type { PhysicalVolume } from "../../core/storage.ts";
import type { Blankness } from "../../host/cmp.ts";
import type { Candidate } from "../observe/candidate.ts";
import { signatureLine } from "../observe/contents.ts";
import type { HostView } from "../observe/host-view.ts";

import { type DirectHolder, type Lun, type LunOnHost, lunsOf, sizesOf } from "../observe/lun.ts";
import { oneLunReasons } from "./one-lun.ts";

/**
 * sanlock's own volume needs 256 MiB, and LVM's metadata more. On a smaller LUN, vgcreate fails and leaves its label.
 */
const SMALLEST_BYTES = 1024 ** 3;

/** Checks of the LUN as a device: every host sees it completely, with the same size, through an assembled map. */
export const deviceReasons = (lun: Lun, views: readonly HostView[]): Reason[] => [
  ...shareReasons(lun, views),
  ...oneLunReasons(lun.wwid, lun.on),
];

/** The same without the checks for two LUNs, which need all hosts together. */
export function shareReasons(lun: Lun, views: readonly HostView[]): Reason[] {
  const missing = views.filter((view) => !lun.on.some((on) => on.host === view.host));
  const sizes = sizesOf(lun);
  const sectors = new Set(lun.on.map((on) => on.logicalSectorBytes));
  return [
    ...missing.map(({ host }) => notSeen(lun.wwid, host)),
    ...lun.on.flatMap(emptyPaths),
    ...(sectors.size > 1 ? [differentSectors(lun.wwid, [...sectors])] : []),
    ...sizes
      .filter((size) => size > 0 && size < SMALLEST_BYTES)
      .map(() => reason("LUN_UNSUITABLE", `${lun.wwid} is smaller than 1 GiB: sanlock's leases would not fit`)),
    ...lun.on.flatMap((on) => mapReasons(lun, on)),
    ...withoutMap(lun),
  ];
}

const differentSectors = (wwid: string, bytes: readonly (number | null)[]): Reason =>
  reason("LUN_UNSUITABLE", `hosts report different sector sizes of ${wwid}: ${bytes.join(", ")} bytes`);

export const notSeen = (wwid: string, { name }: Host): Reason =>
  reason("LUN_NOT_SEEN", `${name} does not see ${wwid}`, {
    first: `map the LUN to ${name} on the array`,
    run: `host rescan ${name}`,
  });

/** The kernel was asked again, and the array offers nothing at this address. */
function emptyPaths({ host, pathSizes }: LunOnHost): Reason[] {
  const empty = [...pathSizes].filter(([, size]) => size === 0).map(([disk]) => disk);
  if (empty.length === 0) return [];
  const why = `${host.name} has dead paths of size 0 (${empty.map(named).join(", ")})`;
  return [reason("MAP_NOT_USABLE", why, `remove these paths from ${host.name}`)];
}

/**
 * A bare path is accepted only if no host has several paths or a map. If one host has a map, the others need one too.
 */
function withoutMap(lun: Lun): Reason[] {
  const [mapped] = lun.on.filter((on) => on.map !== null);
  if (mapped === undefined) return [];
  return lun.on
    .filter((on) => on.map === null)
    .map(({ host }) =>
      reason("MAP_NOT_USABLE", `${host.name} has no multipath map of ${lun.wwid}; ${mapped.host.name} has one`, {
        run: `multipath enable ${host.name}`,
      }),
    );
}

/** What is wrong with one host's paths to the LUN. */
export function mapReasons(lun: Lun, on: LunOnHost): Reason[] {
  const host = on.host.name;
  const reasons: Reason[] = notUnderstoodReasons(lun, on);
  const enable = { run: `multipath enable ${host}` };
  if (on.outsideMap.length > 0) {
    const disks = on.outsideMap.map(named).join(", ");
    const maps = [...new Set(on.otherMaps)].map(named).join(", ");
    reasons.push(
      on.otherMaps.length > 0
        ? reason(
            "LUN_AMBIGUOUS",
            `${host} has ${lun.wwid} in two multipath maps: ${disks} in ${maps}`,
            `flush the wrong map on ${host}, then run multipath there`,
          )
        : reason(
            "MAP_NOT_USABLE",
            `${host} sees ${lun.wwid} also as ${disks}, outside its multipath map`,
            `end what uses ${disks} on ${host}, then run multipath there`,
          ),
    );
  }
  if (!on.isMapKnown) {
    const fix = `repair multipathd on ${host}`;
    reasons.push(reason("HOST_UNREADABLE", `${host} did not report whether ${lun.wwid} has a multipath map`, fix));
  }
  // Commands use by-id links, and udev writes no such character into them.
  if (!/^[0-9A-Za-z][0-9A-Za-z._:+-]*$/.test(lun.wwid)) {
    reasons.push(
      reason(
        "LUN_UNSUITABLE",
        `${named(lun.wwid)} does not identify a LUN on every host`,
        "give the LUN a WWN (NAA) on the array",
      ),
    );
  }
  if (on.map === null && !on.pathsAreKnown) {
    const why = `${host} has no multipath map of ${lun.wwid}, and its paths can't be counted without one`;
    reasons.push(reason("MAP_NOT_USABLE", why, enable));
  }
  if (on.map === null && on.totalPaths > 1) {
    const disks = [...on.pathSizes.keys()].join(", ");
    const why = `${host} sees ${lun.wwid} over ${on.totalPaths} paths (${disks}) without a multipath map`;
    reasons.push(reason("MAP_NOT_USABLE", why, enable));
  }
  if (on.map !== null && on.activePaths === 0) {
    const why = `${host} has no working path to ${lun.wwid}${on.map.alias === null ? "" : ` (${on.map.alias})`}`;
    reasons.push(reason("MAP_NOT_USABLE", why, `repair a path between ${host} and the array`));
  }
  if (on.sizeBytes === null) {
    const fix = { run: `host rescan ${host}` };
    reasons.push(reason("LUN_NOT_SEEN", `${host} has no block device for ${lun.wwid}`, fix));
  }
  if (on.readOnly) {
    const fix = `allow ${host} to write on the array`;
    reasons.push(reason("LUN_UNSUITABLE", `${host} sees ${lun.wwid} read-only`, fix));
  }
  return reasons;
}

/** A LUN with output that is not understood can't be used for any decision. */
const notUnderstoodReasons = ({ wwid }: Lun, { host, notUnderstood }: LunOnHost): Reason[] =>
  notUnderstood.map((why) => notUnderstoodOf(wwid, host, why));

export const notUnderstoodOf = (wwid: string, { name }: Host, why: string): Reason =>
  reason("OUTPUT_NOT_UNDERSTOOD", `the output of ${name} about ${wwid} is not understood: ${why}`);

/** Checks of who uses the LUN. `wipe` never overrides them. `ours` is the volume group that may be on it. */
export function inUseReasons(lun: Lun, views: readonly HostView[], ours: string | null): Reason[] {
  const uuids = views.flatMap(({ groups }) => groups.filter(({ name }) => name === ours).map(({ uuid }) => uuid));
  return [...lun.on.flatMap((on) => inUseOnHost(lun, on, ours, uuids)), ...duplicateVolumes(lun, views)];
}

/** `uuids`: the UUIDs of the volumes of our group, if they were read. */
function inUseOnHost(lun: Lun, on: LunOnHost, ours: string | null, uuids: readonly string[]): Reason[] {
  const host = on.host.name;
  const group = on.physicalVolume?.volumeGroup ?? null;
  const reasons: Reason[] = notUnderstoodReasons(lun, on);
  if (on.mountPoints.some((point) => ["/", "/boot", "/boot/efi", "[SWAP]", "/usr", "/var"].includes(point))) {
    const why = `${lun.wwid} is the system disk of ${host} (${on.mountPoints.map(named).join(", ")})`;
    reasons.push(reason("LUN_IN_USE", why, "choose another LUN"));
  } else if (on.mountPoints.length > 0) {
    const why = `${lun.wwid} is mounted on ${host} at ${on.mountPoints.map(named).join(", ")}`;
    reasons.push(reason("LUN_IN_USE", why, `unmount it on ${host}, then send the command again`));
  }
  if (on.partitions.length > 0) {
    const why = `${lun.wwid} has partitions (${on.partitions.map(named).join(", ")} on ${host})`;
    reasons.push(reason("LUN_HAS_DATA", why, "remove the partitions yourself if their data is not needed"));
  }
  const foreign = group !== null && group === ours ? foreignHolders(on.directHolders, ours, uuids) : on.holders;
  if (foreign.length > 0) {
    const by = foreign.map(named).join(", ");
    reasons.push(reason("LUN_IN_USE", `${lun.wwid} is in use on ${host} by ${by}`, `close ${by} on ${host}`));
  }
  if (group !== null && group !== ours) {
    reasons.push(
      reason(
        "LUN_IN_USE",
        `${lun.wwid} is a physical volume of volume group ${named(group)} (seen on ${host})`,
        "remove it from that group yourself if its data is not needed",
      ),
    );
  }
  return [...reasons, ...openReasons(lun.wwid, on)];
}

/**
 * The group's own volumes may be on its LUNs. The device's UUID proves it, because LVM makes it from the group's UUID.
 * A name proves nothing: any device can get it, and an earlier group may have had it.
 */
function foreignHolders(holders: readonly DirectHolder[], group: string, uuids: readonly string[]): string[] {
  const prefixes = uuids.map((uuid) => `LVM-${uuid.replaceAll("-", "")}`);
  const isOurs = ({ name, mapperUuid }: DirectHolder) =>
    name.startsWith(`${group.replaceAll("-", "--")}-`) &&
    (prefixes.length === 0 ? ["LVM-"] : prefixes).some((prefix) => mapperUuid?.startsWith(prefix));
  return holders.filter((holder) => !isOurs(holder)).map(({ name }) => name);
}

/**
 * Who has the LUN open without a device on it. A VM's raw disk is not opened exclusively, so the kernel would let LVM
 * write to it. An open without a known user counts as a use.
 */
export function openReasons(wwid: string, on: LunOnHost): Reason[] {
  const host = on.host.name;
  const device = on.map === null ? `/dev/${on.kernelName}` : `/dev/mapper/${on.map.alias ?? wwid}`;
  const mayBeUsed = (why: string, ...fixes: string[]) => reason("LUN_MAY_BE_IN_USE", why, ...fixes);
  const unknown =
    on.useProblems.length === 0
      ? []
      : [mayBeUsed(`${host} can't report who uses ${wwid}: ${causesOf(on.useProblems).join("; ")}`)];
  const used = on.users.map((user) =>
    reason("LUN_IN_USE", `${wwid} is in use on ${host} by ${user}`, endingUse(user, device)),
  );
  if (!on.isUseKnown) return used;
  const possible = on.possibleUsers.map(({ by, why, fix }) =>
    mayBeUsed(`${wwid} may be in use on ${host} by ${by}: ${why}`, fix),
  );
  const uncounted =
    on.map !== null && on.openCount === null
      ? [mayBeUsed(`${host} does not report how often ${wwid} is open`, `check dmsetup info ${device} on ${host}`)]
      : [];
  const rest =
    on.unexplainedOpens === 0
      ? []
      : [
          reason(
            "LUN_IN_USE",
            `${wwid} is open ${on.unexplainedOpens} × on ${host} by an unknown user`,
            `find the user with dmsetup ls --tree, lsof ${device} and cat /proc/*/mountinfo on ${host}, and end it`,
          ),
        ];
  return [...unknown, ...used, ...possible, ...uncounted, ...rest];
}

/** A read that had no time left, because an earlier one used it all, is not a separate cause. */
function causesOf(problems: readonly string[]): readonly string[] {
  const causes = problems.filter((problem) => !problem.includes(" was not read: "));
  return causes.length > 0 ? causes : problems;
}

/** The fix for a user, depending on its kind. */
function endingUse(user: string, device: string): string {
  if (user.startsWith("VM ")) return `detach the disk from ${vmOf(user)}, then send the command again`;
  if (user.startsWith("loop device ")) return "detach the loop device (losetup -d), then send the command again";
  return user.includes("(PID ")
    ? `end the process (lsof ${device} shows it), then send the command again`
    : "remove the export, then send the command again";
}

/** `VM vm-db (disk sda)` → `VM vm-db` */
const vmOf = (user: string): string => user.split(" ").slice(0, 2).join(" ");

/** A clone or snapshot has the same UUIDs as its origin, and LVM would confuse the two. */
export function duplicateVolumes(lun: Lun, views: readonly HostView[]): Reason[] {
  const uuids = new Set(lun.on.flatMap(({ labels }) => labels.map(({ uuid }) => uuid)));
  return views.flatMap((view) => {
    const mine = lun.on.find((on) => on.host === view.host)?.labels ?? [];
    // For a missing member, LVM prints the UUID and no device.
    const there = view.volumes.filter(({ device }) => device.startsWith("/"));
    const others = there.filter((volume) => uuids.has(volume.uuid) && !mine.includes(volume));
    return [...new Set(others.map(({ uuid }) => uuid))].map((uuid) => {
      const where = others.filter((other) => other.uuid === uuid).map((other) => nameOf(other, view));
      return reason(
        "LUN_AMBIGUOUS",
        `${view.host.name} sees the PV UUID ${uuid} also on ${where.join(", ")}: one is a clone or snapshot`,
        "unmap the clone on the array, then send the command again",
      );
    });
  });
}

/** The LUN with the physical volume, or the disk if it is no LUN. */
const nameOf = (volume: PhysicalVolume, view: HostView): string =>
  lunsOf([view]).find(({ on }) => on.some(({ labels }) => labels.includes(volume)))?.wwid ?? volume.device;

/** Why the content of a LUN is uncertain. Every host must read the same, and LVM must know its own physical volume. */
export function readingReasons({ lun: { wwid, on }, contents, signatureLines }: Candidate): Reason[] {
  const unread = contents.flatMap((each) =>
    each.problems.map((why) => reason("HOST_UNREADABLE", `${each.host.name} can't read ${wwid}: ${why}`)),
  );
  const [first] = contents;
  if (first === undefined) return [reason("HOST_UNREADABLE", `no host could read ${wwid}`)];
  if (unread.length > 0) return unread;
  const different = contents.filter((each) => each.signatures.map(signatureLine).join() !== signatureLines.join());
  if (different.length > 0) {
    const read = (lines: readonly string[]) => lines.join(", ") || "no signature";
    return different.map(({ host, signatures }) =>
      notSameDisk(
        `${first.host.name} reads ${read(signatureLines)} on ${wwid}, ${host.name} reads ${read(signatures.map(signatureLine))}`,
      ),
    );
  }
  const beginnings = new Map(
    contents.flatMap(({ host, blankness }) => (blankness === null ? [] : [[dataAt(blankness), host.name] as const])),
  );
  if (beginnings.size > 1) {
    const each = [...beginnings].map(([data, host]) => `${host} reads ${data}`).join(", ");
    return [notSameDisk(`hosts read different data on ${wwid} (${each})`)];
  }
  // Read from the disk, not from udev, because udev does not notice what another host wiped or wrote.
  const isListed = on.some(({ labels }) => labels.length > 0);
  if (isListed || !signatureLines.some((line) => line.startsWith("LVM2_member"))) return [];
  return [
    reason(
      "LUN_MAY_BE_IN_USE",
      `${wwid} has an LVM label, but LVM lists it as a physical volume on no host: a filter may hide its volume group`,
      "correct the filter (pvs --all shows the disk), then send the command again",
    ),
  ];
}

const notSameDisk = (why: string): Reason =>
  reason(
    "LUN_AMBIGUOUS",
    `${why}: it may not be the same disk`,
    "check the WWIDs and the mapping of the LUN on the array",
  );

/** Checks of the content of the LUN. `wipe`: the operator has allowed overwriting it. */
export function contentReasons(candidate: Candidate, wipe: boolean): Reason[] {
  const unsure = readingReasons(candidate);
  if (unsure.length > 0) return unsure;
  const { contents, signatureLines } = candidate;
  const { wwid } = candidate.lun;
  const table = contents.flatMap(({ signatures }) => signatures).find(({ isPartitionTable }) => isPartitionTable);
  if (table) {
    const why = `${wwid} has a partition table (${named(table.type)})`;
    return [reason("LUN_HAS_DATA", why, "remove the partition table yourself if its data is not needed")];
  }
  if (wipe || candidate.leftByUs || candidate.blank) return [];
  const why =
    signatureLines.length > 0
      ? `${wwid} holds ${signatureLines.join(", ")}`
      : `${wwid} has no known signature but is not blank (${dataIn(candidate)})`;
  return [reason("LUN_HAS_DATA", why, "add wipe=true if this data may be destroyed, or choose another LUN")];
}

const dataAt = (blankness: Blankness): string => (blankness.blank ? "zeros" : `data at byte ${blankness.firstByte}`);

/** The position at which the first host that read data found it. */
function dataIn({ contents }: Candidate): string {
  const found = contents.flatMap(({ host, blankness }) =>
    blankness?.blank === false ? [`${host.name} reads ${dataAt(blankness)}`] : [],
  );
  return found[0] ?? "what is on it could not be read";
}
