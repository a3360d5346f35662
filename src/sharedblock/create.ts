import type { ReadCommand } from "../core/host-command.ts";
import type { Host, PrimaryStorage } from "../core/inventory.ts";
import type { Stage, Step } from "../core/plan.ts";
import type { Signature } from "../core/storage.ts";
import { BACKUP_ROOT, BEGINNING } from "../host/backup.ts";
import { makeDirectory } from "../host/file.ts";
import { listLeases } from "../host/lease.ts";
import { listLockspaces, startLockspace } from "../host/lockspace.ts";
import { createSharedVolumeGroup, listUsableVolumeGroups } from "../host/lvm.ts";
import { backUpBeginning, backUpFrom, backUpSignatures, wipeSignatures } from "../host/signatures.ts";
import type { Candidate } from "./candidate.ts";
import { deviceOn, guardOf } from "./guards.ts";
import { afterLoss } from "./lock-state.ts";
import { sizesOf } from "./matrix.ts";

/** Where the host that wipes keeps what was there; the time is that of the words, so planning again names the same folder. */
export const backupFolder = ({ lun }: Candidate, askedAt: string): string =>
  `${BACKUP_ROOT}/${lun.wwid}-${askedAt.replaceAll(/[^0-9]/g, "").slice(0, 14)}`;

/** Keeps, on the host that writes, the beginning and every signature that the wipe erases, by `wipefs` where it can. */
export function backupSteps(writer: Host, wipefsCan: boolean, candidate: Candidate, askedAt: string): Step[] {
  const device = deviceOn(writer, candidate);
  const folder = backupFolder(candidate, askedAt);
  return [
    { host: writer, command: makeDirectory(folder, "0700"), why: "a folder for the backup" },
    { host: writer, command: backUpBeginning(device, folder), why: `keeps the first ${BEGINNING.mebibytes} MiB` },
    ...(wipefsCan
      ? [{ host: writer, command: backUpSignatures(device, folder), why: "keeps every signature; erases nothing" }]
      : signaturesBehindBeginning(candidate).map(({ type, offsetBytes }) => ({
          host: writer,
          command: backUpFrom(offsetBytes, device, folder),
          why: `keeps the ${type} signature`,
        }))),
  ];
}

const signaturesBehindBeginning = ({ contents }: Candidate): readonly Signature[] =>
  (contents[0]?.signatures ?? []).filter(({ offsetBytes }) => offsetBytes >= BEGINNING.mebibytes * 1024 ** 2);

export function wipeStage(writer: Host, candidates: readonly Candidate[]): Stage {
  const steps = candidates.map(
    (candidate): Step => ({
      host: writer,
      command: wipeSignatures(deviceOn(writer, candidate)),
      guard: guardOf(writer, [candidate], ({ held }) => held),
      why: `erases ${candidate.held.join(", ")}`,
    }),
  );
  return { kind: "hosts", title: "Wipe", steps };
}

/** `zs::sharedblock::init::HOSTUUID::TIME::HOSTNAME`, by which ZStack knows its groups; TIME as Python prints seconds. */
const initTag = (host: Host, hostname: string, askedAt: string): string =>
  `zs::sharedblock::init::${host.uuid}::${(Date.parse(askedAt) / 1000).toFixed(2)}::${hostname}`;

/** 2 GiB of metadata, as ZStack's agent takes; a sixteenth of the LUN where that is less. */
export const metadataSizeMiB = (sizeBytes: number): number =>
  Math.max(4, Math.min(2048, Math.floor(sizeBytes / 16 / 1024 ** 2)));

export function createStage(
  writer: Host,
  hostname: string,
  storage: PrimaryStorage,
  candidates: readonly Candidate[],
  askedAt: string,
): Stage {
  const command = createSharedVolumeGroup({
    name: storage.uuid,
    tag: initTag(writer, hostname, askedAt),
    metadataSizeMiB: metadataSizeMiB(Math.min(...candidates.flatMap(({ lun }) => sizesOf(lun)))),
    devices: candidates.map((candidate) => deviceOn(writer, candidate)),
  });
  const why = `makes ${candidates.map(({ lun }) => lun.wwid).join(", ")} the volume group of ${storage.name}`;
  return {
    kind: "hosts",
    title: "Create the shared volume group",
    steps: [{ host: writer, command, guard: guardOf(writer, candidates, () => []), why }],
    waitingFor: "sanlock's lease of the first host, about half a minute",
  };
}

export const lockstartStage = (hosts: readonly Host[], volumeGroup: string): Stage => ({
  kind: "hosts",
  title: "Start the locks",
  steps: hosts.map((host) => ({ host, command: startLockspace(volumeGroup), why: "joins the group's lockspace" })),
  waitingFor: "sanlock's lease of each host, about half a minute side by side",
});

/** Every host reads the new group from the disk and really holds its lease: vgchange exits with 0 also where it got none. */
export const verifyStage = (hostIds: ReadonlyMap<Host, number>, volumeGroup: string): Stage => ({
  kind: "hosts",
  title: "Every host reads the volume group and holds its lease",
  steps: [...hostIds].flatMap(([host, hostId]) => [
    { host, check: seesGroup(volumeGroup), why: "proves that this host sees the group" },
    { host, check: locksGroup(volumeGroup), withinMs: JOINED_MS, why: "proves that its LVM locks the group" },
    {
      host,
      check: holdsLease(volumeGroup, hostId),
      withinMs: LEASE_MS,
      why: `proves that sanlock holds its lease as host id ${hostId}`,
    },
  ]),
});

/** lvmlockd has the lockspace while it joins, and has it no more where it could not. */
const JOINED_MS = 60_000;

/** sanlock may still be taking the lease when vgchange has ended: what a host left that died with it takes up to 3 min. */
const LEASE_MS = 200_000;

/** Why LVM may not use what is there. */
export const UNUSABLE = " with LVM's own settings (a filter, or a devices file)";

export function seesGroup(volumeGroup: string): ReadCommand<string | null> {
  return {
    ...listUsableVolumeGroups,
    parse: (output) => {
      const group = listUsableVolumeGroups.parse(output).find((each) => each.name === volumeGroup);
      if (group === undefined) return `does not see volume group ${volumeGroup}${UNUSABLE}`;
      if (group.lockType !== "sanlock")
        return `sees volume group ${volumeGroup} with lock type ${group.lockType ?? "none"}`;
      return group.missingPhysicalVolumes > 0 ? `misses ${group.missingPhysicalVolumes} of the group's disks` : null;
    },
  };
}

function locksGroup(volumeGroup: string): ReadCommand<string | null> {
  return {
    ...listLockspaces,
    parse: (output) => {
      const spaces = listLockspaces.parse(output);
      if (spaces === null) return "does not run lvmlockd";
      return spaces.some((each) => each.volumeGroup === volumeGroup) ? null : `has no lockspace of ${volumeGroup}`;
    },
  };
}

function holdsLease(volumeGroup: string, hostId: number): ReadCommand<string | null> {
  return {
    ...listLeases,
    parse: (output) => {
      const lease = listLeases.parse(output)?.find((each) => each.volumeGroup === volumeGroup);
      if (lease === undefined) return `holds no lease of ${volumeGroup}; another host may use its host id ${hostId}`;
      if (lease.hostId !== hostId) return `holds the lease of host id ${lease.hostId}, not ${hostId}`;
      if (lease.state === "dead") return `has lost its locks, which sanlock gave up: ${afterLoss(volumeGroup)}`;
      return lease.state === "held" ? null : `has its lease under way only (${lease.state})`;
    },
  };
}
