import { describe, expect, it } from "vitest";
import type { Grant, Holding, Role } from "../../src/core/role.ts";
import { TrustInMemory } from "./trust-in-memory.ts";

const holding = (who: string, role: Role, clusters: Grant["clusters"] = "all"): Holding => ({
  ...{ who, role, clusters },
  source: { kind: "grant", by: "U0ADMIN", at: "2026-01-01T00:00:00.000Z" },
});
const bob = "U0BOB";
const everybody = [
  holding("U0ADMIN", "admin"),
  holding("U0OWN", "admin", ["cluster-1", "cluster-3"]),
  holding("U0OTHER", "admin", ["cluster-2"]),
  holding(bob, "operator"),
  holding("U0CAROL", "approver"),
];

const titlesIn = (trust: TrustInMemory, place: string) =>
  trust.said.filter((each) => each.place === place).map(({ message }) => message.reply.title);

/** Until everybody was notified. */
async function isNotified(trust: TrustInMemory): Promise<void> {
  for (let turn = 0; turn < 1_000 && trust.reviews[0]?.isNotified !== true; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(trust.reviews[0]?.isNotified).toBe(true);
  await trust.flow.stop();
}

async function begun(): Promise<TrustInMemory> {
  const trust = new TrustInMemory(everybody);
  await trust.asks("wipe disk", bob);
  return trust;
}

describe("break-glass of a plan in a channel, in memory", () => {
  it("notifies the admins of all clusters and those of a cluster that the plan changes", async () => {
    const trust = await begun();
    await trust.asks('break-glass op-1 reason="nobody answers"', bob);
    await isNotified(trust);
    expect(titlesIn(trust, "to U0ADMIN")).toHaveLength(1);
    expect(titlesIn(trust, "to U0OWN")).toHaveLength(1);
    expect(titlesIn(trust, "to U0OTHER")).toEqual([]);
    expect(trust.bugs).toEqual([]);
  });
});
