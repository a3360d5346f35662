import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planRemoveHost } from "../../src/storage/plans/remove-host.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the host"),
  force: z
    .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
    .default(false)
    .describe("true: it is dead and can't be asked"),
  reason: z.string().min(3).max(500).describe("how you know that it is dead; goes into the audit log").optional(),
});

export const hostRemove = defineChange({
  name: "host remove",
  summary: "take a host out of the inventory; the host itself is not touched, and must not be locked into a storage",
  risk: "trust",
  args,
  positional: ["name"],
  examples: [
    "host remove sharedblock-host3",
    'host remove sharedblock-host3 force=true reason="mainboard burnt out, switched off"',
  ],
  plan: planRemoveHost,
});
