import type { Facts } from "../../core/command.ts";
import { attachedHosts } from "../../core/find.ts";
import type { Cluster, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import type { Plan } from "../../core/plan.ts";
import type { Part } from "../../core/reply.ts";
import { deviceObjections, inUseObjections } from "../checks/checks.ts";
import { isMember } from "../checks/group.ts";
import { unfinishedParts, unfinishedWwids } from "../checks/unfinished.ts";
import { clusterLock, storageLocks } from "../locks.ts";
import type { Objection } from "../objection.ts";
import type { HostView } from "../observe/host-view.ts";
import { lookAtHosts } from "../observe/hosts.ts";
import { type Lun, lunsOf, sizesOf } from "../observe/lun.ts";
import { lunTable, missingPathsParts } from "../render/matrix.ts";
import { storageFields, storageParts } from "../render/storage-fields.ts";
import { idLock, serveStages } from "../steps/serve.ts";
import type { HostSurvey } from "../steps/survey.ts";

/** A cluster that is going to load a storage, with what its hosts show; nothing speaks against it any more. */
export interface Attachment {
  readonly cluster: Cluster;
  readonly storage: PrimaryStorage;
  readonly surveys: readonly HostSurvey[];
  readonly inventory: Inventory;
}

/**
 * The storage's LUNs as these hosts see them; one that none sees is there all the same. What was only claimed is one of
 * them once it is in the group.
 */
export function lunsOfStorage({ uuid, sharedBlocks }: PrimaryStorage, views: readonly HostView[]): Lun[] {
  const seen = lunsOf(views);
  return sharedBlocks.flatMap(({ wwid, addedAt }) => {
    const lun = seen.find((each) => each.wwid === wwid) ?? { wwid, on: [] };
    return addedAt !== null || isMember(lun, uuid) ? [lun] : [];
  });
}

/** Why the cluster can't load the storage: what `sharedblock add` asks of a LUN, and that it holds this storage. */
export const attachObjections = (storage: PrimaryStorage, views: readonly HostView[]): Objection[] => [
  ...lunsOfStorage(storage, views).flatMap((lun) => [
    ...deviceObjections(lun, views),
    ...inUseObjections(lun, views, storage.uuid),
    ...sizeObjections(storage, lun),
    ...strangeContents(storage, lun),
  ]),
  ...views.flatMap((view) => incompleteGroup(storage, view)),
];

/** A storage that no cluster has can't follow a LUN that grew: it is resized once it is attached. */
function sizeObjections({ name, sharedBlocks, clusterUuids }: PrimaryStorage, lun: Lun): Objection[] {
  const recorded = sharedBlocks.find((block) => block.wwid === lun.wwid)?.sizeBytes ?? 0;
  return sizesOf(lun)
    .filter((size) => size < recorded || (size > recorded && clusterUuids.length > 0))
    .map(
      (size) =>
        `${lun.wwid} has ${size} bytes on ${lun.on.map(({ host }) => host.name).join(", ")}, but ${recorded} in ${name}: where the array enlarged it, /zstack sharedblock resize ${name} comes first`,
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

const strangeContents = ({ uuid, name }: PrimaryStorage, lun: Lun): Objection[] =>
  lun.on
    .filter((on) => on.physicalVolume === null || on.physicalVolume.volumeGroup === null)
    .map(
      (on) =>
        `${on.host.name} reads nothing of ${name} (volume group ${uuid}) on ${lun.wwid}: it may be another disk; look with /zstack lun show ${lun.wwid}`,
    );

function incompleteGroup(storage: PrimaryStorage, { host, groups }: HostView): Objection[] {
  const { uuid, name } = storage;
  const missing = groups.find((group) => group.name === uuid)?.missingPhysicalVolumes ?? 0;
  if (missing === 0) return [];
  const claimed = unfinishedWwids(storage);
  const hint = claimed.length === 0 ? "" : `; an extension that was not finished may have put ${claimed.join(", ")} in`;
  return [`${host.name} misses ${missing} disk(s) of ${name}'s volume group ${uuid}${hint}`];
}

export function attachmentPlan({ cluster, storage, surveys, inventory }: Attachment): Plan {
  const views = surveys.map(({ view }) => view);
  const luns = lunsOfStorage(storage, views);
  const others = inventory.clusters.filter(({ uuid }) => storage.clusterUuids.includes(uuid)).map(({ name }) => name);
  const count = `${surveys.length} host${surveys.length === 1 ? "" : "s"}`;
  return {
    title: `Attach ${storage.name} to ${cluster.name}`,
    verb: "Attach Storage",
    undo: { command: `sharedblock detach ${storage.name} ${cluster.name}` },
    facts: [
      {
        kind: "text",
        text: `${count} of ${cluster.name} would lock and use ${storage.name}, which ${others.join(", ") || "no cluster"} uses now. Nothing is written on its LUNs but the leases of these hosts.`,
      },
      lunTable(luns, views, inventory),
      ...unfinishedParts(storage, inventory),
      ...grownParts(storage, luns),
      ...missingPathsParts(luns),
    ],
    irreversible: [],
    stages: [
      ...serveStages(surveys, storage.uuid),
      {
        kind: "record",
        title: "Record the attachment",
        changes: [{ kind: "cluster attached", storageUuid: storage.uuid, clusterUuid: cluster.uuid }],
      },
    ],
    typedConfirmation: null,
    locks: [...storageLocks(storage, inventory), clusterLock(cluster), ...idLock(surveys)],
    afterwards: [],
    result: (facts) => storageNow(storage, facts),
  };
}

/** The storage as it is now on the hosts of all its clusters. */
export async function storageNow({ uuid }: PrimaryStorage, facts: Facts): Promise<Part[]> {
  const { inventory } = facts;
  const storage = inventory.primaryStorages.find((each) => each.uuid === uuid);
  if (storage === undefined) return [];
  const hosts = attachedHosts(inventory, storage);
  return hosts.length === 0
    ? [storageFields(storage, null, inventory), ...unfinishedParts(storage, inventory)]
    : storageParts(storage, await lookAtHosts(hosts, facts), inventory);
}
