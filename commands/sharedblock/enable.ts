import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planEnable } from "../../src/storage/plans/enable.ts";

export const sharedBlockEnable = defineChange({
  name: "sharedblock enable",
  summary: "allow new volumes on a storage again; ends maintenance too",
  risk: "reversible",
  args: z.strictObject({ name: nameSchema.describe("name of the primary storage") }),
  positional: ["name"],
  examples: ["sharedblock enable ps-1"],
  plan: planEnable,
});
