import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SetRule } from "../../src/core/policy.ts";
import type { Holding, Role } from "../../src/core/role.ts";
import { TrustInMemory, TYPED } from "./trust-in-memory.ts";

const given = (who: string, role: Role): Holding => ({
  ...{ who, role, clusters: "all" },
  source: { kind: "grant", by: "U0ADMIN", at: "2026-01-01T00:00:00.000Z" },
});
const [alice, bob, dave, carol, erin] = ["U0ALICE", "U0BOB", "U0DAVE", "U0CAROL", "U0ERIN"];
const without = [given(alice, "operator"), given(bob, "operator")];
const everybody = [...without, given(carol, "approver"), given(erin, "admin")];

/** Also if all approvers are gone. */
const always: SetRule = {
  ...{ risk: "destructive", cluster: null, confirm: "typed", approver: "always" },
  ...{ by: erin, at: "2026-01-01T00:00:00.000Z" },
};

type Event =
  | { readonly kind: "ask"; readonly by: string }
  | {
      readonly kind: "confirm";
      readonly by: string;
      readonly op: number;
      readonly typed: string;
      readonly seal: number;
    }
  | { readonly kind: "cancel"; readonly by: string; readonly op: number }
  | {
      readonly kind: "words";
      readonly by: string;
      readonly words: string;
      readonly op: number;
      readonly button: boolean;
    }
  | { readonly kind: "time"; readonly minutes: number }
  | { readonly kind: "revoke" | "grant"; readonly who: string };

const personOf = (people: readonly string[]) => fc.constantFrom(...people);
const op = fc.constantFrom(1, 1, 1, 2, 3);

/** What people do, one after another or two things at once. */
const events = (people: readonly string[], more: readonly string[] = []) => {
  const words = [
    ...more,
    ...[
      "approve op-N",
      "approve op-N",
      "approve op-N",
      'reject op-N reason="no"',
      "policy set risk=destructive require=typed",
    ],
    ...["policy set risk=destructive require=typed cluster=cluster-1", "policy unset risk=destructive"],
  ];
  const one: fc.Arbitrary<Event> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("ask" as const), by: personOf(people) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        ...{ kind: fc.constant("confirm" as const), by: personOf(people), op },
        ...{ typed: fc.constantFrom(TYPED, TYPED, TYPED, "wrong"), seal: fc.constantFrom(0, 0, 0, 0, 1, 2, 3) },
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), by: personOf(people), op }) },
    {
      weight: 6,
      arbitrary: fc.record({
        ...{ kind: fc.constant("words" as const), by: personOf(people), op },
        ...{ words: fc.constantFrom(...words), button: fc.boolean() },
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("time" as const), minutes: fc.constantFrom(1, 11) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom("revoke" as const, "grant" as const),
        who: personOf(everybody.map(({ who }) => who)),
      }),
    },
  );
  return fc.array(fc.array(one, { minLength: 1, maxLength: 2 }), { minLength: 4, maxLength: 16 });
};

async function happens(event: Event, bot: TrustInMemory): Promise<void> {
  switch (event.kind) {
    case "ask":
      return bot.asks("wipe disk", event.by);
    case "confirm": {
      // 0: the plan's own seal. Otherwise that of another plan.
      const other = bot.operations[event.seal - 1];
      const seal = event.seal === 0 || other === undefined ? undefined : `${other.digest}.${other.nonce}`;
      return bot.confirms(`op-${event.op}`, event.by, event.typed, seal);
    }
    case "cancel":
      return bot.cancels(`op-${event.op}`, event.by);
    case "words": {
      const words = event.words.replace("op-N", `op-${event.op}`);
      if (!event.button) return bot.asks(words, event.by);
      const [button] = bot.flow.buttonsOf([words]);
      if (button !== undefined) await bot.flow.press(button, event.by, bot.conversation());
      return;
    }
    case "time":
      bot.nowMs += event.minutes * 60_000;
      return;
    case "revoke":
      bot.holdings = bot.holdings.filter(({ who }) => who !== event.who);
      return;
    case "grant": {
      const role = everybody.find(({ who }) => who === event.who);
      if (role !== undefined && !bot.holdings.includes(role)) bot.holdings = [...bot.holdings, role];
    }
  }
}

async function play(story: readonly (readonly Event[])[], bot: TrustInMemory, each: () => void = () => undefined) {
  for (const together of story) {
    await Promise.all(together.map((event) => happens(event, bot)));
    each();
  }
  await bot.flow.stop();
  expect(bot.bugs).toEqual([]);
}

describe("a plan that destroys, with a second person that could approve it", () => {
  it("runs after another person approved it, so the properties below are about something", async () => {
    const bot = new TrustInMemory(everybody);
    await bot.asks("wipe disk", alice);
    await bot.confirms("op-1", alice);
    expect(bot.destroyed).toBe(0);
    await bot.asks("approve op-1", carol);
    await bot.confirms("op-1", alice);
    expect(bot.destroyed).toBe(1);
    expect(bot.entries.map(({ by, event }) => [by, event.kind])).toContainEqual([carol, "approved"]);
    await bot.flow.stop();
  });

  it("never runs by any events of people without the role approver", async () => {
    await fc.assert(
      fc.asyncProperty(events([alice, bob, dave]), async (story) => {
        const bot = new TrustInMemory(everybody);
        bot.rules = [always];
        await play(story, bot);
        expect(bot.destroyed).toBe(0);
        expect(bot.rules).toEqual([always]);
      }),
      { numRuns: 300 },
    );
  });

  it("runs without an approver only by a break-glass, which is in the log and in an open review", async () => {
    let ran = 0;
    const words = ['break-glass op-N reason="ps-1 is down"', 'review close rev-1 note="all is well"'];
    await fc.assert(
      fc.asyncProperty(events([alice, bob, dave], words), async (story) => {
        const bot = new TrustInMemory(everybody);
        bot.rules = [always];
        await play(story, bot);
        const runs = bot.operations.filter(({ state }) => state === "done");
        expect(bot.destroyed).toBe(runs.length);
        ran += runs.length;
        for (const { id, digest } of runs) {
          const broken = bot.entries.filter(
            ({ operationId, event }) => operationId === id && event.kind === "break-glass",
          );
          expect(broken).toMatchObject([{ event: { digest, reason: "ps-1 is down" } }]);
          const review = bot.reviews.find(({ operationId }) => operationId === id);
          expect(review).toMatchObject({ by: broken[0]?.by, closed: null });
        }
      }),
      { numRuns: 300 },
    );
    expect(ran).toBeGreaterThan(0);
  });

  it("runs only if another person than the asker and the confirmer approved this plan", async () => {
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(events([alice, bob, carol]), async (story) => {
        const bot = new TrustInMemory([...everybody, given(carol, "operator")]);
        bot.rules = [always];
        await play(story, bot);
        const runs = bot.operations.filter(({ state }) => state === "done");
        expect(bot.destroyed).toBe(runs.length);
        ran += runs.length;
        for (const { id, digest, askedBy, confirmedBy, second } of runs) {
          const approvals = bot.entries.filter(
            ({ operationId, event }) => operationId === id && event.kind === "approved" && event.digest === digest,
          );
          expect(approvals.some(({ by }) => by === carol && by !== askedBy && by !== confirmedBy)).toBe(true);
          expect(second?.given?.by).toBe(carol);
        }
      }),
      { numRuns: 300 },
    );
    // Otherwise nothing was tested.
    expect(ran).toBeGreaterThan(0);
  });
});
