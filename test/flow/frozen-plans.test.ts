import { describe, expect, it } from "vitest";
import type { Freezes } from "../../src/core/freeze.ts";
import { plainLines } from "../../src/core/reply.ts";
import type { Holding } from "../../src/core/role.ts";
import { TrustInMemory } from "./trust-in-memory.ts";

const bob: Holding = {
  who: "U0BOB",
  role: "operator",
  clusters: "all",
  source: { kind: "setting", name: "OPERATORS" },
};
const frozen: Freezes = {
  freezes: [{ cluster: null, reason: "firmware", by: "U0BOB", at: "2026-11-30T11:00:00.000Z", until: null }],
  schedules: [],
};
const none: Freezes = { freezes: [], schedules: [] };

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A plan waits, and its message is compared with the freezes of now. */
async function planned(...freezes: readonly Freezes[]): Promise<TrustInMemory> {
  const trust = new TrustInMemory([bob]);
  await trust.asks("wipe disk", "U0BOB");
  for (const each of freezes) await compared(trust, each);
  return trust;
}

async function compared(trust: TrustInMemory, freezes: Freezes): Promise<void> {
  trust.freezes = freezes;
  await trust.flow.recover();
  await settled();
  await trust.flow.stop();
  expect(trust.bugs).toEqual([]);
}

/** The next start of the bot: what each message says since then. */
async function restarted(before: TrustInMemory, freezes: Freezes) {
  const trust = new TrustInMemory([bob]);
  trust.operations.push(...before.operations);
  await compared(trust, freezes);
  await compared(trust, freezes);
  return trust.said.map(({ place, message: { reply } }) => ({
    place,
    isFrozen: plainLines(reply.parts).join("\n").includes("FROZEN"),
  }));
}

describe("the message of a plan from before a start, in memory", () => {
  it("says once more that a freeze prevents the plan, and nothing is posted in its thread", async () => {
    expect(await restarted(await planned(frozen), frozen)).toEqual([{ place: "C1", isFrozen: true }]);
  });

  it("says nothing of a freeze that ended while the bot was down", async () => {
    expect(await restarted(await planned(frozen), none)).toEqual([{ place: "C1", isFrozen: false }]);
  });

  it("says that a freeze prevents the plan, which began while the bot was down", async () => {
    expect(await restarted(await planned(), frozen)).toEqual([{ place: "C1", isFrozen: true }]);
  });

  it("is not changed if no freeze prevented the plan", async () => {
    expect(await restarted(await planned(), none)).toEqual([]);
  });
});
