import { check } from "../../core/check.ts";
import type { Facts } from "../../core/facts.ts";
import { hostNamed, storageNamed, zoneHosts } from "../../core/find.ts";
import type { Cluster, Host, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Plan, plan, type Stage } from "../../core/plan.ts";
import { type Fix, Refusal, reason, refuse } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import { few } from "../../core/shared-facts.ts";
import type { Step } from "../../core/step.ts";
import { typedWords } from "../../core/typed-words.ts";
import { listLogicalVolumes, removeLogicalVolume, removeVolumeGroup } from "../../host/lvm.ts";
import { type HostLease, isLive, listHostLeases } from "../../host/sanlock.ts";
import {
  chooseWorker,
  type DeletionObservation,
  deletionReasons,
  isInItsCluster,
  type Member,
  membersOf,
  observeForDeletion,
  unreadableNearWorker,
  warningsOf,
  whyNot,
} from "../checks/deletable.ts";
import { freeVolumeGuard, type OurLuns, stoppedGroupGuard } from "../checks/deletion-guards.ts";
import { type AnswersNeeded, answersOf, unaskedParts } from "../checks/unasked.ts";
import { clusterLock, storageLocks } from "../locks.ts";
import type { AskedHosts } from "../observe/candidate.ts";
import type { HostView } from "../observe/host-view.ts";
import { type Lun, type LunOnHost, lunsOf } from "../observe/lun.ts";
import { isFree } from "../observe/storage-on-host.ts";
import { sightProblems } from "../observe/unnamed-disks.ts";
import type { Volume } from "../observe/volumes.ts";
import { volumeTable } from "../render/volume-table.ts";
import { seesNoGroup } from "../steps/join.ts";
import { labelSteps } from "../steps/label-removal.ts";
import { prepareReasons } from "../steps/lock-settings.ts";
import { idLock, serveStages } from "../steps/serve.ts";
import { type HostSurvey, survey } from "../steps/survey.ts";
import { freshMemoryStage } from "../steps/udev-memory.ts";
import {
  forgetFixes,
  isSeenNowhere,
  reasonsToKeep,
  recordRemovalPlan,
  remainingReason,
  silentHelp,
} from "./delete-gone.ts";

interface DeleteRequest {
  readonly name: string;
  readonly volumes?: "destroy" | undefined;
  readonly host?: string | undefined;
  readonly unasked: readonly string[];
}

export async function planDelete(asked: DeleteRequest, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, asked.name);
  const headline = `${storage.name} can't be deleted`;
  refuseAttached(headline, storage, inventory);
  const wanted = asked.host === undefined ? null : hostNamed(inventory, asked.host);
  const observation = await observeForDeletion(storage, facts);
  if (isSeenNowhere(observation)) {
    const stays = await reasonsToKeep(observation, facts);
    refuse(headline, stays.why, stays);
    return recordRemovalPlan(storage, zoneHosts(inventory, storage), inventory);
  }
  const worker = workerFor(headline, wanted, observation, inventory);
  const members = membersOf(storage, worker);
  const others = answersOf(headline, answersNeeded(asked, observation, worker, inventory));
  const reasons = [...deletionReasons(observation, worker, members), ...unreadableNearWorker(observation, worker)];
  refuse(
    headline,
    [...reasons, ...others.reasons],
    reasons.length === 0 && others.fixes.length > 0
      ? others
      : {
          fixes: [...stoppedBy(observation, worker, inventory), ...silentHelp(observation).fixes],
          next: [
            `sharedblock volumes ${storage.name}`,
            `host show ${worker.host.name}`,
            ...silentHelp(observation).next,
          ],
        },
  );
  if (asked.volumes !== "destroy") refuseVolumes(headline, observation);
  const groupExists = worker.groups.some((group) => group.name === storage.uuid);
  const [surveyed] = await survey([worker.host], facts);
  if (surveyed === undefined) throw new Error("one host was to be surveyed");
  if (groupExists) refuse(headline, prepareReasons(surveyed), { next: [`host show ${worker.host.name}`] });
  const cluster = inventory.clusters.find((each) => each.uuid === worker.host.clusterUuid);
  if (cluster === undefined) throw new Error(`${worker.host.name} is in no cluster`);
  return deletionPlan({
    storage,
    worker: surveyed,
    cluster,
    inventory,
    asked: others.hosts,
    luns: lunsOf([...observation.views, ...observation.otherViews]).filter(({ wwid }) =>
      members.some(({ lun }) => lun.wwid === wwid),
    ),
    groupExists,
    volumes: observation.volumes,
    members,
    warnings: warningsOf(observation, worker),
  });
}

