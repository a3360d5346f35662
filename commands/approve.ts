import { z } from "zod";
import { approvePlan } from "../src/access/approval-acts.ts";
import { defineAction } from "../src/core/command.ts";
import { operationIdSchema } from "../src/core/operation.ts";

export const approve = defineAction({
  name: "approve",
  summary: "approve a plan of another person, as its second person; then it can be confirmed",
  needs: "approver",
  onlyForAsker: true,
  args: z.strictObject({ operation: operationIdSchema.describe("the plan, op-7") }),
  positional: ["operation"],
  examples: ["approve op-7"],
  act: approvePlan,
});
