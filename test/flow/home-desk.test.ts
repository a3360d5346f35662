import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type OperatorError, operatorError, reason } from "../../src/core/refusal.ts";
import { textOf, wordsOf } from "../../src/core/reply.ts";
import type { Review } from "../../src/core/review.ts";
import type { Home, HomeFacts } from "../../src/flow/home.ts";
import { HomeDesk, HomeNotPublished, type KeptHomes } from "../../src/flow/home-desk.ts";
import { permissionOf } from "../support/permission.ts";
import { at, facts, incident, inventoryOf, operation } from "./home-facts.ts";

const inventory = inventoryOf([1]);
const MINUTE = 60_000;

/** Slack, as far as a Home needs it. Time is virtual. */
class Published {
  readonly all: { readonly person: string; readonly home: Home; readonly atMs: number }[] = [];
  now: HomeFacts = facts(inventory);
  /** How often the desk compared a Home with the facts. */
  comparisons = 0;
  fails = 0;
  /** What the place does instead of taking a Home; null: it takes it. */
  refuses: (person: string, home: Home) => HomeNotPublished["why"] | null = () => null;
  calls = 0;
  kept: KeptHomes["before"] = [];
  outsiders: readonly string[] = [];
  readonly errors: string[] = [];
  readonly desk: HomeDesk;
  constructor(before: KeptHomes["before"] = []) {
    this.desk = new HomeDesk(this.#setting(before));
  }

  #setting = (before: KeptHomes["before"]): ConstructorParameters<typeof HomeDesk>[0] => ({
    kept: {
      before,
      keep: (all) => {
        this.kept = all;
      },
    },
    facts: () => {
      this.comparisons++;
      return { ...this.now, nowMs: Date.now() };
    },
    buttonsOf: () => [],
    permission: permissionOf((person, { role, clusters }) =>
      person === "UOPERATOR" ||
      (person === "UELSEWHERE" && clusters === "any") ||
      (person === "UADMIN1" && role === "admin" && `${clusters}` === "cluster-1")
        ? null
        : refused,
    ),
    port: {
      publish: async (person, home) => {
        this.calls++;
        if (this.fails-- > 0) throw new Error("Slack fails");
        const why = this.refuses(person, home);
        if (why !== null) throw new HomeNotPublished(why, new Error("Slack says no"));
        this.all.push({ person, home, atMs: Date.now() });
      },
      whyNoReader: async (person) => (this.outsiders.includes(person) ? refused : null),
    },
    clock: { now: () => new Date() },
    log: { info: () => undefined, error: (message) => void this.errors.push(message) },
  });

  titles(person: string): string[] {
    return this.all.filter((each) => each.person === person).map(({ home }) => home.title);
  }
}

const refused: OperatorError = operatorError("Not for you", reason("NOT_IN_CHANNEL", "you are in none of C1"));
const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const withIncidents = (count: number): HomeFacts =>
  facts(inventory, { incidents: Array.from({ length: count }, (_, index) => incident(index + 1, 1)) });

