import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { clusterNamed } from "../../src/core/find.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { inventoryParts } from "../../src/storage/render/inventory-table.ts";

export const clusterShow = defineQuery({
  name: "cluster show",
  summary: "one cluster: its hosts and its storage",
  args: z.strictObject({ name: nameSchema.describe("name of the cluster") }),
  positional: ["name"],
  examples: ["cluster show cluster-1"],
  async answer({ name }, facts) {
    const cluster = clusterNamed(facts.inventory, name);
    return {
      title: `Cluster ${name}`,
      tone: "plain",
      parts: inventoryParts(facts, [cluster]),
      next: [`cluster check ${name}`, `lun list ${name}`, `multipath status ${name}`],
    };
  },
});
