import { describe, expect, it } from "vitest";
import type { OperatorError } from "../../src/core/refusal.ts";
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

const close = 'review close rev-1 note="x"';

/** The latest answer's refusal, in lines. */
const refusalIn = ({ said }: TrustInMemory) => refusalLines(said.at(-1)?.message.reply.error ?? null);
const refusalLines = (error: OperatorError | null) => error && [error.headline, ...error.reasons];

/** Its review is open. `clusters`: those that its operation changes. */
async function broken(holdings: readonly Holding[], clusters: readonly string[], by = bob): Promise<TrustInMemory> {
  const trust = new TrustInMemory(holdings);
  await trust.asks("wipe disk", by);
  await trust.asks('break-glass op-1 reason="nobody answers"', by);
  trust.operations.splice(0, 1, ...trust.operations.slice(0, 1).map((each) => ({ ...each, clusters: [...clusters] })));
  await isNotified(trust);
  return trust;
}

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
  await trust.asks("review list", bob);
  return plainLines(trust.said.at(-1)?.message.reply.parts ?? []).join("\n");
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

  it("shows in the list of reviews that a confirmed plan waits in the queue, and no longer when it runs", async () => {
    const trust = new TrustInMemory(everybody);
    let ends = (): void => undefined;
    trust.hostEnds = new Promise<void>((resolve) => {
      ends = resolve;
    });
    for (const id of ["op-1", "op-2"]) {
      await trust.asks("wipe disk", bob);
      await trust.asks(`break-glass ${id} reason="nobody answers"`, bob);
    }
    const first = trust.confirms("op-1", bob);
    await trust.until(() => trust.destroyed === 1);
    const second = trust.confirms("op-2", bob);
    await trust.until(() => trust.said.some(({ message }) => message.reply.title.includes("waiting for op-1")));
    const states = (await listOf(trust)).split("\n").filter((line) => /^It |^rev-/.test(line));
    expect(states).toEqual([
      "rev-2: op-2, Wipe the disk",
      "It waits in the queue, after op-1.",
      "rev-1: op-1, Wipe the disk",
      "It runs now.",
    ]);
    ends();
    await first;
    await second;
    expect(await listOf(trust)).not.toMatch(/queue|It runs now/);
    expect(trust.destroyed).toBe(2);
    await trust.flow.stop();
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

describe("the review of a break-glass, in memory", () => {
  const closedBy = ({ reviews }: TrustInMemory) => reviews[0]?.closed?.by ?? null;

  it("is closed by an admin of the cluster that its operation changes", async () => {
    const trust = await broken(everybody, ["cluster-1"]);
    await trust.asks(close, "U0OWN");
    expect(closedBy(trust)).toBe("U0OWN");
  });

  it.each([
    ["U0OTHER", ["cluster-1"], "admin of cluster-1", "who has it: U0ADMIN, U0OWN"],
    ["U0OWN", ["cluster-1", "cluster-2"], "admin of cluster-1, cluster-2", "who has it: U0ADMIN"],
    ["U0OWN", [], "admin of all clusters", "who has it: U0ADMIN"],
    [bob, ["cluster-1"], "admin of cluster-1", "who has it: U0ADMIN, U0OWN"],
  ])("is not closed by %s after a change of %j, typed or with its form", async (person, clusters, role, holders) => {
    const trust = await broken(everybody, clusters);
    const refusal = [
      `The role ${role} is missing`,
      `your user id is ${person}, and it was not given this role`,
      holders,
    ];
    await trust.asks(close, person);
    expect(refusalIn(trust)).toEqual(refusal);
    // The button of the notice, and words with another form of the id.
    for (const words of ["review close rev-1", "review close REV-01"])
      expect(refusalLines(trust.flow.shortForms.refusal(words, person, null))).toEqual(refusal);
    expect(closedBy(trust)).toBeNull();
    await trust.asks(close, "U0ADMIN");
    expect(closedBy(trust)).toBe("U0ADMIN");
  });

  it("is closed by a person who is admin of each of its clusters by several grants", async () => {
    const both = [holding("U0BOTH", "admin", ["cluster-1"]), holding("U0BOTH", "admin", ["cluster-2"])];
    const trust = await broken([...everybody, ...both], ["cluster-1", "cluster-2"]);
    expect(trust.flow.shortForms.refusal("review close rev-1", "U0BOTH", null)).toBeNull();
    await trust.asks(close, "U0BOTH");
    expect(closedBy(trust)).toBe("U0BOTH");
  });

  it("needs an admin of all clusters if its operation is not kept", async () => {
    const trust = await broken(everybody, ["cluster-1"]);
    trust.operations.length = 0;
    await trust.asks(close, "U0OWN");
    expect(refusalIn(trust)?.[0]).toBe("The role admin of all clusters is missing");
    await trust.asks(close, "U0ADMIN");
    expect(closedBy(trust)).toBe("U0ADMIN");
  });

  it("that does not exist is reported as such to an admin of one cluster", async () => {
    const trust = await broken(everybody, ["cluster-1"]);
    await trust.asks('review close rev-9 note="x"', "U0OTHER");
    expect(refusalIn(trust)).toEqual(["rev-9 was not closed", "there is no review of this id"]);
  });

  it("that begins while the words are checked still needs its admin", async () => {
    const trust = await broken(everybody, ["cluster-1"]);
    let { reviews } = trust;
    let reads = 0;
    const set = (next: typeof reviews) => {
      reviews = next;
    };
    // The check of the words reads them first.
    Object.defineProperty(trust, "reviews", { get: () => (reads++ === 0 ? [] : reviews), set });
    await trust.asks(close, "U0OTHER");
    expect(reads).toBeGreaterThan(1);
    expect(refusalIn(trust)?.[0]).toBe("The role admin of cluster-1 is missing");
    expect(closedBy(trust)).toBeNull();
  });

  it("is not closed by the admin who broke the glass if another one could close it", async () => {
    const trust = await broken([...everybody, holding("U0NEAR", "admin", ["cluster-1"])], ["cluster-1"], "U0OWN");
    await trust.asks(close, "U0OWN");
    expect(refusalIn(trust)).toEqual([
      "rev-1 was not closed",
      "it is about what you did, and there is another admin of cluster-1",
    ]);
    await trust.asks(close, "U0NEAR");
    expect(closedBy(trust)).toBe("U0NEAR");
  });

  it.each([
    ["an admin of its cluster", ["cluster-1"], null],
    ["an admin of another cluster only", ["cluster-2"], "U0ADMIN"],
  ])("of an admin of all clusters, with %s", async (_, clusters, closes) => {
    const others = [holding("U0ADMIN", "admin"), holding("U0ONE", "admin", clusters), holding("U0CAROL", "approver")];
    const trust = await broken(others, ["cluster-1"], "U0ADMIN");
    await trust.asks(close, "U0ADMIN");
    expect(closedBy(trust)).toBe(closes);
  });
});
