import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planDisable } from "../../src/storage/plans/disable.ts";

export const sharedBlockDisable = defineChange({
  name: "sharedblock disable",
  summary: "stop new volumes on a storage; existing ones can't grow, so VMs that write more may pause",
  risk: "trust",
  args: z.strictObject({ name: nameSchema.describe("name of the primary storage") }),
  positional: ["name"],
  examples: ["sharedblock disable ps-1"],
  plan: planDisable,
});
