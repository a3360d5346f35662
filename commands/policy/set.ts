import { z } from "zod";
import { setPolicy } from "../../src/access/policy-acts.ts";
import { defineAction } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { risks } from "../../src/core/policy.ts";

export const policySet = defineAction({
  name: "policy set",
  summary: "set what is asked before a plan of a risk runs; it wins over the setting POLICY",
  needs: "admin",
  args: z.strictObject({
    risk: z.enum(risks).describe("reversible, trust or destructive"),
    require: z
      .string()
      .max(40, "has more than 40 characters")
      .describe("nothing, click, typed or approver; typed+approver is also a value"),
    cluster: nameSchema.optional().describe("only for plans on this cluster"),
  }),
  positional: [],
  examples: ["policy set risk=destructive require=approver", "policy set risk=trust require=typed cluster=cluster-1"],
  act: setPolicy,
});
