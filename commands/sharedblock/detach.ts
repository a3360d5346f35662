import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { attachedHosts, clusterNamed, hostsOf, refuse, storageNamed } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { strangersAmong } from "../../src/storage/observe/foreign-hosts.ts";
import { isFree, lookAtHolds } from "../../src/storage/observe/holds.ts";
import { detachmentPlan, openObjections } from "../../src/storage/plans/detach.ts";
import { holdNext, holdObjections } from "../../src/storage/steps/withdraw.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  cluster: nameSchema.describe("cluster that shall no longer load it"),
});

export const sharedBlockDetach = defineChange({
  name: "sharedblock detach",
  summary: "take a storage from the hosts of one cluster; refused while a volume is open there",
  risk: "trust",
  args,
  positional: ["name", "cluster"],
  examples: ["sharedblock detach ps-1 cluster-2"],
  plan,
});

async function plan(asked: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const { inventory } = facts;
  const storage = storageNamed(inventory, asked.name);
  const cluster = clusterNamed(inventory, asked.cluster);
  const doing = `detaching ${storage.name} from ${cluster.name}`;
  const hosts = hostsOf(inventory, cluster);
  const holds = await lookAtHolds(storage.uuid, hosts, facts);
  refuse(doing, holdObjections(storage, holds), holdNext(storage, holds));
  // An attach that was interrupted is undone by the same words.
  const attached = storage.clusterUuids.includes(cluster.uuid);
  if (!attached && holds.every(isFree)) {
    const why = `it is not attached there, and none of its hosts holds its locks or a volume of it`;
    throw new Refusal(doing, why, [`sharedblock show ${storage.name}`]);
  }
  refuse(doing, openObjections(holds), [
    `sharedblock volumes ${storage.name}`,
    // Maintenance stops machines on the hosts of its clusters only.
    ...(attached ? [`sharedblock maintain ${storage.name}`] : []),
    `sharedblock detach ${storage.name} ${cluster.name}`,
  ]);
  const looked = [...attachedHosts(inventory, storage), ...hosts];
  const readings = holds.map(({ hostLeases }) => hostLeases);
  const strangers = strangersAmong(looked, readings, inventory);
  return detachmentPlan({ cluster, storage, holds, strangers, inventory });
}
