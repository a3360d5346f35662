import type { FileHandle } from "node:fs/promises";
import type { AuditEntry } from "../core/operation.ts";
import type { OperationStore } from "../flow/ports.ts";
import type { Anchor } from "./audit-anchor.ts";
import { type Line, linesBetween } from "./audit-file.ts";
import { brokenLink, parseAuditLine } from "./audit-line.ts";

export interface WholeChain {
  readonly kind: "whole";
  readonly entries: number;
  /** The length of all complete lines: the rest is a partial line. */
  readonly bytes: number;
  readonly lastHash: string | null;
}
export interface BrokenChain {
  readonly kind: "broken";
  readonly line: number;
  readonly problem: string;
}
export type ChainVerdict = WholeChain | BrokenChain;

/** The least length of the log, and who knows it. */
export interface KnownLength {
  readonly bytes: number;
  readonly says: string;
}
/** Facts about the log from other files or from Slack. */
export interface LogFacts {
  readonly lengths?: readonly KnownLength[];
  readonly anchors?: readonly Anchor[];
}

/**
 * Checks every entry and every link of a log, and compares it with the known facts. Reads it once from the beginning
 * and stops at the first bad line. `seen` gets each entry.
 */
export async function verifyChain(
  file: FileHandle,
  size: number,
  known: LogFacts = {},
  seen: (entry: AuditEntry, line: Line) => void = () => undefined,
): Promise<ChainVerdict> {
  const anchors = known.anchors ?? [];
  const broken = (line: number, problem: string): BrokenChain => ({ kind: "broken", line, problem });
  let before: AuditEntry | null = null;
  let number = 0;
  let bytes = 0;
  const lines = linesBetween(file, 0, size);
  for (;;) {
    const line = await nextOrProblem(lines);
    if (line === null) break;
    number++;
    if (typeof line === "string") return broken(number, line);
    bytes = line.end;
    const read = entryOrProblem(line.text);
    if (typeof read === "string") return broken(number, read);
    const problem = brokenLink(before, read);
    if (problem !== null) return broken(number, problem);
    const other = anchors.find(({ id, hash }) => id === read.id && !read.hash.startsWith(hash));
    if (other !== undefined) return broken(number, otherHash(read, other));
    before = read;
    seen(read, line);
  }
  const longer = known.lengths?.find((length) => length.bytes > bytes);
  if (longer !== undefined) {
    return broken(number + 1, `it is missing: the log ends at byte ${bytes}, but ${longer.says}`);
  }
  const beyond = anchors.find(({ id }) => id > number);
  if (beyond !== undefined) {
    return broken(
      number + 1,
      `it is missing: the log has ${number} ${number === 1 ? "entry" : "entries"}, but entry ${beyond.id} was reported as ${beyond.hash}`,
    );
  }
  return { kind: "whole", entries: number, bytes, lastHash: before?.hash ?? null };
}

const otherHash = ({ id, hash }: AuditEntry, reported: Anchor): string =>
  `entry ${id} has the hash ${hash.slice(0, reported.hash.length)}, but ${reported.hash} was reported: it or an earlier entry was rewritten`;

/** What the operations and the inventory of the same folder know of the log's length. */
export const lengthsKnownTo = (operationsKnow: number, inventory: KnownLength | null): KnownLength[] => [
  { bytes: operationsKnow, says: `operations.json knows ${operationsKnow}` },
  ...(inventory === null ? [] : [inventory]),
];

/** The least length of the log that its operations know: each has the start and end of its entries. */
export const bytesKnownTo = (operations: OperationStore): number =>
  operations
    .latest(Number.MAX_SAFE_INTEGER)
    .reduce((most, { auditFrom, auditTo }) => Math.max(most, auditFrom, auditTo ?? 0), 0);

/** null at the end. */
async function nextOrProblem(lines: AsyncGenerator<Line>): Promise<Line | string | null> {
  try {
    const { done, value } = await lines.next();
    return done ? null : value;
  } catch (error) {
    // A read error of the disk is not an error of the chain.
    if (!(error instanceof Error) || "code" in error) throw error;
    return error.message;
  }
}

function entryOrProblem(text: string): AuditEntry | string {
  try {
    return parseAuditLine(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
