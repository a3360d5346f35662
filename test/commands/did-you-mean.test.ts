import fc from "fast-check";
import { expect, it } from "vitest";
import { commands } from "../../src/all-commands.ts";
import type { Inventory } from "../../src/core/inventory.ts";
import { type OperatorError, operatorError, reason } from "../../src/core/refusal.ts";
import { namesAreKnown } from "../../src/flow/known-names.ts";
import type { World } from "../../src/flow/ports.ts";
import { understoodBy } from "../../src/flow/suggestions.ts";
import { understand } from "../../src/language/understand.ts";
import { runsOf } from "../scenario/rows.ts";
import { suggestedBy } from "../support/errors.ts";
import { defaultPolicies, noAccess, permissionOf } from "../support/permission.ts";

const uuid = (digit: string) => digit.repeat(32);
const inventory: Inventory = {
  zones: [{ uuid: uuid("1"), name: "ZONE-1" }],
  clusters: [{ uuid: uuid("2"), name: "cluster-1", zoneUuid: uuid("1") }],
  hosts: [],
  primaryStorages: [],
  lastSanlockHostId: 0,
};
const world = {
  watch: () => null,
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

it("a suggested line is never refused for its words or its names", () => {
  let suggested = 0;
  fc.assert(
    fc.property(slips, (line) => {
      const knows: Parameters<typeof understand>[2] = (command, args) => namesAreKnown(command, args, world);
      const typed = understand(line, commands, knows);
      if (typed.kind !== "misunderstood") return;
      for (const next of suggestedBy(typed.reply)) {
        const meant = understand(next, commands, knows);
        expect(meant.kind, `${line} → ${next}`).not.toBe("misunderstood");
        if (meant.kind !== "command") continue;
        expect(namesAreKnown(meant.command, meant.args, world), `${line} → ${next}`).toBe(true);
        if (meant.command.name !== "help") suggested += 1;
      }
    }),
    { numRuns: runsOf(2_000) },
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
  expect(typed.kind === "misunderstood" ? suggestedBy(typed.reply)[0] : typed.kind).toBe(first);
});

/** A bot that has no host to ask. */
function botOf(given: Partial<Inventory>, whyNot: OperatorError | null = null): World {
  return {
    ...world,
    inventory: { ...world.inventory, current: () => ({ ...inventory, ...given }) },
    permission: permissionOf(() => whyNot),
    access: noAccess,
    policies: defaultPolicies,
    clock: { now: () => new Date("2026-11-29T10:00:00Z"), sleep: async () => undefined },
  } as unknown as World;
}
const typedBy = (words: string, mayNotChangeHere: OperatorError | null = null) => ({
  ...{ words, by: "U0ALICE01", askedAt: "2026-11-29T10:00:00.000Z" },
  mayNotChangeHere,
});
const hosts = [
  {
    ...{ uuid: uuid("4"), name: "h1", clusterUuid: uuid("2"), address: "10.0.0.1", port: 22, user: "root" },
    ...{ hostKeySha256: "SHA256:x", sanlockHostId: 1 },
  },
];

it.each<[string, Partial<Inventory>, string]>([
  // A zone that has clusters is not removed, for any person.
  ["zone remov ZONE-1", {}, "help zone remove"],
  ["zone remov ZONE-2", { zones: [...inventory.zones, { uuid: uuid("3"), name: "ZONE-2" }] }, "zone remove ZONE-2"],
  ["cluster remov cluster-1", { hosts }, "help cluster remove"],
  // What only a host can report prevents no suggestion.
  ["host resca h1", { hosts }, "host rescan h1"],
])("%j is answered with a line that needs a host to be refused: %j", async (line, given, first) => {
  const typed = await understoodBy(typedBy(line), commands, botOf(given));
  expect(typed.kind === "misunderstood" ? suggestedBy(typed.reply)[0] : typed.kind).toBe(first);
});

it("a change is suggested only to people and in places that may change something", async () => {
  const forbidden = operatorError("Nothing can be changed", reason("ROLE_MISSING", "U0ALICE01 is no operator"));
  const nextOf = async (line: string, bot: World, here: OperatorError | null) => {
    const typed = await understoodBy(typedBy(line, here), commands, bot);
    return typed.kind === "misunderstood" ? suggestedBy(typed.reply)[0] : typed.kind;
  };
  const [free, bound] = [botOf({}), botOf({}, forbidden)];
  expect(await nextOf("zone ad ZONE-2", free, null)).toBe("zone add ZONE-2");
  expect(await nextOf("zone ad ZONE-2", bound, null)).toBe("help zone add");
  expect(await nextOf("zone ad ZONE-2", free, forbidden)).toBe("help zone add");
  expect(await nextOf("lun lis cluster-1", bound, null)).toBe("lun list cluster-1");
});
