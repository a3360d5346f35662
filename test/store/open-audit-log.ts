import { afterEach } from "vitest";
import type { AuditEvent } from "../../src/core/operation.ts";
import { type OpenAuditLog, openAuditLog } from "../../src/store/audit-log.ts";

const opened: OpenAuditLog[] = [];
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
});

/** The log of a directory. It is closed after the test. */
export async function open(...from: Parameters<typeof openAuditLog>): Promise<OpenAuditLog> {
  const log = await openAuditLog(...from);
  opened.push(log);
  return log;
}

export const asked = (words: string): AuditEvent => ({ kind: "asked", words });
