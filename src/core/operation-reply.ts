import type { Facts } from "./facts.ts";
import { historyPart, latestTitle } from "./history.ts";
import { type AuditEvent, type Operation, type OperationState, type OutcomeRecord, runsIn } from "./operation.ts";
import { breakGlassParts, decisionFields, decisionsIn, decisionsOf, type PlanDecision } from "./plan-decisions.ts";
import { Refusal, reason } from "./refusal.ts";
import { type Inline, linesPart, type Part, type Reply, runAgain, type Text } from "./reply.ts";

export async function operationReply({ id }: { readonly id: string }, facts: Facts): Promise<Reply> {
  const operation = await facts.operation(id);
  if (operation === null) {
    const why = reason("NOT_FOUND", "the bot keeps no operation of this id", "type an id of the list");
    throw new Refusal(`Operation ${id} does not exist`, why, { next: ["operation list"] });
  }
  const entries = await facts.audit.of(operation.id);
  const runs = runsIn(entries);
  const notDone = runs.filter(({ outcome }) => outcome?.kind !== "done");
  const logged = decisionsIn(entries);
  const decisions = logged.length > 0 ? logged : decisionsOf(operation);
  const records = entries.flatMap(({ event }) => recordLines(event));
  return {
    title: `${operation.id}: ${operation.title}: ${operation.state}`,
    tone: operation.state === "done" ? "good" : "plain",
    parts: [
      ...breakGlassParts(decisions),
      {
        kind: "fields",
        fields: [
          ["words", [{ code: operation.words }]],
          ["asked by", [{ person: operation.askedBy, isQuiet: true }, " at ", { at: operation.askedAt }]],
          ...secondFields(operation, decisions),
          [
            "confirmed by",
            operation.confirmedBy === null
              ? "nobody"
              : [{ person: operation.confirmedBy, isQuiet: true }, ...atTime(operation.confirmedAt)],
          ],
          ["ended", operation.finishedAt === null ? "not yet" : [{ at: operation.finishedAt }]],
          ["result", operation.result ?? "none yet"],
        ],
      },
      ...(notDone.length > 0 ? [linesPart("Not done", notDone.slice(0, MOST_NOT_DONE).map(notDoneLine), "bad")] : []),
      ...(runs.length > 0 ? [commandsTable(runs)] : []),
      ...(operation.state === "planned" && operation.shown.length > 0
        ? [{ kind: "code", caption: "The plan, not confirmed yet", lines: operation.shown } satisfies Part]
        : []),
      ...(records.length > 0
        ? [{ kind: "code", caption: "Changes of the inventory", lines: records } satisfies Part]
        : []),
    ],
    next: unfinished.includes(operation.state) ? [runAgain(operation.words)] : [],
  };
}

function secondFields({ second, state }: Operation, decisions: readonly PlanDecision[]): (readonly [string, Text])[] {
  if (decisions.length > 0 || second === null) return decisionFields(decisions);
  return [["approved by", state === "planned" ? "nobody yet" : "nobody"]];
}

const atTime = (iso: string | null): Inline[] => (iso === null ? [] : [" at ", { at: iso }]);

/** After these states, sending the same command again runs what is missing. */
const unfinished: readonly OperationState[] = ["failed", "refused", "stopped", "unknown", "expired", "cancelled"];

function recordLines(event: AuditEvent): string[] {
  if (event.kind === "recording") return event.changes.map((change) => JSON.stringify(change));
  if (event.kind !== "recorded") return [];
  return [event.problem === null ? "# recorded" : `# not recorded: ${event.problem}`];
}

type Run = ReturnType<typeof runsIn>[number];

/** More of them are in the table only. */
const MOST_NOT_DONE = 6;

const notDoneLine = ({ began: { host, argv }, outcome }: Run): Inline[] => [
  `${host}: `,
  { code: argv.join(" ") },
  `: ${outcomeText(outcome)}`,
];

/** What decides is first. */
const commandsTable = (runs: readonly Run[]): Part => ({
  kind: "table",
  caption: "Host commands",
  columns: ["host", "outcome", "command", "effect", "began (UTC)"],
  rows: runs.map(({ began: { host, effect, argv }, at, outcome }) => [
    ...[host, outcomeText(outcome), argv.join(" "), effect, at.slice(11, 23)],
  ]),
});

function outcomeText(outcome: OutcomeRecord | null): string {
  if (outcome === null) return "running or unknown";
  if (outcome.kind === "done" && outcome.exitCode === null) return "not run: done already";
  if (outcome.kind === "done") return `done, exit code ${outcome.exitCode}`;
  if (outcome.kind === "failed") return `failed, exit code ${outcome.exitCode}: ${outcome.stderr.trim()}`;
  return `${outcome.kind}: ${outcome.reason}`;
}

const withDecisions = (operation: Operation) => ({ ...operation, decisions: decisionsOf(operation) });

export async function operationListReply({ last }: { readonly last: number }, facts: Facts): Promise<Reply> {
  const operations = await facts.operations(last);
  return {
    title: operations.length === 0 ? "No operations yet" : latestTitle(operations.length, "operation"),
    tone: "plain",
    parts: [
      operations.length === 0
        ? { kind: "text", text: "Nothing was changed yet." }
        : historyPart(operations.map(withDecisions)),
    ],
    next: operations.slice(0, 1).map((operation) => `operation show ${operation.id}`),
  };
}
