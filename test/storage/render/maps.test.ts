import { expect, it } from "vitest";
import { textOf } from "../../../src/core/reply.ts";
import { InMemory } from "../../flow/in-memory.ts";

it("multipath status of 40 hosts shows one fact of several hosts in one line, and counts the others", async () => {
  const world = new InMemory([40], 6);
  const { parts } = await world.answers("multipath status cluster-1");
  const tables = parts.flatMap((part) => (part.kind === "table" ? [part] : []));
  // Each LUN is one row, whatever its paths are called on each host.
  expect(tables.map(({ columns, rows }) => [columns.slice(0, 4), rows.length])).toEqual([
    [["health", "paths", "LUN", "hosts"], 6],
  ]);
  expect(tables[0]?.rows[0]?.slice(0, 4)).toEqual([
    ...["healthy", "4/4", `…${world.wwids[0]?.slice(-6)}`],
    "bench-host1, bench-host2, bench-host3, bench-host4 and 36 more",
  ]);
  const texts = parts.flatMap((part) => (part.kind === "text" ? [textOf(part.text)] : []));
  expect(texts[0]).toBe("240 maps: 0 lost, 0 degraded, 240 healthy.");
});
