import { z } from "zod";
import { defineQuery } from "../../src/core/command.ts";

export const operationList = defineQuery({
  name: "operation list",
  summary: "the latest changes: who asked, who confirmed, how each ended",
  args: z.strictObject({ last: z.coerce.number().int().min(1).max(100).default(20).describe("how many") }),
  positional: [],
  examples: ["operation list", "operation list last=50"],
  async answer({ last }, facts) {
    const operations = await facts.operations(last);
    const rows = operations.map((operation) => [
      operation.id,
      operation.askedAt.slice(0, 19).replace("T", " "),
      operation.state,
      operation.words,
      operation.askedBy,
      operation.confirmedBy ?? "nobody",
      operation.result ?? "not ended",
    ]);
    return {
      title: `The latest ${rows.length} operations`,
      tone: "plain",
      parts:
        rows.length === 0
          ? [{ kind: "text", text: "Nothing was changed yet." }]
          : [
              {
                kind: "table",
                columns: ["id", "asked (UTC)", "state", "words", "asked by", "confirmed by", "result"],
                rows,
              },
            ],
      next: operations.slice(0, 1).map((operation) => `operation show ${operation.id}`),
    };
  },
});
