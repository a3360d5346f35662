import { z } from "zod";
import { defineChange } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { planTrustHost } from "../../src/storage/plans/trust-host.ts";

export const hostTrust = defineChange({
  name: "host trust",
  summary: "trust the new SSH host key of a host; you compare both fingerprints",
  risk: "trust",
  needs: "admin",
  args: z.strictObject({ name: nameSchema.describe("name of the host") }),
  positional: ["name"],
  examples: ["host trust sharedblock-host3"],
  plan: planTrustHost,
});
