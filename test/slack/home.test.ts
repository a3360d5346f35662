import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NextStep, wordsOf } from "../../src/core/reply.ts";
import { type Home, type HomeItem, homeOf } from "../../src/flow/home.ts";
import type { NextButton } from "../../src/flow/ports.ts";
import { homeView } from "../../src/slack/home.ts";
import { validated } from "../../src/workspace/server/validate-method.ts";
import { at, facts, incident, inventoryOf, operation } from "../flow/home-facts.ts";

const own = { teamId: "T1", enterpriseId: null, url: "https://local.slack.com/" };
const buttonsOf = (steps: readonly NextStep[]): NextButton[] =>
  steps.map((step) => ({
    label: typeof step === "string" ? step : step.label,
    words: wordsOf(step),
    seal: "0".repeat(24),
  }));
const viewOf = (home: Home) => homeView(home, buttonsOf, own);

/** Slack's rules take it. */
const isTaken = (home: Home): void => {
  expect(validated({ view: viewOf(home) })).toEqual({ ok: true });
};

describe("the view of a Home", () => {
  it("shows people by name: a mention there notifies nobody", () => {
    const item: HomeItem = { tone: "plain", text: [{ person: "U1", isQuiet: true }], next: [], link: null };
    const sections = [{ title: "Clusters", items: [item], more: null }];
    const view = viewOf({ title: "t", lead: "l", sections, next: [], madeAt: at(0) });
    expect(JSON.stringify(view)).toContain('{"type":"user","user_id":"U1"}');
  });

  it("with everything that a large data centre can have is taken by Slack", () => {
    const inventory = inventoryOf(Array(60).fill(20));
    const incidents = Array.from({ length: 60 }, (_, index) =>
      incident(index + 1, index + 1, { severity: "critical" }),
    );
    const operations = Array.from({ length: 60 }, (_, index) =>
      operation(index + 1, { state: index % 2 === 0 ? "planned" : "running", title: "x".repeat(5_000) }),
    );
    const used = inventory.primaryStorages.map((_, index) => index + 40);
    const ahead = ["op-1", ...Array.from({ length: 9 }, (_, index) => `op-${index + 100}`)] as const;
    const runs = operations
      .filter(({ state }) => state === "running")
      .map(({ id }, index) => ({
        ...{ id, stopAsked: null, stops: [{ words: `operation stop ${id}`, label: "Stop After This Step" }] },
        waits: index % 2 === 0 ? null : { ahead: [...ahead] as [string, ...string[]], until: at(5) },
      }));
    const freeze = { cluster: null, by: "U1", at: at(-1), reason: "x".repeat(5_000), until: null };
    const freezes = { freezes: [freeze], schedules: [], damaged: null };
    const mayStop = new Set(operations.map(({ id }) => id));
    const now = facts(inventory, { incidents, used }, { operations, runs, freezes });
    const home = homeOf(now, { id: "U1", mayChange: true, mayStop });
    isTaken(home);
    expect(viewOf(home).blocks.length).toBeLessThanOrEqual(100);
    const text = JSON.stringify(viewOf(home));
    const titles = ["Clusters", "Open incidents", "Plans that wait for you", "Running operations"];
    for (const title of [...titles, "Operations in the queue", "Storages"]) expect(text).toContain(title);
    expect(text.length).toBeLessThan(60_000);
  });

  it("is taken by Slack for any content", () => {
    const text = fc.string({ unit: "binary", maxLength: 400 });
    const item: fc.Arbitrary<HomeItem> = fc.record({
      tone: fc.constantFrom("plain", "good", "warning", "bad"),
      text: fc.array(
        fc.oneof(text, fc.record({ bold: text }), fc.record({ code: text }), fc.constant({ person: "U1" })),
        {
          maxLength: 5,
        },
      ),
      next: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 700 }), { maxLength: 6 }),
      link: fc.option(
        fc.record({
          label: fc.string({ minLength: 1, maxLength: 100 }),
          place: fc.constant('{"channel":"C1","threadTs":null}'),
          messageId: fc.constant("1.2"),
        }),
      ),
    });
    const home: fc.Arbitrary<Home> = fc.record({
      title: text,
      lead: text,
      sections: fc.array(
        fc.record({ title: fc.constant("Clusters"), items: fc.array(item, { maxLength: 40 }), more: fc.option(text) }),
        { maxLength: 6 },
      ),
      next: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 50 }), { maxLength: 10 }),
      madeAt: fc.constant("2026-11-29T14:00:00.000Z"),
    });
    fc.assert(fc.property(home, isTaken), { numRuns: 60 });
  });

  it("says so if a part of it is left out, and keeps its menu", () => {
    const items = Array.from(
      { length: 80 },
      (_, index): HomeItem => ({
        tone: "plain",
        text: [`item ${index}`],
        next: [`zone list ${index}`],
        link: null,
      }),
    );
    const { blocks } = viewOf({
      ...{ title: "t", lead: "l", madeAt: "2026-11-29T14:00:00.000Z" },
      sections: [{ title: "Clusters", items, more: null }],
      next: ["help"],
    });
    expect(blocks.length).toBeLessThanOrEqual(100);
    expect(JSON.stringify(blocks)).toContain("More than a Home can show");
    expect(JSON.stringify(blocks.at(-2))).toContain("help");
  });

  it("links no operation of a terminal, and shows it", () => {
    const operations = [
      operation(1, { state: "running", place: JSON.stringify({ terminal: "tty" }), messageId: "log" }),
    ];
    const view = viewOf(homeOf(facts(inventoryOf([1]), {}, { operations }), { id: "U1", mayChange: true }));
    expect(JSON.stringify(view)).toContain("Add ps-1 to cluster-1");
    expect(JSON.stringify(view)).not.toContain("Open Progress");
  });

  it("fits names of 63 characters, and inventories without any storage", () => {
    const inventory = inventoryOf(Array(40).fill(3));
    const long = (name: string) => name.padStart(63, "long-name-");
    const named = {
      ...inventory,
      clusters: inventory.clusters.map((each) => ({ ...each, name: long(each.name) })),
      hosts: inventory.hosts.map((each) => ({ ...each, name: long(each.name) })),
      primaryStorages: inventory.primaryStorages.map((each) => ({ ...each, name: long(each.name) })),
    };
    const incidents = Array.from({ length: 40 }, (_, index) => incident(index + 1, index + 1));
    for (const each of [named, { ...named, primaryStorages: [] }])
      isTaken(homeOf(facts(each, { incidents, used: Array(40).fill(97) }), { id: "U1", mayChange: true }));
  });

  it("gives a changed button another block id, so that a click on an older copy is known as such", () => {
    const idsOf = (state: "open" | "quiet") => {
      const acknowledged = state === "open" ? null : { by: "U1", at: "2026-11-29T13:59:00.000Z" };
      const home = homeOf(facts(inventoryOf([1]), { incidents: [incident(1, 1, { acknowledged })] }), {
        id: "U1",
        mayChange: true,
      });
      return viewOf(home).blocks.flatMap((block) => (block.type === "actions" ? [block.block_id ?? ""] : []));
    };
    const [before, after] = [idsOf("open"), idsOf("quiet")];
    const incidentId = (ids: readonly string[]) => ids.find((id) => id.startsWith("section-2"));
    expect(incidentId(before)).not.toBe(incidentId(after));
    expect(before.find((id) => id.startsWith("menu"))).toBe(after.find((id) => id.startsWith("menu")));
  });
});
