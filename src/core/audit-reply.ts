import {
  type AuditFilter,
  completed,
  entriesFound,
  type Found,
  type LoggedOperation,
  operationsFound,
  sieveOf,
} from "./audit-search.ts";
import type { Facts } from "./facts.ts";
import { historyPart, latestTitle } from "./history.ts";
import { millisecondsOf } from "./moment.ts";
import type { AuditEntry, AuditEvent, OperationState } from "./operation.ts";
import type { Risk } from "./policy.ts";
import type { Cell, Part, Reply } from "./reply.ts";

/** The conditions of a search as people type them. */
export interface AuditConditions {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly who?: string | undefined;
  readonly host?: string | undefined;
  readonly cluster?: string | undefined;
  readonly storage?: string | undefined;
  readonly wwid?: string | undefined;
  readonly operation?: string | undefined;
  readonly outcome?: OperationState | undefined;
  readonly risk?: Risk | undefined;
}
interface AuditRequest extends AuditConditions {
  readonly last: number;
  readonly steps: boolean;
}

export const filterOf = (given: AuditConditions, nowMs: number): AuditFilter => ({
  since: given.since === undefined ? null : millisecondsOf(given.since, nowMs, "from"),
  until: given.until === undefined ? null : millisecondsOf(given.until, nowMs, "to"),
  who: given.who?.replace(/^@/, "") ?? null,
  host: given.host ?? null,
  cluster: given.cluster ?? null,
  storage: given.storage ?? null,
  wwid: given.wwid ?? null,
  operation: given.operation ?? null,
  outcome: given.outcome ?? null,
  risk: given.risk ?? null,
});

export async function auditReply({ last, steps, ...given }: AuditRequest, facts: Facts): Promise<Reply> {
  const filter = filterOf(given, facts.now());
  const sieve = sieveOf(filter, facts.inventory);
  if (steps) return entriesReply(await entriesFound(facts.audit.backwards(sieve), filter, last, facts.inventory));
  const operations = facts.audit.operations(sieve);
  return operationsReply(await operationsFound(operations, filter, last, facts.inventory), facts);
}

const clock = (at: string): string => at.slice(0, 19).replace("T", " ");

async function operationsReply(search: Found<LoggedOperation>, facts: Facts): Promise<Reply> {
  const found = await Promise.all(
    search.found.map(async (each) =>
      completed(each, each.words === null || each.ended === null ? await facts.operation(each.id) : null),
    ),
  );
  const operations = found.map(({ ended, ...each }) => ({
    ...each,
    state: ended?.state ?? null,
    result: ended?.result ?? null,
  }));
  const only = "These are operations only: steps=true lists every entry, queries too.";
  return {
    ...reply("operation", found.length, historyPart(operations), search, only),
    next: found.slice(0, 1).map(({ id }) => `audit show ${id}`),
  };
}

const entriesReply = (search: Found<AuditEntry>): Reply => {
  const rows = search.found.map((entry): Cell[] => [
    String(entry.id),
    { person: entry.by },
    eventText(entry.event),
    clock(entry.at),
    entry.operationId ?? "none",
    entry.hash.slice(0, 12),
  ]);
  const columns = ["no.", "by", "what", "time (UTC)", "operation", "hash"];
  return reply("entry", rows.length, { kind: "table", columns, rows }, search, null);
};

function reply(
  what: "operation" | "entry",
  count: number,
  part: Part,
  { read, stoppedAt }: Found<unknown>,
  note: string | null,
): Reply {
  const stopped =
    stoppedAt === null
      ? null
      : `${read} entries were read, back to ${clock(stoppedAt)} UTC. Older ones were not searched: add a condition.`;
  const notes = [note, stopped].flatMap((text): Part[] => (text === null ? [] : [{ kind: "text", text }]));
  const none: Part = { kind: "text", text: "No entry of the log matches." };
  const title = `${latestTitle(count, what, what === "entry" ? "entries" : "operations")} in the audit log`;
  return {
    title: count === 0 ? "Nothing found in the audit log" : title,
    tone: "plain",
    parts: [count === 0 ? none : part, ...notes],
    next: [],
  };
}

function eventText(event: AuditEvent): string {
  switch (event.kind) {
    case "begun":
      return `a new log began: ${event.reason}`;
    case "asked":
      return event.breakGlass === undefined
        ? `asked${event.by === "button" ? " by a button" : ""}: ${event.words}`
        : `BREAK-GLASS: asked while Slack was away (${event.breakGlass.away}): ${event.words}: ${event.breakGlass.reason}`;
    case "acted":
      return `did ${event.words}: ${event.result}`;
    case "planned":
      return `planned ${event.digest.slice(0, 12)}: ${event.words}`;
    case "confirmed":
      return `confirmed the plan ${event.digest.slice(0, 12)}`;
    case "approved":
      return `approved the plan ${event.digest.slice(0, 12)}`;
    case "rejected":
      return `rejected the plan ${event.digest.slice(0, 12)}: ${event.reason}`;
    case "break-glass":
      return `BREAK-GLASS: did without an approver for the plan ${event.digest.slice(0, 12)}: ${event.reason}`;
    case "began":
      return `began on ${event.host}: ${event.argv.join(" ")}`;
    case "finished": {
      const { outcome } = event;
      const step = `${event.stepId} on ${event.host}`;
      if ("reason" in outcome) return `${step}: ${outcome.kind}: ${outcome.reason}`;
      if (outcome.exitCode === null) return `${step}: not run, done already`;
      return `${step}: ${outcome.kind}, exit code ${outcome.exitCode}`;
    }
    case "recording":
      return `began to record ${event.changes.length === 1 ? "1 change" : `${event.changes.length} changes`} of the inventory`;
    case "recorded":
      return event.problem === null ? "recorded them" : `could not record them: ${event.problem}`;
    case "stopping":
      return "asked to stop after this step";
    case "ended":
      return `ended ${event.state}: ${event.result}`;
  }
}
