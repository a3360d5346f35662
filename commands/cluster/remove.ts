import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planRemoveCluster } from "../../src/core/inventory-plan.ts";

export const clusterRemove = defineChange({
  name: "cluster remove",
  summary: "remove an empty cluster from the inventory",
  risk: "reversible",
  args: z.strictObject({ name: nameSchema.describe("name of the cluster") }),
  positional: ["name"],
  examples: ["cluster remove cluster-2"],
  plan: planRemoveCluster,
});
