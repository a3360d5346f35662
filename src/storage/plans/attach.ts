import type { Facts } from "../../core/facts.ts";
import { clusterNamed, someHostsOf, storageNamed, storageOf } from "../../core/find.ts";
import type { Cluster, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { type Reason, Refusal, reason, refuse } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import { deviceReasons, inUseReasons } from "../checks/checks.ts";
import { lunsOfStorage } from "../checks/group.ts";
import { finishWords, hasNoFinishedLun, unfinishedParts, unfinishedWwids } from "../checks/unfinished.ts";
import { clusterLock, storageLocks } from "../locks.ts";
import type { HostView } from "../observe/host-view.ts";
import { lockStateIn, lossReasons } from "../observe/lock-state.ts";
import { type Lun, sizesOf } from "../observe/lun.ts";
import { objectsOf, unreadHosts } from "../observe/not-understood.ts";
import { lunTable, missingPathsParts } from "../render/matrix.ts";
import { storageNow } from "../render/storage.ts";
import { prepareReasons } from "../steps/lock-settings.ts";
import { idLock, serveStages } from "../steps/serve.ts";
import { type HostSurvey, survey } from "../steps/survey.ts";

interface AttachRequest {
  readonly name: string;
  readonly cluster: string;
}

export async function planAttach(asked: AttachRequest, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, asked.name);
  const cluster = clusterNamed(inventory, asked.cluster);
  const headline = `${storage.name} can't be attached to ${cluster.name}`;
  refuseByInventory(headline, storage, cluster, inventory);
  const surveys = await survey(someHostsOf(inventory, cluster, headline), facts);
  const views = surveys.map(({ view }) => view);
  const next = [`lun list ${cluster.name}`, `multipath status ${cluster.name}`];
  refuse(headline, unreadHosts(views, objectsOf(storage)), { next });
  const foreign = foreignLeases(storage, views, inventory);
  refuse(
    headline,
    foreign.map(({ host, other }) =>
      reason(
        "STORAGE_ATTACHED",
        `${host.name} holds the lease of ${other.name}, and a cluster has at most one storage`,
        {
          run: `sharedblock detach ${other.name} ${cluster.name}`,
        },
      ),
    ),
  );
  const reasons = [...attachReasons(storage, views), ...surveys.flatMap(prepareReasons)];
  refuse(headline, [...reasons, ...lossReasons(storage, views)], { next });
  return attachmentPlan({ cluster, storage, surveys, inventory });
}

/** A cluster that will load a storage, with the state of its hosts. Nothing prevents it any more. */
interface Attachment {
  readonly cluster: Cluster;
  readonly storage: PrimaryStorage;
  readonly surveys: readonly HostSurvey[];
  readonly inventory: Inventory;
}

/**
 * Why the cluster can't load the storage. It has the checks of `sharedblock add`, and the LUNs must contain this
 * storage.
 */
const attachReasons = (storage: PrimaryStorage, views: readonly HostView[]): Reason[] => [
  ...lunsOfStorage(storage, views).flatMap((lun) => [
    ...deviceReasons(lun, views),
    ...inUseReasons(lun, views, storage.uuid),
    ...sizeReasons(storage, lun),
    ...foreignContents(storage, lun),
  ]),
  ...views.flatMap((view) => incompleteGroup(storage, view)),
];

/** A storage without a cluster can't use a LUN's new size. It is resized after it is attached. */
function sizeReasons({ name, sharedBlocks, clusterUuids }: PrimaryStorage, lun: Lun): Reason[] {
  const recorded = sharedBlocks.find((block) => block.wwid === lun.wwid)?.sizeBytes ?? 0;
  return sizesOf(lun)
    .filter((size) => size < recorded || (size > recorded && clusterUuids.length > 0))
    .map((size) =>
      reason(
        "SIZE_UNCLEAR",
        `${lun.wwid} has ${size} bytes on ${lun.on.map(({ host }) => host.name).join(", ")}, but ${recorded} in ${name}`,
        { when: "if the array enlarged it", run: `sharedblock resize ${name}` },
      ),
    );
}

function grownParts({ name, sharedBlocks }: PrimaryStorage, luns: readonly Lun[]): Part[] {
  const grown = luns.filter((lun) =>
    sharedBlocks.some(({ wwid, sizeBytes }) => wwid === lun.wwid && sizesOf(lun).some((size) => size > sizeBytes)),
  );
  if (grown.length === 0) return [];
  const wwids = grown.map(({ wwid }) => wwid).join(", ");
  const text = `The array has enlarged ${wwids} since: /zstack sharedblock resize ${name} follows it afterwards.`;
  return [{ kind: "text", text, tone: "warning" }];
}

