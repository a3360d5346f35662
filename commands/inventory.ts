import { z } from "zod";
import { defineQuery } from "../src/core/command.ts";
import { nameSchema } from "../src/core/inventory.ts";
import { refreshSchema } from "../src/storage/arguments.ts";
import { inventoryReply } from "../src/storage/render/inventory-table.ts";

export const inventoryCommand = defineQuery({
  name: "inventory",
  summary: "zones, clusters, hosts, primary storages and their LUNs at a glance",
  args: z.strictObject({
    zoneOrCluster: nameSchema.describe("a zone or a cluster; default: everything").optional(),
    refresh: refreshSchema.default(false).describe("true: observe the hosts again"),
  }),
  positional: ["zoneOrCluster"],
  examples: ["inventory", "inventory cluster-1", "inventory refresh=true"],
  narrower: "/zstack inventory CLUSTER",
  answer: inventoryReply,
});
