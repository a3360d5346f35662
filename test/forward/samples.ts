import type { AuditEntry, AuditEvent } from "../../src/core/operation.ts";
import type { AuditLog, ForwardedPosition, ForwardedPositions } from "../../src/flow/ports.ts";
import { auditLine, noHash } from "../../src/store/audit-line.ts";

export const asked = (words: string): AuditEvent => ({ kind: "asked", words });

/** An audit log in memory: as the one on disk, but for its file. */
export class LogInMemory implements Pick<AuditLog, "head" | "after"> {
  readonly entries: AuditEntry[] = [];

  constructor(...events: readonly AuditEvent[]) {
    for (const event of events) this.append(event);
  }

  append(event: AuditEvent, operationId: string | null = null): AuditEntry {
    const previousHash = this.head().hash;
    const unchained = {
      id: this.entries.length + 1,
      at: "2026-11-30T02:03:04.123Z",
      by: "U0ALICE01",
      operationId,
      event,
    };
    const { entry } = auditLine({ ...unchained, previousHash });
    this.entries.push(entry);
    return entry;
  }

  head() {
    const last = this.entries.at(-1);
    return { id: last?.id ?? 0, hash: last?.hash ?? noHash };
  }

  async after(id: number, limit: number) {
    return this.entries.filter((each) => each.id > id).slice(0, limit);
  }
}

/** Positions in memory. With `problem` nothing is written. */
export class PositionsInMemory implements ForwardedPositions {
  readonly kept = new Map<string, ForwardedPosition>();
  problem: Error | null = null;

  of(receiver: string) {
    return this.kept.get(receiver) ?? null;
  }
  async keep(receiver: string, position: ForwardedPosition) {
    if (this.problem !== null) throw this.problem;
    this.kept.set(receiver, position);
  }
}

/** Asks again and again. On a busy computer it waits long. undefined: it did not become so. */
export async function until<T>(ask: () => T | undefined): Promise<T | undefined> {
  for (const end = Date.now() + 240_000; Date.now() < end; ) {
    const found = ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return undefined;
}
