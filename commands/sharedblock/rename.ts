import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planRename } from "../../src/storage/plans/rename.ts";

export const sharedBlockRename = defineChange({
  name: "sharedblock rename",
  summary: "rename a storage; its volume group keeps its name",
  risk: "reversible",
  args: z.strictObject({
    name: nameSchema.describe("name of the primary storage"),
    new: nameSchema.describe("its new name"),
  }),
  positional: ["name"],
  examples: ["sharedblock rename ps-1 new=ps-gold"],
  plan: planRename,
});
