import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { clusterMapReply } from "../../src/watch/pictures/cluster-map.ts";

export const clusterMap = defineQuery({
  name: "cluster map",
  summary: "a picture of a cluster's hosts, adapters, ports and LUNs, and which links are down",
  args: z.strictObject({ cluster: nameSchema.describe("name of the cluster") }),
  positional: ["cluster"],
  examples: ["cluster map cluster-1"],
  answer: clusterMapReply,
});
