import { counted } from "./counted.ts";
import type { Facts } from "./facts.ts";
import { type AuditEntry, type AuditEvent, type OperationState, type OutcomeRecord, runsIn } from "./operation.ts";
import { Refusal, reason } from "./refusal.ts";
import { type Inline, type Part, type Reply, runAgain } from "./reply.ts";

export async function operationReply({ id }: { readonly id: string }, facts: Facts): Promise<Reply> {
  const operation = await facts.operation(id);
  if (operation === null) {
    const why = reason("NOT_FOUND", "the bot keeps no operation of this id", "type an id of the list");
    throw new Refusal(`Operation ${id} does not exist`, why, { next: ["operation list"] });
  }
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
    next: unfinished.includes(operation.state) ? [runAgain(operation.words)] : [],
  };
}

const atTime = (iso: string | null): Inline[] => (iso === null ? [] : [" at ", { at: iso }]);

/** After these states, sending the same command again runs what is missing. */
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

export async function operationListReply({ last }: { readonly last: number }, facts: Facts): Promise<Reply> {
  const operations = await facts.operations(last);
  const rows = operations.map((operation) => [
    operation.id,
    operation.askedAt.slice(0, 19).replace("T", " "),
    operation.state,
    operation.words,
    operation.askedBy,
    operation.confirmedBy ?? "nobody",
    operation.result ?? "not ended",
  ]);
  return {
    title: `The latest ${counted(rows.length, "operation")}`,
    tone: "plain",
    parts:
      rows.length === 0
        ? [{ kind: "text", text: "Nothing was changed yet." }]
        : [
            {
              kind: "table",
              columns: ["id", "asked (UTC)", "state", "words", "asked by", "confirmed by", "result"],
              rows,
            },
          ],
    next: operations.slice(0, 1).map((operation) => `operation show ${operation.id}`),
  };
}
