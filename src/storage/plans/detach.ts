import { named } from "../../core/host-text.ts";
import type { Cluster, Inventory, PrimaryStorage } from "../../core/inventory.ts";
import type { Plan } from "../../core/plan.ts";
import type { Part } from "../../core/reply.ts";
import { unfinishedParts } from "../checks/unfinished.ts";
import { clusterLock, storageLocks } from "../locks.ts";
import type { Objection } from "../objection.ts";
import { type Stranger, strangerText } from "../observe/foreign-hosts.ts";
import type { HeldVolume, Hold } from "../observe/holds.ts";
import { withoutEmpty } from "../steps/serve.ts";
import { holdsParts, joinStage, withdrawStages } from "../steps/withdraw.ts";
import { storageNow } from "./attach.ts";

export interface Detachment {
  readonly cluster: Cluster;
  readonly storage: PrimaryStorage;
  readonly holds: readonly Hold[];
  /** Hosts that use it beside those of its clusters. */
  readonly strangers: readonly Stranger[];
  readonly inventory: Inventory;
}

/** Volumes that are open: each with its host and its machine. */
export const openObjections = (holds: readonly Hold[]): Objection[] =>
  holds.flatMap((hold) =>
    hold.volumes
      .filter(({ openCount }) => openCount > 0)
      .map((volume) => `volume ${volume.name} is open on ${hold.host.name} by ${openedBy(volume, hold)}`),
  );

export function openedBy({ machines }: HeldVolume, { machinesUnknown }: Hold): string {
  if (machines.length > 0) return `machine ${machines.map(named).join(", ")}`;
  return machinesUnknown === null
    ? "something that is no disk of a machine: a mount, or another disk's backing volume"
    : `something unknown (${machinesUnknown})`;
}

export function detachmentPlan({ cluster, storage, holds, strangers, inventory }: Detachment): Plan {
  const left = inventory.clusters
    .filter(({ uuid }) => uuid !== cluster.uuid && storage.clusterUuids.includes(uuid))
    .map(({ name }) => name);
  const then = left.length > 0 ? `${left.join(", ")} would go on using it.` : "No cluster would use it any more.";
  return {
    title: `Detach ${storage.name} from ${cluster.name}`,
    verb: "Detach Storage",
    undo: { command: `sharedblock attach ${storage.name} ${cluster.name}` },
    facts: [
      {
        kind: "text",
        text: `Nothing on ${storage.name} is open on the hosts of ${cluster.name}. ${then} Its data stays, and so do the settings of these hosts and their sanlock host ids.`,
      },
      ...strangers.map(
        (stranger): Part => ({ kind: "text", text: `Also: ${strangerText(storage, stranger)}.`, tone: "warning" }),
      ),
      ...unfinishedParts(storage, inventory),
      ...holdsParts(holds),
    ],
    irreversible: [],
    stages: [
      ...withoutEmpty([joinStage(holds, storage.uuid), ...withdrawStages(holds, storage.uuid)]),
      {
        kind: "record",
        title: "Record the detachment",
        changes: [{ kind: "cluster detached", storageUuid: storage.uuid, clusterUuid: cluster.uuid }],
      },
    ],
    typedConfirmation: null,
    locks: [...storageLocks(storage, inventory), clusterLock(cluster)],
    afterwards: [],
    result: (facts) => storageNow(storage, facts),
  };
}