/** A storage that will be deleted. Nothing prevents it any more. */
interface Deletion {
  readonly storage: PrimaryStorage;
  /** The working host and its cluster. */
  readonly worker: HostSurvey;
  readonly cluster: Cluster;
  readonly inventory: Inventory;
  /** The hosts that were asked whether the LUNs are in use. Each is asked again before anything is destroyed. */
  readonly asked: AskedHosts;
  /** Its LUNs as the hosts that could be read see them. LUNs that lost our label in an interrupted try are included. */
  readonly luns: readonly Lun[];
  /** Whether the volume group exists. An earlier try may have removed it. */
  readonly groupExists: boolean;
  readonly volumes: readonly Volume[];
  readonly members: readonly Member[];
  /** What else a person must know. */
  readonly warnings: readonly string[];
}

function deletionPlan(deletion: Deletion): Plan {
  const { storage, worker, cluster, inventory, groupExists, volumes, members } = deletion;
  const destroys = groupExists || members.some((member) => member.labelUuid !== null);
  return plan({
    title: `Delete ${storage.name}`,
    verb: volumes.length > 0 ? "Destroy and Delete" : "Delete Storage",
    undo: { none: destroys ? "What is destroyed is lost." : `Record it again with sharedblock add.` },
    facts: factsOf(deletion),
    irreversible: irreversible(deletion),
    stages: stagesOf(deletion),
    typedConfirmation: destroys ? { expected: storage.name, label: "Name of the primary storage" } : null,
    locks: [...storageLocks(storage, inventory), clusterLock(cluster), ...idLock([worker])],
  });
}

function factsOf({ storage, worker, asked, groupExists, volumes, members, warnings }: Deletion): Part[] {
  return [
    ...unaskedParts(asked),
    {
      kind: "fields",
      fields: [
        ["volume group", groupExists ? [{ code: storage.uuid }] : "gone already"],
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
        nowOn(on),
        labelUuid === null ? "stays as it is" : "no LVM label, free for other use",
      ]),
    },
    ...warnings.map((text): Part => ({ kind: "text", text, tone: "warning" })),
  ];
}

/** As LVM reads it from the disk. udev may still report earlier content. */
const nowOn = ({ physicalVolume }: LunOnHost): string =>
  physicalVolume === null ? "no physical volume" : `physical volume ${physicalVolume.uuid}`;

function irreversible({ storage, groupExists, volumes, members }: Deletion): string[] {
  const count = volumes.length === 1 ? "The volume" : `All ${volumes.length} volumes`;
  return [
    ...(volumes.length === 0 ? [] : [`${count} on ${storage.name} and what is in them are lost.`]),
    ...(groupExists ? [`The volume group ${storage.uuid} with its sanlock leases is lost.`] : []),
    ...members
      .filter((member) => member.labelUuid !== null)
      .map(({ lun }) => `${lun.wwid}: the LVM label is removed. The LUN is then empty for LVM.`),
  ];
}

