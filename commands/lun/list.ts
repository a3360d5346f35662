import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { lunListReply } from "../../src/storage/render/lun.ts";

export const lunList = defineQuery({
  name: "lun list",
  summary: "every LUN that the cluster's hosts see: map, paths, what it holds, its owner",
  args: z.strictObject({ cluster: nameSchema.describe("the hosts of this cluster are asked") }),
  positional: ["cluster"],
  examples: ["lun list cluster-1"],
  narrower: "/zstack lun show CLUSTER WWID",
  answer: lunListReply,
});
