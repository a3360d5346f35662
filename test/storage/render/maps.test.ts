import { expect, it } from "vitest";
import { textOf } from "../../../src/core/reply.ts";
import { InMemory } from "../../flow/in-memory.ts";

it("multipath status of 40 hosts shows one fact of several hosts in one line, and counts the others", async () => {
  const world = new InMemory([40], 6);
  const { parts } = await world.answers("multipath status cluster-1");
  const tables = parts.flatMap((part) => (part.kind === "table" ? [part] : []));
  // Each LUN is one row, with any names of its paths on each host.
  expect(tables.map(({ columns, rows }) => [columns.slice(0, 4), rows.length])).toEqual([
    [["health", "paths", "LUN", "hosts"], 6],
  ]);
  expect(tables[0]?.rows[0]?.slice(0, 4)).toEqual([
    ...["healthy", "4/4", `…${world.wwids[0]?.slice(-6)}`],
    "all 40 hosts",
  ]);
  const texts = parts.flatMap((part) => (part.kind === "text" ? [textOf(part.text)] : []));
  expect(texts[0]).toBe("240 maps: 0 lost, 0 degraded, 240 healthy.");
});

it("names a map by its WWID if it has no alias, never by the kernel's number", async () => {
  const world = new InMemory([3], 1);
  for (const host of world.san.state.hosts) for (const map of host.maps) map.alias = map.wwid;
  world.san.changed();
  const wwid = world.wwids[0] ?? "";
  const { parts } = await world.answers("multipath status cluster-1");
  const [table] = parts.flatMap((part) => (part.kind === "table" ? [part] : []));
  expect(table?.rows[0]?.slice(4)).toEqual([`…${wwid.slice(-6)}`, "4 active ready running", wwid]);
  for (const words of ["multipath status cluster-1", "lun list cluster-1", `lun show cluster-1 ${wwid}`]) {
    expect(JSON.stringify((await world.answers(words)).parts), words).not.toMatch(/\bdm-\d/);
  }
});
