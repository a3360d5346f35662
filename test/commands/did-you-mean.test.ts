import fc from "fast-check";
import { expect, it } from "vitest";
import { commands } from "../../src/all-commands.ts";
import type { Inventory } from "../../src/core/inventory.ts";
import { namesAreKnown } from "../../src/flow/known-names.ts";
import { understand } from "../../src/language/understand.ts";

const uuid = (digit: string) => digit.repeat(32);
const inventory: Inventory = {
  zones: [{ uuid: uuid("1"), name: "ZONE-1" }],
  clusters: [{ uuid: uuid("2"), name: "cluster-1", zoneUuid: uuid("1") }],
  hosts: [],
  primaryStorages: [],
  lastSanlockHostId: 0,
};
const world = {
  inventory: { current: () => inventory, apply: async () => undefined },
  operations: {
    get: () => null,
    latest: () => [],
    change: async () => null,
    create: async () => {
      throw new Error("nothing is made here");
    },
  },
};

const names = commands.map(({ name }) => name);
const examples = commands.flatMap((command) => command.examples.map((example) => ({ name: command.name, example })));

/** A command's example with one slip in its name, and words left out or put in behind it. */
const slips = fc
  .record({
    of: fc.constantFrom(...examples),
    at: fc.nat(40),
    slip: fc.constantFrom("drop", "double", "swap", "other"),
    kept: fc.nat(6),
    more: fc.constantFrom("", " cluster-1", " ZONE-1", " nowhere", " x=1", " a b c", ' "open'),
  })
  .map(({ of: { name, example }, at, slip, kept, more }) => {
    const place = at % name.length;
    const [one = "", two = ""] = [name[place], name[place + 1]];
    const changed = { drop: "", double: one + one, swap: two + one, other: "q" }[slip];
    const typed = name.slice(0, place) + changed + name.slice(place + (slip === "swap" ? 2 : 1));
    const rest = example.slice(name.length).split(" ").slice(0, kept).join(" ");
    return `${typed}${rest}${more}`;
  });

it("no line is suggested that would be refused for its words or its names", () => {
  let suggested = 0;
  fc.assert(
    fc.property(slips, (line) => {
      const knows: Parameters<typeof understand>[2] = (command, args) => namesAreKnown(command, args, world);
      const typed = understand(line, commands, knows);
      if (typed.kind !== "misunderstood") return;
      for (const next of typed.reply.next) {
        const meant = understand(next, commands, knows);
        expect(meant.kind, `${line} → ${next}`).not.toBe("misunderstood");
        if (meant.kind !== "command") continue;
        expect(namesAreKnown(meant.command, meant.args, world), `${line} → ${next}`).toBe(true);
        if (meant.command.name !== "help") suggested += 1;
      }
    }),
    { numRuns: 2_000 },
  );
  expect(suggested).toBeGreaterThan(0);
  expect(names.length).toBeGreaterThan(20);
});

it.each([
  ["lun lis cluster-1", "lun list cluster-1"],
  ["lun lis cluster-9", "help lun list"],
  ["zone ad ZONE-2", "zone add ZONE-2"],
  ["zone ad ZONE-1", "help zone add"],
  ["inventry ZONE-1", "inventory ZONE-1"],
  ["inventry cluster-1", "inventory cluster-1"],
  ["inventry ps-1", "help inventory"],
  ["operaton show op-1", "help operation show"],
])("%j is answered with %j", (line, first) => {
  const typed = understand(line, commands, (command, args) => namesAreKnown(command, args, world));
  expect(typed.kind === "misunderstood" ? typed.reply.next[0] : typed.kind).toBe(first);
});
