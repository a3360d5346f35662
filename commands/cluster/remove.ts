import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { clusterNamed, hostsOf, refuse, storageOf } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { inventoryPlan } from "../../src/core/inventory-plan.ts";

export const clusterRemove = defineChange({
  name: "cluster remove",
  summary: "remove an empty cluster from the inventory",
  risk: "reversible",
  args: z.strictObject({ name: nameSchema.describe("name of the cluster") }),
  positional: ["name"],
  examples: ["cluster remove cluster-2"],
  async plan({ name }, { inventory }) {
    const cluster = clusterNamed(inventory, name);
    const hosts = hostsOf(inventory, cluster);
    const storage = storageOf(inventory, cluster);
    const objections = [
      ...hosts.map((host) => `it holds host ${host.name}`),
      ...(storage === null ? [] : [`the storage ${storage.name} is attached to it`]),
    ];
    refuse(`removing cluster ${name}`, objections, [`cluster show ${name}`]);
    return inventoryPlan(
      { title: `Remove cluster ${name}`, verb: "Remove Cluster", undo: { none: "Add it again with cluster add." } },
      [{ kind: "cluster removed", uuid: cluster.uuid }],
    );
  },
});
