import { z } from "zod";
import { auditReply } from "../../src/core/audit-reply.ts";
import { defineQuery } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { momentSchema } from "../../src/core/moment.ts";
import { operationIdSchema } from "../../src/core/operation.ts";

export const auditList = defineQuery({
  name: "audit list",
  summary: "who changed what, when and with which result, from the audit log; steps=true lists every entry",
  args: z.strictObject({
    last: z.coerce.number().int().min(1).max(100).default(20).describe("how many"),
    steps: z
      .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
      .default(false)
      .describe("every entry, queries and steps too"),
    since: momentSchema.optional().describe("only entries since then: 2h, 3d or 2026-11-29T10:00 (UTC)"),
    until: momentSchema.optional().describe("only entries until then"),
    who: z.string().min(1).optional().describe("who asked or confirmed: a mention, a user id, or a name in a terminal"),
    host: nameSchema.optional().describe("only entries about this host"),
    storage: nameSchema.optional().describe("only entries about this storage"),
    operation: operationIdSchema.optional().describe("this operation only"),
  }),
  positional: [],
  examples: ["audit list", "audit list since=2h steps=true", "audit list storage=ps-1 until=2026-11-29"],
  answer: auditReply,
});
