import type { FileHandle } from "node:fs/promises";
import type { AuditEntry } from "../core/operation.ts";
import { linesBetween } from "./audit-file.ts";
import { brokenLink, parseAuditLine } from "./audit-line.ts";

export type ChainVerdict =
  | { readonly kind: "whole"; readonly entries: number; readonly lastHash: string | null }
  | { readonly kind: "broken"; readonly line: number; readonly problem: string };

/** Checks every entry and every link of a log, reading it once from its beginning; stops at the first bad line. */
export async function verifyChain(file: FileHandle, size: number): Promise<ChainVerdict> {
  let before: AuditEntry | null = null;
  let number = 0;
  for await (const { text } of linesBetween(file, 0, size)) {
    number++;
    const read = entryOrProblem(text);
    if (typeof read === "string") return { kind: "broken", line: number, problem: read };
    const problem = brokenLink(before, read);
    if (problem !== null) return { kind: "broken", line: number, problem };
    before = read;
  }
  return { kind: "whole", entries: number, lastHash: before?.hash ?? null };
}

function entryOrProblem(text: string): AuditEntry | string {
  try {
    return parseAuditLine(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
