import { z } from "zod";
import { unfreezeCluster } from "../src/access/freeze-acts.ts";
import { defineAction } from "../src/core/command.ts";
import { nameSchema } from "../src/core/inventory.ts";

export const unfreeze = defineAction({
  name: "unfreeze",
  summary: "end your freeze of a cluster; an admin ends every freeze of it",
  args: z.strictObject({ clusterOrAll: nameSchema.describe("name of the cluster, or all") }),
  positional: ["clusterOrAll"],
  examples: ["unfreeze cluster-1", "unfreeze all"],
  act: unfreezeCluster,
});
