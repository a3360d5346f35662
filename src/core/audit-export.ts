import { type AuditConditions, filterOf } from "./audit-reply.ts";
import { entriesFound, type LoggedOperation, operationsFound, sieveOf } from "./audit-search.ts";
import { counted } from "./counted.ts";
import type { Facts } from "./facts.ts";
import type { AuditEntry } from "./operation.ts";
import { CHARACTERS, SliceLimit, yieldToOthers } from "./parts.ts";
import type { PlanDecision } from "./plan-decisions.ts";
import type { AttachedFile, Part, Reply } from "./reply.ts";

interface ExportRequest extends AuditConditions {
  readonly steps: boolean;
}

/** The most rows of a file, and the most characters. Spreadsheets and Slack take more, but the bot has other work. */
const MOST_ROWS = 20_000;
const MOST_CHARACTERS = 8 * 1024 * 1024;
/** An operation has more entries than its row shows. */
const MOST_READ = 200_000;

type Row = Readonly<Record<string, unknown>>;

/** The log as files for other programs: CSV, and JSON Lines with the same rows. The oldest row is first. */
export async function auditExportReply({ steps, ...given }: ExportRequest, facts: Facts): Promise<Reply> {
  const filter = filterOf(given, facts.now());
  const sieve = sieveOf(filter, facts.inventory);
  const [limit, { inventory, audit }] = [MOST_ROWS + 1, facts];
  const search = steps
    ? await entriesFound(audit.backwards(sieve), filter, limit, inventory, MOST_READ)
    : await operationsFound(audit.operations(sieve), filter, limit, inventory, MOST_READ);
  const rows = search.found.map((each) => ("event" in each ? entryRow(each) : operationRow(each)));
  const what = steps ? "entry" : "operation";
  if (rows.length === 0) {
    const none: Part = { kind: "text", text: "No entry of the log matches." };
    return { title: "Nothing found in the audit log", tone: "plain", parts: [none], next: [] };
  }
  const { files, written } = await filesOf(rows);
  const isCut = written < rows.length || search.stoppedAt !== null;
  const oldest = search.found[written - 1];
  const since = oldest === undefined ? "" : "event" in oldest ? oldest.at : oldest.askedAt;
  const cut: Part[] = isCut
    ? [
        {
          kind: "text",
          tone: "warning",
          text: [`Older ones are left out. To get them, add `, { code: `until=${since.slice(0, 23)}` }],
        },
      ]
    : [];
  return {
    title: `${countOf(written, what)} of the audit log`,
    tone: isCut ? "warning" : "plain",
    parts: [{ kind: "text", text: "audit.csv and audit.jsonl have the same rows, the oldest first." }, ...cut],
    next: [],
    files,
  };
}

const countOf = (count: number, what: "entry" | "operation"): string =>
  what === "operation" ? counted(count, what) : `${count} ${count === 1 ? "entry" : "entries"}`;

const operationRow = ({ id, askedAt, askedBy, decisions, ...more }: LoggedOperation): Row => {
  const { confirmedBy, risk, words, ended, link } = more;
  return {
    ...{ operation: id, askedAt, askedBy },
    ...decisionColumns(decisions),
    ...{ confirmedBy, risk, words },
    ...{ state: ended?.state ?? null, result: ended?.result ?? null, link },
  };
};

/** The same columns in each row. `reason`: of the rejection or of the break-glass. */
function decisionColumns(decisions: readonly PlanDecision[]): Row {
  const by = (kind: PlanDecision["kind"]) => decisions.find((each) => each.kind === kind)?.by ?? null;
  const reason = decisions.find((each) => each.reason !== null)?.reason ?? null;
  return { approvedBy: by("approved"), rejectedBy: by("rejected"), breakGlassBy: by("break-glass"), reason };
}

const entryRow = ({ id, at, by, operationId, event, previousHash, hash }: AuditEntry): Row => ({
  ...{ id, at, by, operationId, event, previousHash, hash },
});

/** `rows`: the latest first. As many of the latest as fit. */
async function filesOf(rows: readonly Row[]): Promise<{ readonly files: AttachedFile[]; readonly written: number }> {
  const [csv, json]: [string[], string[]] = [[], []];
  const slice = new SliceLimit(CHARACTERS);
  let characters = 0;
  for (const row of rows.slice(0, MOST_ROWS)) {
    const [asCsv, asJson] = [Object.values(row).map(csvCell).join(","), JSON.stringify(row)];
    characters += Math.max(asCsv.length, asJson.length);
    if (characters > MOST_CHARACTERS && csv.length > 0) break;
    csv.push(asCsv);
    json.push(asJson);
    if (slice.isOver(asCsv.length + asJson.length)) await yieldToOthers();
  }
  const head = Object.keys(rows[0] ?? {}).join(",");
  const file = (name: string, lines: readonly string[], end: string): AttachedFile => {
    return { name, content: lines.map((line) => `${line}${end}`).join(""), altText: null, isData: true };
  };
  const files = [file("audit.csv", [head, ...csv.toReversed()], "\r\n"), file("audit.jsonl", json.toReversed(), "\n")];
  return { files, written: csv.length };
}

/** As RFC 4180 writes it. A spreadsheet would run a text that begins as a formula. */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
