import type { AuditLog } from "./ports.ts";

/** Enough digits that nobody can make another log with the same ones. */
const SHOWN_DIGITS = 16;

/**
 * The last line of an operation's end: the number and the hash of the log's last entry. The chain alone proves the
 * order of entries, not who wrote them. The line in Slack shows if the log was rewritten later. It is made after the
 * operation's own end is in the log. `npm run audit:verify -- --anchor N:HASH` compares it.
 */
export function auditFoot(audit: AuditLog): string {
  const { id, hash } = audit.head();
  return `audit ${id}:${hash.slice(0, SHOWN_DIGITS)}`;
}
