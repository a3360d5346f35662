import { z } from "zod";
import { nameSchema, wwidSchema } from "./inventory.ts";
import { momentSchema } from "./moment.ts";
import { operationIdSchema, operationStates } from "./operation.ts";
import { risks } from "./policy.ts";

/** Shared by the commands that search the audit log. */
export const auditConditions = {
  since: momentSchema.optional().describe("only entries since then: 2h, 3d or 2026-11-29T10:00 (UTC)"),
  until: momentSchema.optional().describe("only entries until then"),
  who: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("who asked, approved or confirmed: a mention, a user id, or a name in a terminal"),
  host: nameSchema.optional().describe("only entries about this host"),
  cluster: nameSchema.optional().describe("only entries about this cluster or its hosts"),
  storage: nameSchema.optional().describe("only entries about this storage"),
  wwid: wwidSchema.optional().describe("only entries about this LUN"),
  operation: operationIdSchema.optional().describe("this operation only"),
  outcome: z
    .enum(operationStates)
    .optional()
    .describe("only this result: done, failed, refused, unknown, cancelled or expired"),
  risk: z.enum(risks).optional().describe("only plans of this risk: reversible, trust or destructive"),
};

export const stepsArgument = z
  .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
  .default(false)
  .describe("every entry, queries and steps too");
