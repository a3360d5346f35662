import type { Facts } from "../../core/facts.ts";
import { attachedHosts, clusterNamed, hostsOf, storageNamed } from "../../core/find.ts";
import { named } from "../../core/host-text.ts";
import type { Cluster, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import { type Plan, plan } from "../../core/plan.ts";
import { type Reason, Refusal, reason, reasonText, refuse } from "../../core/refusal.ts";
import type { Part } from "../../core/reply.ts";
import { unfinishedParts } from "../checks/unfinished.ts";
import { clusterLock, storageLocks } from "../locks.ts";
import { type ForeignHost, foreignHostReason, foreignHostsAmong } from "../observe/foreign-hosts.ts";
import { isFree, observeStorageOn, type StorageOnHost, type VolumeInUse } from "../observe/storage-on-host.ts";
import { storageNow } from "../render/storage.ts";
import { joinStage, onHostsParts, withdrawHelp, withdrawReasons, withdrawStages } from "../steps/withdraw.ts";

interface DetachRequest {
  readonly name: string;
  readonly cluster: string;
}

export async function planDetach(asked: DetachRequest, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, asked.name);
  const cluster = clusterNamed(inventory, asked.cluster);
  const headline = `${storage.name} can't be detached from ${cluster.name}`;
  const hosts = hostsOf(inventory, cluster);
  const onHosts = await observeStorageOn(storage.uuid, hosts, facts);
  refuse(headline, withdrawReasons(storage, onHosts), withdrawHelp(storage, onHosts));
  // The same command undoes an interrupted attach.
  const attached = storage.clusterUuids.includes(cluster.uuid);
  if (!attached && onHosts.every(isFree)) {
    const why = "it is not attached there, and none of its hosts holds its locks or a volume of it";
    throw new Refusal(headline, reason("NOTHING_TO_DO", why), { next: [`sharedblock show ${storage.name}`] });
  }
  // Maintenance stops VMs only on the hosts of the storage's clusters.
  const maintain = { or: true, when: "to stop all its VMs", run: `sharedblock maintain ${storage.name}` } as const;
  refuse(headline, openReasons(onHosts), {
    fixes: [
      { first: "stop or migrate these VMs", run: `sharedblock detach ${storage.name} ${cluster.name}` },
      ...(attached ? [maintain] : []),
    ],
    next: [`sharedblock volumes ${storage.name}`],
  });
  const observedHosts = [...attachedHosts(inventory, storage), ...hosts];
  const readings = onHosts.map(({ hostLeases }) => hostLeases);
  const foreign = foreignHostsAmong(observedHosts, readings, inventory);
  return detachmentPlan({ cluster, storage, onHosts, foreign, inventory });
}

interface Detachment {
  readonly cluster: Cluster;
  readonly storage: PrimaryStorage;
  readonly onHosts: readonly StorageOnHost[];
  /** Hosts outside its clusters that use it. */
  readonly foreign: readonly ForeignHost[];
  readonly inventory: Inventory;
}

/** The open volumes, each with its host and VM. */
const openReasons = (onHosts: readonly StorageOnHost[]): Reason[] =>
  onHosts.flatMap((on) => on.volumes.filter(({ openCount }) => openCount > 0).map((volume) => openReason(volume, on)));

export const openReason = (volume: VolumeInUse, on: StorageOnHost): Reason =>
  reason("VOLUME_IN_USE", `volume ${volume.name} is open on ${on.host.name} by ${openedBy(volume, on)}`);

export function openedBy({ vms }: VolumeInUse, { vmsUnknown }: StorageOnHost): string {
  if (vms.length > 0) return `VM ${vms.map(named).join(", ")}`;
  return vmsUnknown === null
    ? "a user that is no VM: a mount, or another disk's backing volume"
    : `something unknown (${vmsUnknown})`;
}

function detachmentPlan({ cluster, storage, onHosts, foreign, inventory }: Detachment): Plan {
  const left = inventory.clusters
    .filter(({ uuid }) => uuid !== cluster.uuid && storage.clusterUuids.includes(uuid))
    .map(({ name }) => name);
  const then = left.length > 0 ? `${left.join(", ")} would continue to use it.` : "No cluster would use it any more.";
  return plan({
    title: `Detach ${storage.name} from ${cluster.name}`,
    verb: "Detach Storage",
    undo: { command: `sharedblock attach ${storage.name} ${cluster.name}` },
    facts: [
      {
        kind: "text",
        text: `Nothing on ${storage.name} is open on the hosts of ${cluster.name}. ${then} Its data stays, and so do the settings of these hosts and their sanlock host ids.`,
      },
      ...foreign.map(
        (foreignHost): Part => ({
          kind: "text",
          text: `Also: ${reasonText(foreignHostReason(storage, foreignHost))}`,
          tone: "warning",
        }),
      ),
      ...unfinishedParts(storage, inventory),
      ...onHostsParts(onHosts),
    ],
    stages: [
      joinStage(onHosts, storage.uuid),
      ...withdrawStages(onHosts, storage.uuid),
      {
        kind: "record",
        title: "Record the detachment",
        changes: [{ kind: "cluster detached", storageUuid: storage.uuid, clusterUuid: cluster.uuid }],
      },
    ],
    locks: [...storageLocks(storage, inventory), clusterLock(cluster)],
    result: (facts) => storageNow(storage, facts),
  });
}
