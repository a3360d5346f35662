import { z } from "zod";
import { defineChange, type Facts } from "../../src/core/command.ts";
import { clusterNamed, refuse, someHostsOf, storageOf } from "../../src/core/find.ts";
import { type Cluster, nameSchema, uuidSchema } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { unreadHosts } from "../../src/storage/observe/host-view.ts";
import { ownerOf } from "../../src/storage/owner.ts";
import {
  adoptedIds,
  adoptionPlan,
  type Found,
  foundGroup,
  groupFaults,
  highestIdIn,
  idConflicts,
  storageOfGroup,
  unreadSettings,
} from "../../src/storage/plans/import.ts";
import { lookAtAllocations, stateOnDisks } from "../../src/storage/steps/allocation.ts";
import { survey } from "../../src/storage/steps/survey.ts";

const args = z.strictObject({
  cluster: nameSchema.describe("cluster whose hosts share the storage"),
  volumeGroup: uuidSchema.describe("name of the shared volume group: the storage's UUID, 32 hexadecimal digits"),
  name: nameSchema.describe("name of the primary storage; without it sharedblock-CLUSTER").optional(),
  description: z.string().max(2000).describe("what it is for").optional(),
});

export const sharedBlockImport = defineChange({
  name: "sharedblock import",
  summary: "take a shared volume group that exists, such as ZStack's, into the inventory; nothing on the disks changes",
  risk: "trust",
  args,
  positional: ["cluster", "volumeGroup"],
  examples: ["sharedblock import cluster-1 7c9e6679742540de944be07fc1f90ae7 name=ps-1"],
  plan,
});

async function plan(asked: z.output<typeof args>, facts: Facts): Promise<Plan> {
  const { inventory, askedAt } = facts;
  const { volumeGroup } = asked;
  const cluster = clusterNamed(inventory, asked.cluster);
  const name = asked.name ?? `sharedblock-${cluster.name}`;
  const doing = `importing ${volumeGroup} into ${cluster.name}`;
  const hosts = someHostsOf(inventory, cluster, doing);
  refuseKnown(doing, volumeGroup, name, cluster, facts);
  const surveys = await survey(hosts, facts);
  const look = [`lun list ${cluster.name}`, `host rescan ${cluster.name}`];
  refuse(
    doing,
    unreadHosts(
      surveys.map(({ view }) => view),
      [volumeGroup],
    ),
    look,
  );
  const found = foundGroup(volumeGroup, surveys);
  if (found === null) throw new Refusal(doing, `no host of ${cluster.name} sees a volume group of that name`, look);
  refuse(doing, unreadSettings(surveys), look);
  const ids = adoptedIds(volumeGroup, surveys);
  const objections = [
    ...groupFaults(found, surveys),
    ...ownedLuns(found, facts),
    ...idConflicts(ids, surveys, inventory),
  ];
  refuse(doing, objections, look);
  const [views, { highestId, unread }] = await Promise.all([
    lookAtAllocations(hosts, facts),
    highestIdIn(volumeGroup, hosts, facts),
  ]);
  refuse(doing, [...unreadHosts(views, [volumeGroup]), ...unread], look);
  const state = views.every((view) => stateOnDisks(view, volumeGroup) === "Enabled") ? "Enabled" : "Disabled";
  const storage = storageOfGroup(found, { name, description: asked.description ?? "", state }, cluster, askedAt);
  return adoptionPlan({ cluster, storage, found, surveys, ids, highestId, inventory });
}

/** What the inventory has already is not taken in a second time. */
function refuseKnown(doing: string, volumeGroup: string, name: string, cluster: Cluster, { inventory }: Facts): void {
  const same = inventory.primaryStorages.find((storage) => storage.uuid === volumeGroup);
  if (same !== undefined) {
    const attached = same.clusterUuids.includes(cluster.uuid);
    const next = attached ? `sharedblock show ${same.name}` : `sharedblock attach ${same.name} ${cluster.name}`;
    throw new Refusal(doing, `it is in the inventory already, as ${same.name}`, [next]);
  }
  const loaded = storageOf(inventory, cluster);
  if (loaded !== null) {
    const why = `${cluster.name} has the Shared Block storage ${loaded.name} already; a cluster loads one at most`;
    throw new Refusal(doing, why, [`sharedblock show ${loaded.name}`]);
  }
  if (inventory.primaryStorages.some((storage) => storage.name === name)) {
    const next = `sharedblock import ${cluster.name} ${volumeGroup} name=`;
    throw new Refusal(doing, `there is a primary storage ${name} already`, ["sharedblock list", next]);
  }
}

const ownedLuns = ({ luns }: Found, { inventory }: Facts): string[] =>
  luns.flatMap(({ wwid }) => {
    const owner = ownerOf(wwid, inventory);
    return owner === null ? [] : [`${wwid} belongs to ${owner.storage.name} in the inventory`];
  });
