import { createHash } from "node:crypto";
import { type AuditEntry, auditEntrySchema } from "../core/operation.ts";

/** The `previousHash` of the first entry. */
export const noHash = "0".repeat(64);

/**
 * An entry is one line of JSON that ends in its hash:
 *
 *     {"id":7,"at":"…","by":"U1","operationId":"op-3","event":{…},"previousHash":"…","hash":"…"}
 *
 * The hash is SHA-256 over the exact text before `,"hash"` plus a closing brace. Any tool can check it, and it does not
 * depend on the key order of a JSON library.
 */
export function auditLine(entry: Omit<AuditEntry, "hash">): { entry: AuditEntry; line: string } {
  const { id, at, by, operationId, event, previousHash } = entry;
  const text = JSON.stringify({ id, at, by, operationId, event, previousHash });
  const hash = sha256(text);
  const line = `${text.slice(0, -1)},"hash":"${hash}"}`;
  return { entry: parseAuditLine(line), line };
}

/** Throws if the line is not an entry, or if its hash is not that of its text. */
export function parseAuditLine(line: string): AuditEntry {
  const end = line.match(/,"hash":"([0-9a-f]{64})"\}$/);
  if (end === null) throw new Error("it does not end in a hash");
  if (sha256(`${line.slice(0, -end[0].length)}}`) !== end[1]) throw new Error("its hash is not that of its text");
  const result = auditEntrySchema.safeParse(JSON.parse(line));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Error(issue ? `${issue.path.join(".")}: ${issue.message}` : result.error.message);
}

/** What an entry continues. */
export type Link = Pick<AuditEntry, "id" | "hash">;

/** The error between an entry and the one before it (null for the first), or null. */
export function brokenLink(before: Link | null, entry: AuditEntry): string | null {
  const id = (before?.id ?? 0) + 1;
  if (entry.id !== id) return `its id is ${entry.id} where ${id} was expected: entries are missing or in another order`;
  if (entry.previousHash !== (before?.hash ?? noHash)) return "it does not continue the entry before it";
  return null;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