describe("the publishing of Homes", () => {
  let slack: Published;
  beforeEach(() => {
    vi.useFakeTimers();
    slack = new Published();
  });
  afterEach(async () => {
    await slack.desk.stop();
    vi.useRealTimers();
  });

  it("is done at once on opening, and then only if the content changes", async () => {
    slack.desk.opened("U1");
    await passes(0);
    expect(slack.titles("U1")).toEqual(["No open incident"]);
    await passes(10 * MINUTE);
    expect(slack.all).toHaveLength(1);
    slack.now = withIncidents(1);
    await passes(6_000);
    expect(slack.titles("U1")).toEqual(["No open incident", "1 open incident"]);
  });

  it("has the stop button of a running operation for the people who may stop it there", async () => {
    const stop = { words: "operation stop op-1", label: "Stop After This Step" };
    slack.now = facts(
      inventory,
      {},
      {
        operations: [operation(1, { state: "running", clusters: ["cluster-1"] })],
        runs: [{ id: "op-1", waits: null, stopAsked: null, stops: [stop] }],
      },
    );
    for (const person of ["U1", "UOPERATOR", "UELSEWHERE"]) slack.desk.opened(person);
    await passes(0);
    const stops = (person: string) =>
      slack.all
        .find((each) => each.person === person)
        ?.home.sections.flatMap(({ items }) => items.flatMap(({ next }) => next));
    expect(stops("UOPERATOR")).toEqual([stop]);
    expect(stops("UELSEWHERE")).toEqual([]);
    expect(stops("U1")).toEqual([]);
  });

  it("has the reviews of the clusters of which the person is admin", async () => {
    const reviewOf = (operationId: string | null, index: number): Review => ({
      ...{ id: `rev-${index + 1}`, operationId, title: "Add ps-1", words: "x", by: "U1", at: at(-1), reason: "r" },
      ...{ away: null, notified: [], posting: [], unreachable: [], shown: null, isNotified: true, closed: null },
    });
    const clusters = [["cluster-1"], ["cluster-1", "cluster-2"], []];
    const operations = clusters.map((each, index) => operation(index + 1, { state: "done", clusters: each }));
    const reviews = ["op-1", "op-2", "op-3", "op-9", null].map(reviewOf);
    slack.now = facts(inventory, {}, { operations, reviews });
    for (const person of ["U1", "UADMIN1", "UOPERATOR"]) slack.desk.opened(person);
    await passes(0);
    const closes = (person: string) =>
      slack.all
        .find((each) => each.person === person)
        ?.home.sections.flatMap(({ items }) => items.flatMap(({ next }) => next.map(wordsOf)))
        .filter((words) => words.startsWith("review close"));
    expect(closes("UADMIN1")).toEqual(["review close rev-1"]);
    expect(closes("UOPERATOR")).toHaveLength(5);
    expect(closes("U1")).toEqual([]);
  });

  it("is done again for each opening, but at most once in 10 s", async () => {
    for (let opening = 0; opening < 19; opening++) {
      slack.desk.opened("U1");
      await passes(500);
    }
    expect(slack.all).toHaveLength(1);
    await passes(1_500);
    expect(slack.all).toHaveLength(2);
    expect((slack.all[1]?.atMs ?? 0) - (slack.all[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  it("merges quick changes of one person, and shows the last state", async () => {
    slack.desk.opened("U1");
    await passes(0);
    for (let count = 1; count <= 60; count++) {
      slack.now = withIncidents(count);
      slack.desk.changed();
      await passes(1_000);
    }
    await passes(20_000);
    expect(slack.all.length).toBeLessThanOrEqual(10);
    expect(slack.titles("U1").at(-1)).toBe("60 open incidents");
  });

  it("ends an hour after the opening, and nothing is compared then", async () => {
    slack.desk.opened("U1");
    await passes(61 * MINUTE);
    const { comparisons } = slack;
    slack.now = withIncidents(1);
    slack.desk.changed();
    await passes(MINUTE);
    expect(slack.comparisons).toBe(comparisons);
    expect(slack.titles("U1")).toEqual(["No open incident"]);
  });

  it("stays within Slack's rate for many people, and openings go before changes", async () => {
    for (let person = 0; person < 100; person++) slack.desk.opened(`U${person}`);
    await passes(3 * MINUTE);
    expect(new Set(slack.all.map(({ person }) => person)).size).toBe(100);
    slack.now = withIncidents(1);
    await passes(30_000);
    slack.desk.opened("ULATE");
    await passes(0);
    expect(slack.titles("ULATE")).toEqual(["1 open incident"]);
    await passes(5 * MINUTE);
    expect(slack.all.filter(({ home }) => home.title === "1 open incident")).toHaveLength(101);
    for (const { atMs } of slack.all) {
      const inMinute = slack.all.filter((other) => other.atMs >= atMs && other.atMs < atMs + MINUTE);
      expect(inMinute.length).toBeLessThanOrEqual(90);
    }
  });

  it("is tried again a minute after a failure, or at the next opening", async () => {
    slack.fails = 1;
    slack.desk.opened("U1");
    await passes(30_000);
    expect(slack.all).toHaveLength(0);
    await passes(45_000);
    expect(slack.titles("U1")).toEqual(["No open incident"]);
    slack.fails = 1;
    slack.now = withIncidents(1);
    await passes(6_000);
    slack.desk.opened("U1");
    await passes(0);
    expect(slack.titles("U1")).toEqual(["No open incident", "1 open incident"]);
    expect(slack.errors).toEqual(["publishing the Home of U1", "publishing the Home of U1"]);
  });

  it("waits as long as Slack says, for all people, and makes no other call until then", async () => {
    slack.refuses = () => ({ about: "moment", forMs: 25_000 });
    for (const person of ["U1", "U2", "U3"]) slack.desk.opened(person);
    await passes(24_000);
    expect(slack.calls).toBe(1);
    slack.refuses = () => null;
    await passes(2_000);
    expect(new Set(slack.all.map(({ person }) => person))).toEqual(new Set(["U1", "U2", "U3"]));
    expect(slack.errors).toEqual([]);
  });

  it("reaches the others although one person's Home fails each time", async () => {
    slack.refuses = (person) => (person === "U1" ? { about: "moment", forMs: 10_000 } : null);
    for (const person of ["U1", "U2", "U3"]) slack.desk.opened(person);
    await passes(30_000);
    expect(slack.titles("U2")).toHaveLength(1);
    expect(slack.titles("U3")).toHaveLength(1);
  });

  it("leaves out the sections that Slack refuses, says so, and tries all of it again only if it changes", async () => {
    slack.now = withIncidents(1);
    slack.refuses = (_, { sections }) => (sections.length > 0 ? { about: "content" } : null);
    slack.desk.opened("U1");
    await passes(10 * MINUTE);
    expect(slack.calls).toBe(2);
    expect(slack.all).toHaveLength(1);
    expect(slack.all[0]?.home).toMatchObject({ title: "1 open incident", sections: [] });
    expect(textOf(slack.all[0]?.home.lead ?? "")).toMatch(/Slack refused the rest .* incident list/s);
    slack.refuses = () => null;
    slack.now = withIncidents(2);
    await passes(6_000);
    expect(slack.all.at(-1)?.home.sections.length).toBeGreaterThan(0);
    expect(slack.errors).toHaveLength(1);
  });

  it.each([-3_600_000, 86_400_000])("continues if the computer's clock is set by %i ms", async (byMs) => {
    slack.desk.opened("U1");
    await passes(11_000);
    vi.setSystemTime(Date.now() + byMs);
    slack.now = withIncidents(1);
    await passes(6_000);
    expect(slack.titles("U1")).toEqual(["No open incident", "1 open incident"]);
    slack.desk.opened("U2");
    await passes(0);
    expect(slack.titles("U2")).toEqual(["1 open incident"]);
  });

  it("continues after a restart, until an hour after the opening", async () => {
    slack.desk.opened("U1");
    await passes(50 * MINUTE);
    slack.desk.opened("U2");
    await slack.desk.stop();
    slack = new Published(slack.kept);
    slack.desk.start();
    await passes(0);
    expect(slack.all.map(({ person }) => person)).toEqual(["U1", "U2"]);
    await passes(15 * MINUTE);
    slack.now = withIncidents(1);
    await passes(6_000);
    expect(slack.all.slice(2).map(({ person }) => person)).toEqual(["U2"]);
  });

  it("makes one Home for all people who see the same", async () => {
    for (let person = 0; person < 50; person++) slack.desk.opened(`U${person}`);
    await passes(MINUTE);
    const { comparisons } = slack;
    await passes(MINUTE);
    expect(slack.comparisons - comparisons).toBeLessThanOrEqual(13);
  });

  it("shows only a refusal to a person who may not read the channels; an operator always sees the Home", async () => {
    slack.outsiders = ["U1", "UOPERATOR"];
    slack.desk.opened("U1");
    slack.desk.opened("UOPERATOR");
    await passes(0);
    expect(slack.titles("U1")).toEqual(["NOT_IN_CHANNEL  Not for you"]);
    expect(slack.all[0]?.home.sections).toEqual([]);
    expect(slack.titles("UOPERATOR")).toEqual(["No open incident"]);
    slack.outsiders = [];
    await passes(20_000);
    expect(slack.titles("U1").at(-1)).toBe("No open incident");
  });

  it("shows a plan to those who may confirm it, and to no other", async () => {
    slack.now = facts(
      inventory,
      {},
      { operations: [operation(1, { askedBy: "U9", expiresAt: "2099-01-01T00:00:00.000Z" })] },
    );
    slack.desk.opened("U1");
    slack.desk.opened("UOPERATOR");
    await passes(0);
    expect(slack.all.map(({ person, home }) => [person, home.lead])).toEqual([
      ["U1", "No plan waits for you. No operation runs."],
      ["UOPERATOR", "1 plan waits for you. No operation runs."],
    ]);
  });
});
