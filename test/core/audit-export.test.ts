import { describe, expect, it } from "vitest";
import { auditExportReply } from "../../src/core/audit-export.ts";
import type { Facts } from "../../src/core/facts.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import type { AuditEntry } from "../../src/core/operation.ts";
import { plainLines, type Reply } from "../../src/core/reply.ts";

/** One export has at most 8 MiB. */
const words = "x".repeat(1024 * 1024);
const COUNT = 12;

/** Plans of one operation each, some in the same second. */
const log = Array.from({ length: COUNT }, (_, index): AuditEntry => {
  const at = new Date(Date.parse("2026-11-30T02:00:35.000Z") + index * 70).toISOString();
  const event = { kind: "planned", words, digest: "d", risk: "reversible" } as const;
  return { id: index + 1, at, by: "U1", operationId: `op-${index + 1}`, event, previousHash: "", hash: "" };
});

const facts = {
  inventory: emptyInventory,
  now: () => Date.parse("2026-11-30T03:00:00.000Z"),
  audit: {
    async *backwards() {
      yield* log.toReversed();
    },
    async *operations() {
      for (const entry of log.toReversed()) yield [entry];
    },
  },
} as unknown as Facts;

const rowsOf = ({ files = [] }: Reply): { readonly id?: number; readonly operation?: string }[] =>
  String(files.find(({ name }) => name === "audit.jsonl")?.content)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const hintIn = ({ parts }: Reply): string | undefined => /until=(\S+)/.exec(plainLines(parts).join("\n"))?.[1];

describe("an export that is cut", () => {
  it.each([true, false])("has every row together with the export that its message names: steps=%s", async (steps) => {
    const first = await auditExportReply({ steps }, facts);
    const until = hintIn(first);
    expect(until).toBeDefined();
    const second = await auditExportReply({ steps, until }, facts);
    expect(hintIn(second)).toBeUndefined();
    const found = [...rowsOf(second), ...rowsOf(first)].map(({ id, operation }) => (steps ? `op-${id}` : operation));
    expect([...new Set(found)]).toEqual(log.map(({ operationId }) => operationId));
  });
});
