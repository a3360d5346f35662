import type { FileHandle } from "node:fs/promises";
import type { AuditEntry } from "../core/operation.ts";
import type { OperationStore } from "../flow/ports.ts";
import { linesBetween } from "./audit-file.ts";
import { brokenLink, parseAuditLine } from "./audit-line.ts";

export interface WholeChain {
  readonly kind: "whole";
  readonly entries: number;
  /** Of all whole lines: what follows is torn. */
  readonly bytes: number;
  readonly lastHash: string | null;
}
export interface BrokenChain {
  readonly kind: "broken";
  readonly line: number;
  readonly problem: string;
}
export type ChainVerdict = WholeChain | BrokenChain;

/**
 * Checks every entry and every link of a log, reading it once from its beginning, and that it reaches as far as is known
 * from elsewhere; stops at the first bad line.
 */
export async function verifyChain(file: FileHandle, size: number, knownBytes: number): Promise<ChainVerdict> {
  const broken = (line: number, problem: string): BrokenChain => ({ kind: "broken", line, problem });
  let before: AuditEntry | null = null;
  let number = 0;
  let bytes = 0;
  for await (const { text, end } of linesBetween(file, 0, size)) {
    number++;
    bytes = end;
    const read = entryOrProblem(text);
    if (typeof read === "string") return broken(number, read);
    const problem = brokenLink(before, read);
    if (problem !== null) return broken(number, problem);
    before = read;
  }
  if (bytes < knownBytes) {
    return broken(number + 1, `it is missing: the log ends at byte ${bytes}, but operations.json knows ${knownBytes}`);
  }
  return { kind: "whole", entries: number, bytes, lastHash: before?.hash ?? null };
}

/** How long the log was, as far as its operations know: each keeps where its entries begin and end. */
export const bytesKnownTo = (operations: OperationStore): number =>
  operations
    .latest(Number.MAX_SAFE_INTEGER)
    .reduce((most, { auditFrom, auditTo }) => Math.max(most, auditFrom, auditTo ?? 0), 0);

function entryOrProblem(text: string): AuditEntry | string {
  try {
    return parseAuditLine(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
