import { z } from "zod";
import { rejectPlan } from "../src/access/approval-acts.ts";
import { defineAction } from "../src/core/command.ts";
import { operationIdSchema } from "../src/core/operation.ts";

export const reject = defineAction({
  name: "reject",
  summary: "reject a plan that waits for an approver; it ends",
  needs: "approver",
  onlyForAsker: true,
  args: z.strictObject({
    operation: operationIdSchema.describe("the plan, op-7"),
    reason: z.string().min(1, "is empty").max(500, "has more than 500 characters").describe("why, for all who read it"),
  }),
  positional: ["operation"],
  examples: ['reject op-7 reason="this LUN is still needed"'],
  act: rejectPlan,
});
