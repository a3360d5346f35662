import { z } from "zod";
import {
  type AuditFilter,
  completed,
  entriesFound,
  type Found,
  type LoggedOperation,
  operationsFound,
} from "../../src/core/audit-search.ts";
import { defineQuery, type Facts } from "../../src/core/command.ts";
import { nameSchema } from "../../src/core/inventory.ts";
import { millisecondsOf, momentSchema } from "../../src/core/moment.ts";
import type { AuditEntry, AuditEvent } from "../../src/core/operation.ts";
import { operationIdSchema } from "../../src/core/operation-id.ts";
import type { Part, Reply } from "../../src/core/reply.ts";

export const auditList = defineQuery({
  name: "audit list",
  summary: "who changed what, when and with which result, from the audit log; steps=true lists every entry",
  args: z.strictObject({
    last: z.coerce.number().int().min(1).max(100).default(20).describe("how many"),
    steps: z
      .stringbool({ truthy: ["true", "yes"], falsy: ["false", "no"] })
      .default(false)
      .describe("every entry, queries and steps too"),
    since: momentSchema.optional().describe("from then on: 2h, 3d or 2026-11-29T10:00 (UTC)"),
    until: momentSchema.optional().describe("up to then"),
    who: z.string().min(1).optional().describe("who asked or confirmed: a mention, a user id, or a name in a terminal"),
    host: nameSchema.optional().describe("what concerned this host"),
    storage: nameSchema.optional().describe("what concerned this primary storage"),
    operation: operationIdSchema.optional().describe("this operation only"),
  }),
  positional: [],
  examples: ["audit list", "audit list since=2h steps=true", "audit list storage=ps-1 until=2026-11-29"],
  async answer({ last, steps, ...given }, facts) {
    const filter: AuditFilter = {
      since: given.since === undefined ? null : millisecondsOf(given.since, facts.now(), "from"),
      until: given.until === undefined ? null : millisecondsOf(given.until, facts.now(), "to"),
      who: given.who?.replace(/^@/, "") ?? null,
      host: given.host ?? null,
      storage: given.storage ?? null,
      operation: given.operation ?? null,
    };
    // The log knows where the entries of a kept operation are; whatever its age.
    const kept = filter.operation === null ? null : await facts.operation(filter.operation);
    const backwards = () => facts.auditBackwards(steps ? "all" : "of operations");
    const entries = kept === null ? backwards() : latestFirst(await facts.auditOf(kept));
    return steps
      ? entriesReply(await entriesFound(entries, filter, last, facts.inventory))
      : operationsReply(await operationsFound(entries, filter, last, facts.inventory), facts);
  },
});

async function* latestFirst(entries: readonly AuditEntry[]): AsyncGenerator<AuditEntry> {
  yield* entries.toReversed();
}

const clock = (at: string): string => at.slice(0, 19).replace("T", " ");

async function operationsReply(search: Found<LoggedOperation>, facts: Facts): Promise<Reply> {
  const found = await Promise.all(
    search.found.map(async (each) =>
      completed(each, each.words === null || each.ended === null ? await facts.operation(each.id) : null),
    ),
  );
  const rows = found.map(({ id, askedAt, askedBy, confirmedBy, words, ended }) => [
    id,
    clock(askedAt),
    askedBy ?? "not kept",
    confirmedBy ?? "nobody",
    words ?? "not kept",
    ended === null ? "not ended" : `${ended.state}: ${ended.result}`,
  ]);
  const columns = ["id", "asked (UTC)", "asked by", "confirmed by", "words", "end"];
  const only = "These are operations only: steps=true lists every entry, queries too.";
  return {
    ...reply(`The latest ${rows.length} operations in the audit log`, columns, rows, search, only),
    next: found.slice(0, 1).map(({ id }) => `operation show ${id}`),
  };
}

const entriesReply = (search: Found<AuditEntry>): Reply => {
  const rows = search.found.map((entry) => [
    String(entry.id),
    clock(entry.at),
    entry.by,
    entry.operationId ?? "none",
    eventText(entry.event),
    entry.hash.slice(0, 12),
  ]);
  const columns = ["no.", "time (UTC)", "by", "operation", "what", "hash"];
  return reply(`The latest ${rows.length} audit entries`, columns, rows, search, null);
};

function reply(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  { read, stoppedAt }: Found<unknown>,
  note: string | null,
): Reply {
  const stopped =
    stoppedAt === null
      ? null
      : `The latest ${read} entries were read, back to ${clock(stoppedAt)} UTC. What is older stands in audit.jsonl.`;
  const notes = [note, stopped].flatMap((text): Part[] => (text === null ? [] : [{ kind: "text", text }]));
  const table: Part =
    rows.length === 0 ? { kind: "text", text: "The log has nothing of that kind." } : { kind: "table", columns, rows };
  return { title, tone: "plain", parts: [table, ...notes], next: [] };
}

function eventText(event: AuditEvent): string {
  switch (event.kind) {
    case "begun":
      return `a new log began: ${event.reason}`;
    case "asked":
      return `asked: ${event.words}`;
    case "planned":
      return `planned ${event.digest.slice(0, 12)}: ${event.words}`;
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
