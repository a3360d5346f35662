import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { multipathReply } from "../../src/storage/render/maps.ts";

export const multipathStatus = defineQuery({
  name: "multipath status",
  summary: "every map with its paths and their states, lost and degraded first",
  args: z.strictObject({ hostOrCluster: nameSchema.describe("a host or a cluster") }),
  positional: ["hostOrCluster"],
  examples: ["multipath status cluster-1", "multipath status sharedblock-host2"],
  narrower: "/zstack multipath status HOST",
  answer: multipathReply,
});
