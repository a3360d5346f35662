import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema, uuidSchema } from "../../src/core/inventory.ts";
import { planImport } from "../../src/storage/plans/import.ts";

const args = z.strictObject({
  cluster: nameSchema.describe("the hosts of this cluster share the storage"),
  volumeGroup: uuidSchema.describe("name of the shared volume group: the storage's UUID, 32 hexadecimal digits"),
  name: nameSchema.describe("name of the storage; default: sharedblock-CLUSTER").optional(),
  description: z.string().max(2000).describe("what it is for").optional(),
});

export const sharedBlockImport = defineChange({
  name: "sharedblock import",
  summary: "register an existing shared volume group, such as ZStack's; nothing on the disks changes",
  risk: "trust",
  args,
  positional: ["cluster", "volumeGroup"],
  examples: ["sharedblock import cluster-1 7c9e6679742540de944be07fc1f90ae7 name=ps-1"],
  plan: planImport,
});
