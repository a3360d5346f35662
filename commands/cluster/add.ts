import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { zoneNamed } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { inventoryPlan } from "../../src/core/inventory-plan.ts";
import { Refusal } from "../../src/core/refusal.ts";

export const clusterAdd = defineChange({
  name: "cluster add",
  summary: "add a cluster to a zone",
  risk: "reversible",
  args: z.strictObject({
    name: nameSchema.describe("name of the new cluster"),
    zone: nameSchema.describe("zone it belongs to"),
  }),
  positional: ["name"],
  examples: ["cluster add cluster-2 zone=ZONE-1"],
  async plan({ name, zone }, { inventory, uuid }) {
    const zoneUuid = zoneNamed(inventory, zone).uuid;
    const taken =
      inventory.clusters.some((each) => each.name === name) || inventory.hosts.some((each) => each.name === name);
    if (taken) throw new Refusal(`adding cluster ${name}`, "the name is taken by a cluster or host", ["inventory"]);
    const cluster = { uuid: uuid(`cluster ${name}`), name, zoneUuid };
    return inventoryPlan(
      { title: `Add cluster ${name} to ${zone}`, verb: "Add Cluster", undo: { command: `cluster remove ${name}` } },
      [{ kind: "cluster added", cluster }],
    );
  },
});
