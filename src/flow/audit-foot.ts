import type { AuditLog } from "./ports.ts";

/** Enough that nobody finds another log with the same beginning. */
const SHOWN_DIGITS = 16;

/**
 * The last line of an operation's end: how far the audit log had come, and its hash there. The chain alone proves the order
 * of entries, not who wrote them; what stands in Slack tells a log that was written anew. Asked once the operation's
 * own end is in the log. `npm run audit:verify -- --anchor N:HASH` compares it.
 */
export function auditFoot(audit: AuditLog): string {
  const { id, hash } = audit.head();
  return `audit ${id}:${hash.slice(0, SHOWN_DIGITS)}`;
}
