import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { clusterNamed, refuse, someHostsOf, storageNamed, storageOf } from "../../src/core/find.ts";
import { type Cluster, type Inventory, nameSchema, type PrimaryStorage } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { finishWords, isUnmade, unfinishedWwids } from "../../src/storage/checks/unfinished.ts";
import { type HostView, unreadHosts } from "../../src/storage/observe/host-view.ts";
import { lockStateIn, lossObjections } from "../../src/storage/observe/lock-state.ts";
import { objectsOf } from "../../src/storage/observe/oddities.ts";
import { attachmentPlan, attachObjections } from "../../src/storage/plans/attach.ts";
import { prepareObjections } from "../../src/storage/steps/lock-settings.ts";
import { survey } from "../../src/storage/steps/survey.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  cluster: nameSchema.describe("cluster of the same zone that shall load it too"),
});

export const sharedBlockAttach = defineChange({
  name: "sharedblock attach",
  summary: "load a storage on the hosts of one more cluster",
  risk: "trust",
  args,
  positional: ["name", "cluster"],
  examples: ["sharedblock attach ps-1 cluster-2"],
  plan,
});

async function plan(asked: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, asked.name);
  const cluster = clusterNamed(inventory, asked.cluster);
  const doing = `attaching ${storage.name} to ${cluster.name}`;
  refuseByInventory(doing, storage, cluster, inventory);
  const surveys = await survey(someHostsOf(inventory, cluster, doing), facts);
  const views = surveys.map(({ view }) => view);
  const look = [`lun list ${cluster.name}`, `multipath status ${cluster.name}`];
  refuse(doing, unreadHosts(views, objectsOf(storage)), look);
  const strangers = heldBeside(storage, views, inventory);
  refuse(
    doing,
    strangers.map(
      ({ host, other }) =>
        `${host.name} holds the lease of ${other.name}; a cluster loads one Shared Block storage at most`,
    ),
    [...new Set(strangers.map(({ other }) => `sharedblock detach ${other.name} ${cluster.name}`))],
  );
  const objections = [...attachObjections(storage, views), ...surveys.flatMap(prepareObjections)];
  refuse(doing, [...objections, ...lossObjections(storage, views)], look);
  return attachmentPlan({ cluster, storage, surveys, inventory });
}

/** Other storages of ours that hosts are in: what an attach left that was interrupted before it was recorded. */
const heldBeside = (storage: PrimaryStorage, views: readonly HostView[], inventory: Inventory) =>
  views.flatMap((view) =>
    inventory.primaryStorages
      .filter((other) => other !== storage && lockStateIn(other.uuid, view) !== "none")
      .map((other) => ({ host: view.host, other })),
  );

/** The limits of the product, and what a half-made storage needs first. */
function refuseByInventory(doing: string, storage: PrimaryStorage, cluster: Cluster, inventory: Inventory): void {
  const show = `sharedblock show ${storage.name}`;
  const loaded = storageOf(inventory, cluster);
  if (loaded === storage) {
    const why = `${cluster.name} has it already; a host of it that lost the storage is brought back by reconnect`;
    throw new Refusal(doing, why, [show, `sharedblock reconnect ${storage.name}`]);
  }
  if (loaded !== null) {
    const why = `${cluster.name} has the Shared Block storage ${loaded.name}; a cluster loads one at most`;
    throw new Refusal(doing, why, [
      `sharedblock show ${loaded.name}`,
      `sharedblock detach ${loaded.name} ${cluster.name}`,
    ]);
  }
  if (storage.zoneUuid !== cluster.zoneUuid) {
    const zone = (uuid: string) => inventory.zones.find((each) => each.uuid === uuid)?.name ?? "no zone";
    const why = `${storage.name} is in zone ${zone(storage.zoneUuid)}, ${cluster.name} in ${zone(cluster.zoneUuid)}; clusters of one zone share a storage`;
    throw new Refusal(doing, why, [show, "cluster list"]);
  }
  if (storage.state === "Maintenance") {
    throw new Refusal(doing, `${storage.name} is in maintenance: no host holds its locks`, [
      `sharedblock enable ${storage.name}`,
    ]);
  }
  if (!isUnmade(storage)) return;
  const why = `its making was interrupted: ${unfinishedWwids(storage).join(", ")} of it was claimed but never finished`;
  throw new Refusal(doing, why, [finishWords(storage, inventory), show]);
}
