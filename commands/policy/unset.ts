import { z } from "zod";
import { unsetPolicy } from "../../src/access/policy-acts.ts";
import { defineAction } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { risks } from "../../src/core/policy.ts";

export const policyUnset = defineAction({
  name: "policy unset",
  summary: "remove a rule of `policy set`: the setting POLICY or the default holds again",
  needs: "admin",
  args: z.strictObject({
    risk: z.enum(risks).describe("reversible, trust or destructive"),
    cluster: nameSchema.optional().describe("the rule of this cluster"),
  }),
  positional: [],
  examples: ["policy unset risk=destructive", "policy unset risk=trust cluster=cluster-1"],
  act: unsetPolicy,
});
