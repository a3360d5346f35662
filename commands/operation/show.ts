import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";
import {
  type AuditEntry,
  type AuditEvent,
  type OperationState,
  type OutcomeRecord,
  runsIn,
} from "../../src/core/operation.ts";
import { operationIdSchema } from "../../src/core/operation-id.ts";
import { Refusal } from "../../src/core/refusal.ts";
import type { Inline, Part } from "../../src/core/reply.ts";

export const operationShow = defineQuery({
  name: "operation show",
  summary: "one change: every host command with its time, exit code and outcome",
  args: z.strictObject({
    id: operationIdSchema.describe("the operation, op-7"),
  }),
  positional: ["id"],
  examples: ["operation show op-1"],
  narrower: "/zstack audit list operation=ID steps=true",
  async answer({ id }, facts) {
    const operation = await facts.operation(id);
    if (operation === null) throw new Refusal(`finding ${id}`, "there is no such operation", ["operation list"]);
    const entries = await facts.auditOf(operation);
    const rows = stepRows(entries);
    const records = entries.flatMap(({ event }) => recordLines(event));
    return {
      title: `${operation.id}: ${operation.title}: ${operation.state}`,
      tone: operation.state === "done" ? "good" : "plain",
      parts: [
        {
          kind: "fields",
          fields: [
            ["words", [{ code: operation.words }]],
            ["asked by", [{ person: operation.askedBy }, " at ", { at: operation.askedAt }]],
            [
              "confirmed by",
              operation.confirmedBy === null
                ? "nobody"
                : [{ person: operation.confirmedBy }, ...atTime(operation.confirmedAt)],
            ],
            ["ended", operation.finishedAt === null ? "not yet" : [{ at: operation.finishedAt }]],
            ["result", operation.result ?? "none yet"],
          ],
        },
        ...(rows.length > 0
          ? [
              {
                kind: "table",
                caption: "Host commands",
                columns: ["began (UTC)", "host", "effect", "command", "outcome"],
                rows,
              } satisfies Part,
            ]
          : []),
        ...(operation.state === "planned" && operation.shown.length > 0
          ? [{ kind: "code", caption: "The plan that waits for a click", lines: operation.shown } satisfies Part]
          : []),
        ...(records.length > 0 ? [{ kind: "code", caption: "The inventory", lines: records } satisfies Part] : []),
      ],
      next: unfinished.includes(operation.state) ? [operation.words] : [],
    };
  },
});

const atTime = (iso: string | null): Inline[] => (iso === null ? [] : [" at ", { at: iso }]);

/** States after which the same words do what is left. */
const unfinished: readonly OperationState[] = ["failed", "refused", "unknown", "expired", "cancelled"];

function recordLines(event: AuditEvent): string[] {
  if (event.kind === "recording") return event.changes.map((change) => JSON.stringify(change));
  if (event.kind !== "recorded") return [];
  return [event.problem === null ? "# recorded" : `# not recorded: ${event.problem}`];
}

const stepRows = (entries: readonly AuditEntry[]): string[][] =>
  runsIn(entries).map(({ began: { host, effect, argv }, at, outcome }) => [
    ...[at.slice(11, 23), host, effect, argv.join(" "), outcomeText(outcome)],
  ]);

function outcomeText(outcome: OutcomeRecord | null): string {
  if (outcome === null) return "running or unknown";
  if (outcome.kind === "done" && outcome.exitCode === null) return "not run: it was so already";
  if (outcome.kind === "done") return `done, exit code ${outcome.exitCode}`;
  if (outcome.kind === "failed") return `failed, exit code ${outcome.exitCode}: ${outcome.stderr.trim()}`;
  return `${outcome.kind}: ${outcome.reason}`;
}
