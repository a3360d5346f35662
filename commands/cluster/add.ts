import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planAddCluster } from "../../src/core/inventory-plan.ts";

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
  plan: planAddCluster,
});
