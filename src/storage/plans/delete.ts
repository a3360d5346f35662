import { asking } from "../../core/asking.ts";
import type { ReadCommand } from "../../core/host-command.ts";
import type { Cluster, Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import type { Plan, Stage, Step } from "../../core/plan.ts";
import type { Part } from "../../core/reply.ts";
import { listLogicalVolumes, listVolumeGroups, removeLogicalVolume, removeVolumeGroup } from "../../host/lvm.ts";
import { type HostLease, isLive, listHostLeases } from "../../host/sanlock.ts";
import { freeVolumeGuard, type OurLuns, stoppedGroupGuard } from "../checks/deletion-guards.ts";
import { unaskedParts } from "../checks/unasked.ts";
import { clusterLock, storageLocks } from "../locks.ts";
import type { AskedHosts } from "../observe/asked-hosts.ts";
import type { Lun, LunOnHost } from "../observe/lun.ts";
import type { Volume } from "../observe/volumes.ts";
import { volumeTable } from "../render/volume-table.ts";
import { labelSteps } from "../steps/label-removal.ts";
import { idLock, serveStages, withoutEmpty } from "../steps/serve.ts";
import type { HostSurvey } from "../steps/survey.ts";
import { freshMemoryStage } from "../steps/udev-memory.ts";

/** A LUN of the storage as the host that works sees it. */
export interface Member {
  readonly lun: Lun;
  readonly on: LunOnHost;
  /** UUID of the physical volume whose label goes; null where nothing of ours is on it. */
  readonly labelUuid: string | null;
}

/** A storage that is going to be deleted; nothing speaks against it any more. */
export interface Deletion {
  readonly storage: PrimaryStorage;
  /** The host that does the work, and its cluster. */
  readonly worker: HostSurvey;
  readonly cluster: Cluster;
  readonly inventory: Inventory;
  /** Who was asked whether the LUNs are in use: each is asked again before anything is destroyed. */
  readonly asked: AskedHosts;
  /** Its LUNs as the hosts see them that could be read; also those whose label an interrupted try has taken off. */
  readonly luns: readonly Lun[];
  /** Whether the volume group stands; an earlier try may have removed it. */
  readonly groupStands: boolean;
  readonly volumes: readonly Volume[];
  readonly members: readonly Member[];
  /** What else a person should know. */
  readonly warnings: readonly string[];
}

export function deletionPlan(deletion: Deletion): Plan {
  const { storage, worker, cluster, inventory, groupStands, volumes, members } = deletion;
  const destroys = groupStands || members.some((member) => member.labelUuid !== null);
  return {
    title: `Delete ${storage.name}`,
    verb: volumes.length > 0 ? "Destroy and Delete" : "Delete Storage",
    undo: { none: destroys ? "What is destroyed is lost." : `Record it again with sharedblock add.` },
    facts: factsOf(deletion),
    irreversible: irreversible(deletion),
    stages: stagesOf(deletion),
    typedConfirmation: destroys ? { expected: storage.name, label: "Name of the primary storage" } : null,
    locks: [...storageLocks(storage, inventory), clusterLock(cluster), ...idLock([worker])],
    afterwards: [],
    result: null,
  };
}

function factsOf({ storage, worker, asked, groupStands, volumes, members, warnings }: Deletion): Part[] {
  return [
    ...unaskedParts(asked),
    {
      kind: "fields",
      fields: [
        ["volume group", groupStands ? [{ code: storage.uuid }] : "gone already"],
        ["done by", worker.host.name],
      ],
    },
    ...(volumes.length === 0 ? [] : [volumeTable(volumes, "Would be destroyed")]),
    {
      kind: "table",
      caption: "LUNs",
      columns: ["WWID", "on it now", "then"],
      rows: members.map(({ lun, on, labelUuid }) => [
        lun.wwid,
        holdsNow(on),
        labelUuid === null ? "stays as it is" : "no LVM label, free for other use",
      ]),
    },
    ...warnings.map((text): Part => ({ kind: "text", text, tone: "warning" })),
  ];
}

/** As LVM reads it from the disk; what udev remembers may be no longer so. */
const holdsNow = ({ physicalVolume }: LunOnHost): string =>
  physicalVolume === null ? "no physical volume" : `physical volume ${physicalVolume.uuid}`;

function irreversible({ storage, groupStands, volumes, members }: Deletion): string[] {
  const count = volumes.length === 1 ? "The volume" : `All ${volumes.length} volumes`;
  return [
    ...(volumes.length === 0 ? [] : [`${count} on ${storage.name} and what is in them are lost.`]),
    ...(groupStands ? [`The volume group ${storage.uuid} with its sanlock leases is lost.`] : []),
    ...members
      .filter((member) => member.labelUuid !== null)
      .map(({ lun }) => `${lun.wwid} is no physical volume any more.`),
  ];
}

function stagesOf(deletion: Deletion): Stage[] {
  const { storage, worker } = deletion;
  const labelled = deletion.members.flatMap((member) =>
    member.labelUuid === null ? [] : [{ ...member, labelUuid: member.labelUuid }],
  );
  const ofGroup: Stage[] = deletion.groupStands
    ? [
        // LVM changes a shared group only under its lock: this host joins the lockspace, which goes with the group.
        ...serveStages([worker], storage.uuid),
        {
          kind: "hosts",
          title: "No other host is in the group",
          steps: [aloneStep(deletion)],
          waitingFor: "sanlock to know the other hosts, at most 3 min where one died",
        },
        { kind: "hosts", title: "Destroy the volumes", steps: volumeSteps(deletion) },
        { kind: "hosts", title: "Remove the volume group", steps: groupSteps(deletion) },
      ]
    : [];
  return withoutEmpty([
    ...ofGroup,
    {
      kind: "hosts",
      title: "Remove the LVM labels",
      steps: labelled.flatMap((label) => labelSteps({ ...label, lun: asSeen(deletion, label.lun) }, deletion.asked)),
    },
    freshMemoryStage(deletion.luns),
    {
      kind: "record",
      title: "Record that it is gone",
      changes: [{ kind: "primary storage removed", uuid: storage.uuid }],
    },
  ]);
}

const volumeSteps = (deletion: Deletion): Step[] => {
  const { storage, worker, volumes } = deletion;
  return volumes.map((volume) => ({
    host: worker.host,
    command: removeLogicalVolume(storage.uuid, volume.name),
    guard: freeVolumeGuard(worker.host, ourLuns(deletion), volume),
    why: `destroys ${volume.name}`,
  }));
};

/** The LUNs that bear something of ours: nothing is written on the others. */
const ourLuns = (deletion: Deletion): OurLuns => ({
  luns: deletion.members.flatMap(({ lun, labelUuid }) => (labelUuid === null ? [] : [asSeen(deletion, lun)])),
  asked: deletion.asked,
});

/** A member with all that hosts told of it, not only the one that works. */
const asSeen = ({ luns }: Deletion, lun: Lun): Lun => luns.find(({ wwid }) => wwid === lun.wwid) ?? lun;

/** Before a volume is destroyed: who else may use it, sanlock sees, also where no inventory knows of the host. */
const aloneStep = ({ storage, worker: { host, hostId }, inventory }: Deletion): Step => ({
  host,
  check: isAlone(storage.uuid, hostId, inventory.hosts),
  withinMs: OTHERS_GONE_MS,
  why: "waits until sanlock knows that no other host is in the group",
});

const groupSteps = (deletion: Deletion): Step[] => {
  const {
    storage,
    worker: { host },
  } = deletion;
  return [
    { host, check: holdsNoVolume(storage.uuid), why: "proves that no volume is left" },
    {
      host,
      command: removeVolumeGroup(storage.uuid),
      guard: stoppedGroupGuard(host, ourLuns(deletion), storage.uuid),
      why: `removes the volume group of ${storage.name} with its lock volume`,
    },
    { host, check: seesNoGroup(storage.uuid), why: "proves that it is gone" },
  ];
};

function holdsNoVolume(volumeGroup: string): ReadCommand<string | null> {
  return asking(
    listLogicalVolumes,
    (volumes) => {
      const left = volumes.filter((volume) => volume.volumeGroup === volumeGroup);
      return left.length === 0 ? null : `still has ${left.map((volume) => volume.name).join(", ")}`;
    },
    [volumeGroup],
  );
}

/** sanlock looks at the others every 20 s, and takes one that died for dead after 140 s. */
const OTHERS_GONE_MS = 180_000;

/** Before sanlock knows it, vgremove says `Lockspace for "…" not stopped on other hosts`. */
function isAlone(volumeGroup: string, hostId: number, hosts: readonly Host[]): ReadCommand<string | null> {
  return asking(listHostLeases(volumeGroup), (leases) => {
    if (leases?.some((lease) => lease.hostId === hostId) !== true) return "does not see the leases of the group yet";
    const others = leases.filter((lease) => lease.hostId !== hostId && isLive(lease));
    if (others.length === 0) return null;
    const nameOf = (lease: HostLease) => hosts.find((each) => each.sanlockHostId === lease.hostId)?.name;
    const names = others.map((lease) => `${nameOf(lease) ?? lease.ownerName} (host id ${lease.hostId})`);
    return `sanlock sees in the group still ${names.join(", ")}`;
  });
}

export function seesNoGroup(volumeGroup: string): ReadCommand<string | null> {
  return asking(
    listVolumeGroups,
    (groups) =>
      groups.some((group) => group.name === volumeGroup) ? `still sees the volume group ${volumeGroup}` : null,
    [volumeGroup],
  );
}
