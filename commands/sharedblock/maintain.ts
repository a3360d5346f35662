import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planMaintain } from "../../src/storage/plans/maintain.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the primary storage"),
  grace: z.coerce
    .number()
    .int()
    .min(0)
    .max(3600)
    .default(120)
    .describe("seconds that VMs get to shut down before their power is cut; 0: they are not asked"),
});

export const sharedBlockMaintain = defineChange({
  name: "sharedblock maintain",
  summary: "stop every VM on a storage, NeverStop ones too, and its locks on every host",
  risk: "destructive",
  args,
  positional: ["name"],
  examples: ["sharedblock maintain ps-1", "sharedblock maintain ps-1 grace=600"],
  plan: planMaintain,
});
