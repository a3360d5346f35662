import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SetRule } from "../../src/core/policy.ts";
import type { Holding, Role } from "../../src/core/role.ts";
import { TrustInMemory } from "./trust-in-memory.ts";

const given = (who: string, role: Role): Holding => ({
  ...{ who, role, clusters: "all" },
  source: { kind: "grant", by: "U0ADMIN", at: "2026-01-01T00:00:00.000Z" },
});
const [alice, carol, erin] = ["U0ALICE", "U0CAROL", "U0ERIN"];
const everybody = [given(alice, "operator"), given(carol, "approver"), given(erin, "admin")];
const always: SetRule = {
  ...{ risk: "destructive", cluster: null, confirm: "typed", approver: "always" },
  ...{ by: erin, at: "2026-01-01T00:00:00.000Z" },
};
const weakens = "policy set risk=destructive require=typed";

describe("a plan that waits for its second person", () => {
  let bot: TrustInMemory;
  beforeEach(async () => {
    bot = new TrustInMemory(everybody);
    await bot.asks("wipe disk", alice);
    expect(bot.operations[0]?.second).toMatchObject({ given: null });
  });
  afterEach(async () => {
    await bot.flow.stop();
    expect(bot.bugs).toEqual([]);
  });
  const waits = async (by = alice) => {
    await bot.confirms("op-1", by);
    expect(bot.destroyed).toBe(0);
    expect(bot.operations[0]).toMatchObject({ state: "planned", second: { given: null } });
  };

  it("still waits if an admin makes its policy weaker, for all clusters or for its own", async () => {
    for (const words of [weakens, `${weakens} cluster=cluster-1`]) {
      await bot.asks(words, erin);
      await waits();
      await waits(erin);
    }
    expect(bot.rules).toHaveLength(2);
    await bot.asks("approve op-1", carol);
    await bot.confirms("op-1", alice);
    expect(bot.destroyed).toBe(1);
  });

  it("still waits if every approver loses the role, also for an admin who asked", async () => {
    bot.holdings = [given(alice, "operator")];
    await waits();
    bot.holdings = [given(alice, "admin")];
    await waits();
  });

  it("is not approved by the person who asked, with any role that this person gets until then", async () => {
    for (const role of ["approver", "admin"] as const) {
      bot.holdings = [...everybody, given(alice, role)];
      await bot.asks("approve op-1", alice);
      await waits();
    }
  });

  it("is not approved by an operator, and not confirmed by its approver, with any role", async () => {
    await bot.asks("approve op-1", "U0BOB");
    await waits();
    bot.holdings = [...everybody, given(carol, "operator")];
    await bot.asks("approve op-1", carol);
    await bot.confirms("op-1", carol);
    expect(bot.destroyed).toBe(0);
  });
});

describe("a plan that was shown without a second person", () => {
  it("does not run if one could approve it at the click", async () => {
    const bot = new TrustInMemory([given(alice, "operator")]);
    await bot.asks("wipe disk", alice);
    expect(bot.operations[0]?.second).toBeNull();
    bot.holdings = everybody;
    await bot.confirms("op-1", alice);
    expect([bot.destroyed, bot.operations[0]?.state]).toEqual([0, "refused"]);
    await bot.flow.stop();
  });
});

describe("two decisions about one plan at once", () => {
  const words = {
    approve: "approve op-1",
    reject: 'reject op-1 reason="no"',
    glass: 'break-glass op-1 reason="night"',
  };
  it.each([
    ["approve", "approve"],
    ["approve", "reject"],
    ["reject", "approve"],
    ["glass", "glass"],
    ["approve", "glass"],
    ["glass", "reject"],
  ] as const)("%s and %s: the log has one of them, and the other is refused", async (one, other) => {
    const bot = new TrustInMemory([...everybody, given("U0DAVE", "approver"), given("U0DAVE", "operator")]);
    await bot.asks("wipe disk", alice);
    await Promise.all([bot.asks(words[one], erin), bot.asks(words[other], "U0DAVE")]);
    const decisions = bot.entries.filter(({ event }) => ["approved", "rejected", "break-glass"].includes(event.kind));
    expect(decisions).toHaveLength(1);
    const results = bot.entries.flatMap(({ event }) => (event.kind === "acted" ? [event.result] : []));
    expect(results.filter((result) => result.startsWith("refused"))).toHaveLength(1);
    expect(bot.reviews.filter(({ closed }) => closed === null).length).toBe(
      decisions.filter(({ event }) => event.kind === "break-glass").length,
    );
    await bot.flow.stop();
  });
});

describe("an admin alone", () => {
  it("can turn the second person off for new plans, and the log has who did it before the plan", async () => {
    const bot = new TrustInMemory(everybody);
    bot.rules = [always];
    await bot.asks(weakens, erin);
    await bot.asks("wipe disk", erin);
    await bot.confirms("op-1", erin);
    expect(bot.destroyed).toBe(1);
    const kinds = bot.entries.map(({ by, event }) => [by, event.kind, "words" in event ? event.words : null]);
    expect(kinds.slice(0, 2)).toEqual([
      [erin, "asked", weakens],
      [erin, "acted", weakens],
    ]);
    await bot.flow.stop();
  });
});
