import { z } from "zod";
import { policyReply } from "../../src/access/policy-acts.ts";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";

export const policyShow = defineQuery({
  name: "policy show",
  summary: "what is asked before a plan runs: nothing, a click, typed text, a second person",
  args: z.strictObject({ cluster: nameSchema.optional().describe("what holds there") }),
  positional: ["cluster"],
  examples: ["policy show", "policy show cluster-1"],
  answer: policyReply,
});
