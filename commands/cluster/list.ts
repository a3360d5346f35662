import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { clusterListReply } from "../../src/core/inventory-lists.ts";

export const clusterList = defineQuery({
  name: "cluster list",
  summary: "the clusters, with their hosts and storage",
  args: z.strictObject({}),
  positional: [],
  examples: ["cluster list"],
  answer: clusterListReply,
});
