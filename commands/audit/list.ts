import { z } from "zod";
import { auditConditions, stepsArgument } from "../../src/core/audit-conditions.ts";
import { auditReply } from "../../src/core/audit-reply.ts";
import { defineQuery } from "../../src/core/command.ts";

export const auditList = defineQuery({
  name: "audit list",
  summary: "who changed what, when and with which result, from the audit log; steps=true lists every entry",
  args: z.strictObject({
    last: z.coerce.number().int().min(1).max(100).default(20).describe("how many"),
    steps: stepsArgument,
    ...auditConditions,
  }),
  positional: [],
  examples: [
    "audit list",
    "audit list since=2h steps=true",
    "audit list storage=ps-1 until=2026-11-29",
    "audit list risk=destructive outcome=failed",
  ],
  waiting: "Reading the audit log …",
  answer: auditReply,
});
