import { expect, it } from "vitest";
import { quietParts } from "../../src/core/quiet.ts";
import type { Part } from "../../src/core/reply.ts";

it("a list shows each person without a mention, and leaves everything else as it is", () => {
  const table: Part = { kind: "table", columns: ["who"], rows: [["U1"]] };
  const parts: readonly Part[] = [
    { kind: "text", text: ["by ", { person: "U1" }, { group: "S1" }], tone: "bad" },
    { kind: "fields", fields: [["owner", [{ person: "U2" }]]] },
    { kind: "text", text: "U3" },
    table,
  ];
  expect(quietParts(parts)).toEqual([
    { kind: "text", text: ["by ", { person: "U1", isQuiet: true }, { group: "S1" }], tone: "bad" },
    { kind: "fields", fields: [["owner", [{ person: "U2", isQuiet: true }]]] },
    { kind: "text", text: "U3" },
    table,
  ]);
});
