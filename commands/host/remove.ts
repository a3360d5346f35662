import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planRemoveHost } from "../../src/storage/plans/remove-host.ts";

const args = z.strictObject({
  name: nameSchema.describe("name of the host"),
  force: z
    .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
    .default(false)
    .describe("true: the host is dead and does not answer"),
  reason: z.string().min(3).max(500).describe("how you know that it is dead; goes into the audit log").optional(),
});

export const hostRemove = defineChange({
  name: "host remove",
  summary: "remove a host from the inventory; nothing on the host changes, and it must have no lease",
  risk: "trust",
  args,
  positional: ["name"],
  examples: [
    "host remove sharedblock-host3",
    'host remove sharedblock-host3 force=true reason="mainboard burnt out, switched off"',
  ],
  plan: planRemoveHost,
});