function stagesOf(deletion: Deletion): Stage[] {
  const { storage, worker } = deletion;
  const labelled = deletion.members.flatMap((member) =>
    member.labelUuid === null ? [] : [{ ...member, labelUuid: member.labelUuid }],
  );
  const ofGroup: Stage[] = deletion.groupExists
    ? [
        // LVM changes a shared group only with its lock. So this host joins the lockspace, which is deleted with the
        // group.
        ...serveStages([worker], storage.uuid),
        {
          kind: "hosts",
          title: "No other host is in the group",
          steps: [aloneStep(deletion)],
          waitingFor: "sanlock to know the other hosts, at most 3 min if one died",
        },
        { kind: "hosts", title: "Destroy the volumes", steps: volumeSteps(deletion) },
        { kind: "hosts", title: "Remove the volume group", steps: groupSteps(deletion) },
      ]
    : [];
  return [
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
  ];
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

/** The LUNs with data of ours. Nothing is written to the others. */
const ourLuns = (deletion: Deletion): OurLuns => ({
  luns: deletion.members.flatMap(({ lun, labelUuid }) => (labelUuid === null ? [] : [asSeen(deletion, lun)])),
  asked: deletion.asked,
});

/** A member with the state on every host, not only on the working host. */
const asSeen = ({ luns }: Deletion, lun: Lun): Lun => luns.find(({ wwid }) => wwid === lun.wwid) ?? lun;

/** Before a volume is destroyed: sanlock shows who else may use it, including hosts that are in no inventory. */
const aloneStep = ({ storage, worker: { host, hostId }, inventory }: Deletion): Step => ({
  host,
  check: isAlone(storage.uuid, hostId, inventory.hosts),
  withinMs: OTHERS_LEAVE_MS,
  why: "waits until sanlock knows that no other host is in the group",
});

const groupSteps = (deletion: Deletion): Step[] => {
  const {
    storage,
    worker: { host },
  } = deletion;
  return [
    { host, check: hasNoVolume(storage.uuid), why: "proves that no volume is left" },
    {
      host,
      command: removeVolumeGroup(storage.uuid),
      guard: stoppedGroupGuard(host, ourLuns(deletion), storage.uuid),
      why: `removes the volume group of ${storage.name} with its lock volume`,
    },
    { host, check: seesNoGroup(storage.uuid), why: "proves that it is gone" },
  ];
};

function hasNoVolume(volumeGroup: string) {
  return check(
    listLogicalVolumes,
    (volumes) => {
      const left = volumes.filter((volume) => volume.volumeGroup === volumeGroup);
      return left.length === 0 ? null : `still has ${left.map((volume) => volume.name).join(", ")}`;
    },
    [volumeGroup],
  );
}

/** sanlock checks the other hosts every 20 s. It considers a host dead after 140 s. */
const OTHERS_LEAVE_MS = 180_000;

/** Until sanlock considers it dead, vgremove prints `Lockspace for "…" not stopped on other hosts`. */
function isAlone(volumeGroup: string, hostId: number, hosts: readonly Host[]) {
  return check(listHostLeases(volumeGroup), (leases) => {
    if (leases?.some((lease) => lease.hostId === hostId) !== true) return "does not see the leases of the group yet";
    const others = leases.filter((lease) => lease.hostId !== hostId && isLive(lease));
    if (others.length === 0) return null;
    const nameOf = (lease: HostLease) => hosts.find((each) => each.sanlockHostId === lease.hostId)?.name;
    const names = others.map((lease) => `${nameOf(lease) ?? lease.ownerName} (host id ${lease.hostId})`);
    return `sanlock sees in the group still ${names.join(", ")}`;
  });
}

/**
 * Hosts of the working host's cluster share what it writes to. For other hosts that do not answer, a person may confirm
 * that they do not use it.
 */
function answersNeeded(
  asked: DeleteRequest,
  observation: DeletionObservation,
  worker: HostView,
  inventory: Inventory,
): AnswersNeeded {
  const { storage, views, otherViews } = observation;
  const luns = storage.sharedBlocks.map(
    ({ wwid }) => lunsOf(views).find((lun) => lun.wwid === wwid) ?? { wwid, on: [] },
  );
  const sharing = views.filter((view) => isInItsCluster(view, worker) || view === worker);
  return {
    ...{ sharing, elsewhere: [...views, ...otherViews].filter((view) => !sharing.includes(view)) },
    ...{ luns, confirmedUninvolved: asked.unasked, inventory },
    // A host of the zone may have used the storage, so it must report this too.
    problemsOf: (view) => [...(views.includes(view) ? view.problems : []), ...sightProblems(view, luns)],
    again: (unasked) =>
      typedWords("sharedblock delete", [asked.name], { volumes: asked.volumes, host: asked.host, unasked }),
  };
}

function refuseAttached(headline: string, { name, clusterUuids }: PrimaryStorage, inventory: Inventory): void {
  const clusters = inventory.clusters.filter((cluster) => clusterUuids.includes(cluster.uuid));
  refuse(
    headline,
    clusters.map((cluster) =>
      reason("STORAGE_ATTACHED", `it is attached to ${cluster.name}`, {
        run: `sharedblock detach ${name} ${cluster.name}`,
      }),
    ),
  );
}

/** Detaching stops what a cluster's hosts still use, also if the inventory already shows it as detached. */
function stoppedBy({ storage, onHosts }: DeletionObservation, worker: HostView, inventory: Inventory): Fix[] {
  const using = onHosts.filter((on) => on.volumes.length > 0 || (on.host !== worker.host && !isFree(on)));
  const uuids = new Set(using.map(({ host }) => host.clusterUuid));
  return inventory.clusters
    .filter((cluster) => uuids.has(cluster.uuid))
    .map((cluster) => ({ run: `sharedblock detach ${storage.name} ${cluster.name}` }));
}

function workerFor(
  headline: string,
  wanted: Host | null,
  observation: DeletionObservation,
  inventory: Inventory,
): HostView {
  const { storage, views } = observation;
  if (views.length === 0) {
    const why = reason("NO_HOSTS", "its zone has no hosts that could reach its LUNs");
    throw new Refusal(headline, why, { next: ["help host add"] });
  }
  if (wanted === null) {
    const worker = chooseWorker(observation);
    if (worker !== null) return worker;
    throw noWorker(headline, observation, inventory);
  }
  const view = views.find((each) => each.host === wanted);
  const withoutHost = {
    or: true,
    when: "to let the bot choose a host",
    run: `sharedblock delete ${storage.name}`,
  } as const;
  if (view === undefined) {
    const why = reason("CANT_COMBINE", `${wanted.name} is not in its zone`, withoutHost);
    throw new Refusal(headline, why, { next: ["host list"] });
  }
  const fixes = [{ run: `host rescan ${wanted.name}` }, withoutHost];
  refuse(headline, whyNot(view, storage), { fixes, next: [`host show ${wanted.name}`] });
  return view;
}

/** The hosts that could not be read. What they see is not known. */
function noWorker(headline: string, observation: DeletionObservation, inventory: Inventory): Refusal {
  const { storage, views } = observation;
  const unread = views.filter(({ problems }) => problems.length > 0);
  const why = views.flatMap((view) => whyNot(view, storage));
  if (unread.length === views.length) {
    const [first = reason("NO_HOSTS", "no host of its zone can be read"), ...more] = why;
    const next = unread.slice(0, 2).map(({ host }) => `host show ${host.name}`);
    return new Refusal(headline, [first, ...more], { next });
  }
  const readable = unread.length > 0 ? "that can be read " : "";
  const silent = silentHelp(observation);
  return new Refusal(
    headline,
    [reason("LUN_NOT_SEEN", `no host of its zone ${readable}sees all its LUNs`), ...why, remainingReason(observation)],
    {
      fixes: [...forgetFixes(observation, inventory), ...silent.fixes],
      next: [...silent.next, `sharedblock show ${storage.name}`],
    },
  );
}

function refuseVolumes(headline: string, { storage, volumes }: DeletionObservation): void {
  if (volumes.length === 0) return;
  const names = few(volumes.map((volume) => volume.name));
  const why = `${volumes.length === 1 ? "a volume is" : `${volumes.length} volumes are`} on it: ${names}`;
  const destroy = {
    ...({ or: true, when: "if their data may be lost" } as const),
    run: `sharedblock delete ${storage.name} volumes=destroy`,
  };
  const fix = "move the data of the volumes first";
  throw new Refusal(headline, reason("VOLUMES_EXIST", why, fix, destroy), {
    next: [`sharedblock volumes ${storage.name}`],
  });
}
