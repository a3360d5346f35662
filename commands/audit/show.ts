import { z } from "zod";
import { auditShowReply } from "../../src/core/audit-show.ts";
import { defineQuery } from "../../src/core/command.ts";
import { operationIdSchema } from "../../src/core/operation.ts";

export const auditShow = defineQuery({
  name: "audit show",
  summary: "one operation from the audit log: who, words, plan, and every host command with its output",
  args: z.strictObject({
    id: operationIdSchema.describe("the operation, op-7; its age does not matter"),
  }),
  positional: ["id"],
  examples: ["audit show op-7"],
  narrower: "/zstack audit export operation=ID steps=true",
  waiting: "Reading the audit log …",
  answer: auditShowReply,
});
