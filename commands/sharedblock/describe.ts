import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planDescribe } from "../../src/storage/plans/describe.ts";

export const sharedBlockDescribe = defineChange({
  name: "sharedblock describe",
  summary: "say what a storage is for",
  risk: "reversible",
  args: z.strictObject({
    name: nameSchema.describe("name of the primary storage"),
    description: z.string().max(2000).describe('what it is for; "" removes the description'),
  }),
  positional: ["name"],
  examples: ['sharedblock describe ps-1 description="databases of the billing team"'],
  plan: planDescribe,
});
