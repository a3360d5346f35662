import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { clusterReply } from "../../src/storage/render/inventory-table.ts";

export const clusterShow = defineQuery({
  name: "cluster show",
  summary: "one cluster: its hosts and its storage",
  args: z.strictObject({ name: nameSchema.describe("name of the cluster") }),
  positional: ["name"],
  examples: ["cluster show cluster-1"],
  answer: clusterReply,
});
