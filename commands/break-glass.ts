import { z } from "zod";
import { breakGlassFor } from "../src/access/approval-acts.ts";
import { defineAction } from "../src/core/command.ts";
import { operationIdSchema } from "../src/core/operation.ts";

export const breakGlass = defineAction({
  name: "break-glass",
  summary: "do without the second person of a plan; every admin of its clusters is notified, and an admin reviews it",
  onlyForAsker: true,
  args: z.strictObject({
    operation: operationIdSchema.describe("the plan, op-7"),
    reason: z.string().min(1, "is empty").max(500, "has more than 500 characters").describe("why, for all who read it"),
  }),
  positional: ["operation"],
  examples: ['break-glass op-7 reason="no approver answers, and ps-1 is down"'],
  act: breakGlassFor,
});
