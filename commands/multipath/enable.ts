import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planEnableMultipath } from "../../src/prepare/enable-multipath.ts";

const args = z.strictObject({
  hostOrCluster: nameSchema.describe("a host or a cluster"),
  names: z
    .enum(["wwid", "friendly"])
    .describe("how maps are named: wwid (the same on every host) or friendly (mpatha); default: unchanged")
    .optional(),
});

export const multipathEnable = defineChange({
  name: "multipath enable",
  summary: "set up multipathing: modules, settings, daemon; then shows the maps",
  risk: "trust",
  args,
  positional: ["hostOrCluster"],
  examples: ["multipath enable cluster-1", "multipath enable sharedblock-host1 names=wwid"],
  plan: planEnableMultipath,
});
