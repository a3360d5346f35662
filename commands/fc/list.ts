import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { fcPortsReply } from "../../src/storage/render/fc-ports.ts";

export const fcList = defineQuery({
  name: "fc list",
  summary: "Fibre Channel adapters: WWPN, link state and speed of each port, ports that are down first",
  args: z.strictObject({ hostOrCluster: nameSchema.describe("a host or a cluster; default: all hosts").optional() }),
  positional: ["hostOrCluster"],
  examples: ["fc list cluster-1", "fc list"],
  narrower: "/zstack fc list HOST",
  answer: fcPortsReply,
});