const foreignContents = ({ uuid, name }: PrimaryStorage, lun: Lun): Reason[] =>
  lun.on
    .filter((on) => on.physicalVolume === null || on.physicalVolume.volumeGroup === null)
    .map(({ host }) =>
      reason(
        "LUN_AMBIGUOUS",
        `${host.name} reads nothing of ${name} (volume group ${uuid}) on ${lun.wwid}: it may be another disk`,
        `check on the array which LUN ${host.name} gets as ${lun.wwid}`,
      ),
    );

function incompleteGroup(storage: PrimaryStorage, { host, groups }: HostView): Reason[] {
  const { uuid, name } = storage;
  const missing = groups.find((group) => group.name === uuid)?.missingPhysicalVolumes ?? 0;
  if (missing === 0) return [];
  const claimed = unfinishedWwids(storage);
  const hint = claimed.length === 0 ? "" : `; an unfinished extension may have added ${claimed.join(", ")}`;
  const disks = missing === 1 ? "1 disk" : `${missing} disks`;
  return [
    reason("GROUP_INCOMPLETE", `${host.name} does not see ${disks} of the volume group ${uuid} of ${name}${hint}`),
  ];
}

function attachmentPlan({ cluster, storage, surveys, inventory }: Attachment): Plan {
  const views = surveys.map(({ view }) => view);
  const luns = lunsOfStorage(storage, views);
  const others = inventory.clusters.filter(({ uuid }) => storage.clusterUuids.includes(uuid)).map(({ name }) => name);
  const count = `${surveys.length} host${surveys.length === 1 ? "" : "s"}`;
  return plan({
    title: `Attach ${storage.name} to ${cluster.name}`,
    verb: "Attach Storage",
    undo: { command: `sharedblock detach ${storage.name} ${cluster.name}` },
    facts: [
      {
        kind: "text",
        text: `${count} of ${cluster.name} would lock and use ${storage.name}, which ${others.join(", ") || "no cluster"} uses now. On its LUNs, only the leases of these hosts are written.`,
      },
      lunTable(luns, views, inventory),
      ...unfinishedParts(storage, inventory),
      ...grownParts(storage, luns),
      ...missingPathsParts(luns),
    ],
    stages: [
      ...serveStages(surveys, storage.uuid),
      {
        kind: "record",
        title: "Record the attachment",
        changes: [{ kind: "cluster attached", storageUuid: storage.uuid, clusterUuid: cluster.uuid }],
      },
    ],
    locks: [...storageLocks(storage, inventory), clusterLock(cluster), ...idLock(surveys)],
    result: (facts) => storageNow(storage, facts),
  });
}

/** Our other storages that have a host in their lockspace. An interrupted attach leaves this before anything is recorded. */
const foreignLeases = (storage: PrimaryStorage, views: readonly HostView[], inventory: Inventory) =>
  views.flatMap((view) =>
    inventory.primaryStorages
      .filter((other) => other !== storage && lockStateIn(other.uuid, view) !== "none")
      .map((other) => ({ host: view.host, other })),
  );

/** The product's limits, and what an unfinished storage needs first. */
function refuseByInventory(headline: string, storage: PrimaryStorage, cluster: Cluster, inventory: Inventory): void {
  const show = `sharedblock show ${storage.name}`;
  const loaded = storageOf(inventory, cluster);
  if (loaded === storage) {
    const fix = { when: "if a host lost it", run: `sharedblock reconnect ${storage.name}` };
    throw new Refusal(headline, reason("NOTHING_TO_DO", `${cluster.name} has it already`, fix), { next: [show] });
  }
  if (loaded !== null) {
    const why = `${cluster.name} has the storage ${loaded.name}, and a cluster has at most one`;
    const fix = { run: `sharedblock detach ${loaded.name} ${cluster.name}` };
    throw new Refusal(headline, reason("STORAGE_ATTACHED", why, fix), { next: [`sharedblock show ${loaded.name}`] });
  }
  if (storage.zoneUuid !== cluster.zoneUuid) {
    const zone = (uuid: string) => inventory.zones.find((each) => each.uuid === uuid)?.name ?? "no zone";
    const why = `${storage.name} is in zone ${zone(storage.zoneUuid)}, ${cluster.name} in ${zone(cluster.zoneUuid)}`;
    const fix = `choose a cluster of zone ${zone(storage.zoneUuid)}: only clusters of one zone share a storage`;
    throw new Refusal(headline, reason("CANT_COMBINE", why, fix), { next: [show, "cluster list"] });
  }
  if (storage.state === "Maintenance") {
    const fix = { run: `sharedblock enable ${storage.name}` };
    throw new Refusal(headline, reason("WRONG_STATE", `the desired state of ${storage.name} is Maintenance`, fix));
  }
  if (!hasNoFinishedLun(storage)) return;
  const why = `${storage.name} is not finished: ${unfinishedWwids(storage).join(", ")} was reserved for it only`;
  const finish = { run: finishWords(storage, inventory) };
  throw new Refusal(headline, reason("STORAGE_UNFINISHED", why, finish), { next: [show] });
}
