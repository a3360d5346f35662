import { z } from "zod";
import { isAnchor } from "../../src/core/audit-anchor.ts";
import { auditVerifyReply } from "../../src/core/audit-verify-reply.ts";
import { defineQuery } from "../../src/core/command.ts";

export const auditVerify = defineQuery({
  name: "audit verify",
  summary: "check every entry and signature of the audit log, and an entry that a message shows",
  args: z.strictObject({
    anchor: z
      .string()
      .max(100)
      .refine(isAnchor, "is not N:HASH, as shown at the end of an operation")
      .optional()
      .describe("an entry with its hash as a message shows it, 1234:9f3ac0ffee12d00d"),
  }),
  positional: [],
  examples: ["audit verify", "audit verify anchor=1234:9f3ac0ffee12d00d"],
  waiting: "Checking the audit log …",
  answer: auditVerifyReply,
});
