import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import type { AuditEvent } from "../../src/core/operation.ts";

export const auditList = defineQuery({
  name: "audit list",
  summary: "the latest entries of the audit log",
  args: z.strictObject({ last: z.coerce.number().int().min(1).max(100).default(30).describe("how many") }),
  positional: [],
  examples: ["audit list", "audit list last=100"],
  async answer({ last }, facts) {
    const entries = await facts.auditTail(last);
    const rows = entries.map((entry) => [
      String(entry.id),
      entry.at.slice(0, 19).replace("T", " "),
      entry.by,
      entry.operationId ?? "none",
      eventText(entry.event),
      entry.hash.slice(0, 12),
    ]);
    return {
      title: `The latest ${rows.length} audit entries`,
      tone: "plain",
      parts:
        rows.length === 0
          ? [{ kind: "text", text: "The log is empty." }]
          : [{ kind: "table", columns: ["no.", "time (UTC)", "by", "operation", "what", "hash"], rows }],
      next: [],
    };
  },
});

function eventText(event: AuditEvent): string {
  switch (event.kind) {
    case "begun":
      return `a new log began: ${event.reason}`;
    case "asked":
      return `asked: ${event.words}`;
    case "confirmed":
      return `confirmed the plan ${event.digest.slice(0, 12)}`;
    case "began":
      return `began on ${event.host}: ${event.argv.join(" ")}`;
    case "finished": {
      const { outcome } = event;
      const step = `${event.stepId} on ${event.host}`;
      if ("reason" in outcome) return `${step}: ${outcome.kind}: ${outcome.reason}`;
      if (outcome.exitCode === null) return `${step}: not run, it was so already`;
      return `${step}: ${outcome.kind}, exit code ${outcome.exitCode}`;
    }
    case "recording":
      return `began to record ${event.changes.length} change(s) of the inventory`;
    case "recorded":
      return event.problem === null ? "recorded them" : `could not record them: ${event.problem}`;
    case "ended":
      return `ended ${event.state}: ${event.result}`;
  }
}
