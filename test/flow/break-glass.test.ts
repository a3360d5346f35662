import { describe, expect, it } from "vitest";
import { reviewListReply } from "../../src/access/review-acts.ts";
import type { Facts } from "../../src/core/facts.ts";
import { plainLines } from "../../src/core/reply.ts";
import type { Grant, Holding, Role } from "../../src/core/role.ts";
import { PersonUnreachable, Undelivered } from "../../src/core/undelivered.ts";
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

async function listOf(trust: TrustInMemory): Promise<string> {
  const operation = async (id: string) => trust.operations.find((each) => each.id === id) ?? null;
  const facts = { reviews: { all: () => trust.reviews }, operation } as unknown as Facts;
  return plainLines((await reviewListReply({}, facts)).parts).join("\n");
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

  it("is reported as one that may run: nobody has confirmed the plan yet", async () => {
    const trust = await begun();
    await trust.asks('break-glass op-1 reason="nobody answers"', bob);
    await isNotified(trust);
    expect(titlesIn(trust, "to U0ADMIN")).toEqual(["BREAK-GLASS: op-1 may run without a second person"]);
    expect(trust.operations[0]).toMatchObject({ state: "planned", second: { given: { kind: "break-glass" } } });
  });

  const kept = {
    ...{ id: "rev-1", operationId: "op-1", title: "Wipe the disk", words: "wipe disk", by: bob, away: null },
    ...{
      at: "2026-11-30T11:59:00.000Z",
      reason: "nobody answers",
      notified: [],
      posting: [],
      unreachable: [],
      shown: null,
    },
    ...{ isNotified: false, closed: null },
  };

  it("that never counted notifies nobody after a start, and its review is closed", async () => {
    const trust = await begun();
    trust.reviews = [kept];
    await trust.flow.recover();
    await isNotified(trust);
    const note = "the bot stopped before it counted, so nothing ran without a second person";
    expect(trust.reviews[0]?.closed).toMatchObject({ by: "bot", note });
    expect(trust.said.filter(({ place }) => place.startsWith("to "))).toEqual([]);
    expect(trust.said.filter(({ message }) => message.reply.title.startsWith("BREAK-GLASS"))).toEqual([]);
  });

  it("that counted notifies every admin after a start", async () => {
    const trust = await begun();
    await trust.asks('break-glass op-1 reason="nobody answers"', bob);
    await isNotified(trust);
    const again = new TrustInMemory(everybody);
    again.operations.push(...trust.operations);
    again.reviews = [kept];
    await again.flow.recover();
    await isNotified(again);
    expect(again.reviews[0]?.closed).toBeNull();
    expect(titlesIn(again, "to U0ADMIN")).toHaveLength(1);
  });

  it("shows in the list of reviews what became of the plan", async () => {
    const trust = await begun();
    await trust.asks('break-glass op-1 reason="nobody answers"', bob);
    await isNotified(trust);
    expect(await listOf(trust)).toContain("It waits for its confirmation.");
    await trust.cancels("op-1", bob);
    expect(await listOf(trust)).toContain("It ended cancelled at");
  });

  it("an admin whom Slack can't message is logged once and kept, and nothing is tried again", async () => {
    const trust = await begun();
    const refused = new Undelivered("the direct messages U0OWN", "Slack says user_disabled", null);
    trust.refusing.set("to U0OWN", new PersonUnreachable("U0OWN", refused));
    await trust.asks('break-glass op-1 reason="nobody answers"', bob);
    await isNotified(trust);
    expect(trust.reviews[0]?.unreachable).toEqual(["U0OWN"]);
    expect(trust.bugs).toHaveLength(1);
    expect(await listOf(trust)).toContain("Not notified, because Slack can't message them: @U0OWN.");
  });

  it("an admin's direct messages that failed for a moment are tried again", async () => {
    const trust = await begun();
    trust.refusing.set("to U0OWN", new Undelivered("the direct messages U0OWN", "Slack says fatal_error", null));
    await trust.asks('break-glass op-1 reason="nobody answers"', bob);
    for (let turn = 0; turn < 1_000 && trust.bugs.length < 2; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(trust.reviews[0]).toMatchObject({ isNotified: false, unreachable: [] });
    trust.refusing.clear();
    await isNotified(trust);
    expect(titlesIn(trust, "to U0OWN")).toHaveLength(1);
  });
});
