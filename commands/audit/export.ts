import { z } from "zod";
import { auditConditions, stepsArgument } from "../../src/core/audit-conditions.ts";
import { auditExportReply } from "../../src/core/audit-export.ts";
import { defineQuery } from "../../src/core/command.ts";

export const auditExport = defineQuery({
  name: "audit export",
  summary: "the audit log as CSV and JSON Lines, in the thread; steps=true has every entry with its hash",
  args: z.strictObject({ steps: stepsArgument, ...auditConditions }),
  positional: [],
  examples: ["audit export since=7d", "audit export operation=op-7 steps=true"],
  waiting: "Reading the audit log …",
  answer: auditExportReply,
});
