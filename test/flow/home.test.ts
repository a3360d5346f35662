import { describe, expect, it } from "vitest";
import { emptyInventory } from "../../src/core/inventory.ts";
import type { Operation } from "../../src/core/operation.ts";
import { textOf, wordsOf } from "../../src/core/reply.ts";
import type { Review } from "../../src/core/review.ts";
import { type Home, type HomeFacts, homeOf, stoppableIn, viewOf } from "../../src/flow/home.ts";
import { leaveButton, type RunNow } from "../../src/flow/stop-reply.ts";
import { at, clusterUuid, facts, incident, inventoryOf, operation, storageUuid } from "./home-facts.ts";

const operator = { id: "U1", mayChange: true };
const reader = { id: "U2", mayChange: false };

const linesOf = (home: Home, title: string): string[] =>
  home.sections.find((section) => section.title === title)?.items.map(({ tone, text }) => `${tone}: ${textOf(text)}`) ??
  [];
const wordsIn = (home: Home, title: string): string[][] =>
  home.sections.find((section) => section.title === title)?.items.map(({ next }) => next.map(wordsOf)) ?? [];
const moreOf = (home: Home, title: string) => home.sections.find((section) => section.title === title)?.more;

describe("the title of a Home", () => {
  it("says how many incidents are open, and how many of them are critical", () => {
    const of = (...severities: ("critical" | "warning" | "info")[]) => {
      const incidents = severities.map((severity, index) => incident(index, 1, { severity }));
      return homeOf(facts(inventoryOf([1]), { incidents }), operator).title;
    };
    expect(of()).toBe("No open incident");
    expect(of("info")).toBe("1 open incident");
    expect(of("info", "warning")).toBe("2 open incidents");
    expect(of("warning", "critical", "critical")).toBe("3 open incidents, 2 critical");
  });

  it("says that nothing is known if there is no cluster, or if hosts are not watched", () => {
    expect(homeOf(facts(emptyInventory), operator).title).toBe("No cluster is in the inventory yet");
    const unwatched = homeOf(facts(inventoryOf([2]), null), operator);
    expect(homeOf(facts(inventoryOf([1]), { unobserved: ["host1-1"] }), operator).title).toBe(
      "No host is observed yet",
    );
    expect(unwatched.title).toBe("Hosts are not watched");
    expect(linesOf(unwatched, "Clusters")).toEqual(["plain: cluster-1: 2 hosts"]);
  });
});

describe("the clusters of a Home", () => {
  it("are ordered from the worst to the best", () => {
    const pauses = [{ clusterUuid: clusterUuid(5), by: "U1", until: at(30), reason: "firmware" }];
    const incidents = [
      incident(1, 2, { severity: "warning" }),
      incident(2, 3, { severity: "critical" }),
      incident(3, 2, { severity: "info" }),
      incident(4, 2, { severity: "warning" }),
    ];
    const home = homeOf(
      facts(inventoryOf([1, 2, 3, 1, 1, 0]), { incidents, silent: ["host4-1"], unobserved: ["host1-1"], pauses }),
      operator,
    );
    expect(linesOf(home, "Clusters")).toEqual([
      "bad: cluster-3: 1 critical, 3 hosts",
      "warning: cluster-2: 2 warnings, 1 info, 2 hosts",
      "warning: cluster-4: no incident, 1 host, 1 does not answer",
      "plain: cluster-5: no incident, 1 host; not watched until 14:30 UTC",
      "plain: cluster-1: 1 host, none observed yet",
      "plain: cluster-6: no host",
    ]);
  });

  it("have a button that checks them if something is wrong, and the rest is counted", () => {
    const home = homeOf(facts(inventoryOf(Array(11).fill(1)), { silent: ["host9-1"] }), operator);
    const [section] = home.sections;
    expect(section?.items.flatMap(({ next }) => next.map(wordsOf))).toEqual([
      "cluster check cluster-9",
      "cluster map cluster-9",
    ]);
    expect(section?.items).toHaveLength(8);
    expect(section?.more).toBe("3 more clusters, none of them worse: cluster list");
  });
});

describe("the incidents of a Home", () => {
  it("are those that were reported and are not over: the worst first, silenced ones last", () => {
    const incidents = [
      incident(1, 1, { state: "pending", openedAt: null }),
      incident(2, 1, { state: "resolved", resolvedAt: at(-1) }),
      incident(3, 1, { severity: "info" }),
      incident(4, 1, { severity: "critical", silenced: { by: "U1", until: at(9), reason: "r", severity: "critical" } }),
      incident(5, 1, { state: "quiet", quietAt: at(-1), beganAt: at(-9) }),
      incident(7, 1, { severity: "critical", silenced: { by: "U1", until: at(9), reason: "r", severity: "warning" } }),
      incident(6, 1, { acknowledged: { by: "U1", at: at(-2) }, assigned: "U2" }),
    ];
    expect(linesOf(homeOf(facts(inventoryOf([1]), { incidents }), operator), "Open incidents")).toEqual([
      "bad: inc-7: host1-1 does not answer: timeout 7\nCritical since 2026-11-29 13:55:00 UTC. At risk: ps-1.",
      "warning: inc-6: host1-1 does not answer: timeout 6\nWarning since 2026-11-29 13:55:00 UTC. At risk: ps-1. Acknowledged by @U1. Assigned to @U2.",
      "warning: inc-5: host1-1 does not answer: timeout 5\nWarning since 2026-11-29 13:51:00 UTC. Nothing is found now. At risk: ps-1.",
      "plain: inc-3: host1-1 does not answer: timeout 3\nInfo since 2026-11-29 13:55:00 UTC. At risk: ps-1.",
      "bad: inc-4: host1-1 does not answer: timeout 4\nCritical since 2026-11-29 13:55:00 UTC. At risk: ps-1. Silenced until 2026-11-29 14:09:00 UTC.",
    ]);
  });

  it("link their thread, have the buttons of their message, and the rest is counted", () => {
    const incidents = Array.from({ length: 12 }, (_, index) => incident(index + 1, 1));
    const home = homeOf(facts(inventoryOf([1]), { incidents }), operator);
    const items = home.sections.find(({ title }) => title === "Open incidents")?.items ?? [];
    expect(items).toHaveLength(8);
    expect(items[0]?.link).toMatchObject({ label: "Open Incident", messageId: "1.1" });
    expect(items[0]?.next.map(wordsOf)).toContain("incident ack inc-1");
    expect(moreOf(home, "Open incidents")).toBe("4 more incidents: incident list");
  });
});

describe("the plans and operations of a Home", () => {
  const operations = [
    operation(1, { expiresAt: at(9), askedBy: "U1" }),
    operation(2, { expiresAt: at(3), askedBy: "U2" }),
    operation(3, { expiresAt: at(-1) }),
    operation(4, { state: "done" }),
    operation(5, { state: "running", confirmedBy: "U2", confirmedAt: at(-1) }),
    operation(6, { state: "confirmed", messageId: null }),
  ];
  const plansOf = (viewer: typeof operator) =>
    linesOf(homeOf(facts(inventoryOf([1]), {}, { operations }), viewer), "Plans that wait for you");

  it("wait for everyone who may confirm them, the one that expires first on top", () => {
    expect(plansOf(operator)).toEqual([
      "plain: Add ps-2 to cluster-1\nop-2, asked by @U2, expires at 14:03 UTC",
      "plain: Add ps-1 to cluster-1\nop-1, asked by @U1, expires at 14:09 UTC",
    ]);
  });

  it("wait only for their asker if that person may not change anything", () => {
    expect(plansOf(reader)).toEqual(["plain: Add ps-2 to cluster-1\nop-2, asked by @U2, expires at 14:03 UTC"]);
  });

  it("are counted in the lead, and running ones are listed", () => {
    const home = homeOf(facts(inventoryOf([1]), {}, { operations }), operator);
    expect(home.lead).toBe("2 plans wait for you. 2 operations run.");
    expect(linesOf(home, "Running operations")).toEqual([
      "plain: Add ps-5 to cluster-1\nop-5, confirmed by @U2 at 13:59 UTC",
      "plain: Add ps-6 to cluster-1\nop-6, confirmed by nobody yet",
    ]);
    expect(homeOf(facts(inventoryOf([1])), operator).lead).toBe("No plan waits for you. No operation runs.");
  });
});

describe("the storages of a Home", () => {
  it("have a bar and the percent in words, the fullest first", () => {
    const home = homeOf(facts(inventoryOf([1, 1, 1, 1]), { used: [7, 96, 82] }), operator);
    expect(linesOf(home, "Storages")).toEqual([
      "bad: ps-2\n[#########.] 96 % used, 40.0 GB of 1.00 TB free",
      "warning: ps-3\n[########..] 82 % used, 180.0 GB of 1.00 TB free",
      "plain: ps-1\n[#.........] 7 % used, 930.0 GB of 1.00 TB free",
      "plain: ps-4\ncapacity not observed yet",
    ]);
  });

  it("are marked from the levels that are set for them", () => {
    const levels = { "ps-2": [40, 45, 50] as const };
    const home = homeOf(facts(inventoryOf([1, 1]), { used: [60, 60], levels }), operator);
    expect(linesOf(home, "Storages").map((line) => line.split("\n")[0])).toEqual(["plain: ps-1", "bad: ps-2"]);
  });

  it("show the time of a capacity that is older than 10 minutes", () => {
    const home = homeOf(facts(inventoryOf([1]), { used: [50] }, { nowMs: Date.parse(at(60)) }), operator);
    expect(linesOf(home, "Storages")).toEqual([
      "plain: ps-1\n[#####.....] 50 % used, 500.0 GB of 1.00 TB free, observed 2026-11-29 13:58:00 UTC",
    ]);
  });

  it("show the newest observation, of the watch or of a command, and a state that is not Enabled", () => {
    const inventory = inventoryOf([1]);
    const [storage] = inventory.primaryStorages;
    if (storage === undefined) return expect.fail("no storage");
    const observations = {
      keep: () => undefined,
      of: () => [
        {
          ...{ storageUuid: storageUuid(1), hostUuid: "h", status: "Connected" as const, at: Date.parse(at(-1)) },
          capacity: { sizeBytes: 100, freeBytes: 50 },
        },
      ],
    };
    const maintained = { ...inventory, primaryStorages: [{ ...storage, state: "Maintenance" as const }] };
    const home = homeOf(facts(maintained, { used: [10] }, { observations }), operator);
    expect(linesOf(home, "Storages")).toEqual([
      "plain: ps-1 (Maintenance)\n[#####.....] 50 % used, 50 B of 100 B free",
    ]);
  });
});

describe("the second person of a plan on a Home", () => {
  const plan = (number: number, second: Operation["second"], askedBy = "U1") =>
    operation(number, { askedBy, expiresAt: at(5), second });
  const given = { kind: "break-glass", by: "U1", at: at(-1), digest: "d", reason: "r" } as const;
  const operations = [
    plan(1, { clusters: "all", given: null }),
    plan(2, { clusters: "all", given: null }, "U3"),
    plan(3, { clusters: "all", given }),
    plan(4, null),
  ];
  const approver = { id: "U3", mayChange: false, mayApprove: true };
  const stepsOf = (viewer: typeof approver) =>
    homeOf(facts(inventoryOf([1]), {}, { operations }), viewer).sections.flatMap(({ title, items }) =>
      title === "Plans that wait for you" ? items.map(({ next }) => next.map(wordsOf)) : [],
    );

  it("has the buttons of an approver for plans of others that wait, and shows what was decided", () => {
    expect(stepsOf(approver)).toEqual([
      ["approve op-1", "reject op-1", "operation show op-1"],
      ["operation show op-2"],
    ]);
    const lines = linesOf(homeOf(facts(inventoryOf([1]), {}, { operations }), operator), "Plans that wait for you");
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain("\nIt waits for an approver.");
    expect(lines[2]).toContain("\nBREAK-GLASS by @U1.");
  });

  it("is not shared by people for whom it differs", () => {
    const views = [approver, { ...approver, id: "U4" }, { ...approver, id: "U5" }, operator, reader].map((viewer) =>
      viewOf(facts(inventoryOf([1]), {}, { operations }), viewer),
    );
    expect(new Set(views).size).toBe(4);
    expect(views[1]).toBe(views[2]);
  });

  it("lists the open reviews that the person may close, and no closed one", () => {
    const review: Review = {
      ...{ id: "rev-1", operationId: "op-3", title: "Add ps-1", words: "x", by: "U1", at: at(-1), reason: "r" },
      ...{ away: null, notified: [], posting: [], unreachable: [], shown: null, isNotified: true, closed: null },
    };
    const closed = { ...review, id: "rev-2", closed: { by: "U2", at: at(0), note: "n" } };
    const other = { ...review, id: "rev-3", operationId: "op-4" };
    const all = facts(inventoryOf([1]), {}, { reviews: [review, closed, other] });
    const listed = (...mayClose: readonly string[]) =>
      homeOf(all, { ...operator, mayClose: new Set(mayClose) })
        .sections.filter(({ title }) => title === "Reviews that wait for an admin")
        .flatMap(({ items }) => items.flatMap(({ next }) => next.map(wordsOf)));
    expect(listed("rev-1", "rev-2")).toEqual(["review close rev-1", "operation show op-3"]);
    expect(listed()).toEqual([]);
    const views = [["rev-1"], ["rev-3"], []].map((ids) => viewOf(all, { ...operator, mayClose: new Set(ids) }));
    expect(new Set(views).size).toBe(3);
  });
});

describe("the running operations of a Home", () => {
  const running = (id: number) =>
    operation(id, { state: "running", confirmedBy: "U2", confirmedAt: at(-1), clusters: ["cluster-1"] });
  const waiting = (id: number) => ({ ...running(id), state: "confirmed" as const });
  const stop = (id: string) => ({ words: `operation stop ${id}`, label: "Stop After This Step" });
  const run = (id: string, more: Partial<RunNow> = {}): RunNow => ({
    ...{ id, waits: null, stopAsked: null, stops: [stop(id)] },
    ...more,
  });
  const waits = (id: string, first: string, ...others: readonly string[]): RunNow =>
    run(id, {
      waits: { ahead: [first, ...others], until: at(8) },
      stops: [leaveButton({ ...operation(1), id })],
    });
  const operations = [waiting(4), waiting(3), running(2), running(1)];
  const runs = [run("op-1"), run("op-2"), waits("op-3", "op-1"), waits("op-4", "op-1", "op-3")];
  const homeFor = (mayStop?: ReadonlySet<string>, now: readonly RunNow[] = runs) =>
    homeOf(facts(inventoryOf([1]), {}, { operations, runs: now }), { ...operator, ...(mayStop && { mayStop }) });

  it("have the stop button of their message for the people who may stop them", () => {
    expect(wordsIn(homeFor(new Set(["op-1"])), "Running operations")).toEqual([[], ["operation stop op-1"]]);
    expect(wordsIn(homeFor(), "Running operations")).toEqual([[], []]);
    const [, item] =
      homeFor(new Set(["op-1"])).sections.find(({ title }) => title === "Running operations")?.items ?? [];
    expect(item?.next).toEqual([stop("op-1")]);
  });

  it("say who stopped them, and have no button if no further step can begin", () => {
    const asked = run("op-1", { stopAsked: { by: "U3", at: at(0) }, stops: [] });
    const home = homeFor(new Set(["op-1"]), [asked, ...runs.slice(1)]);
    expect(linesOf(home, "Running operations")[1]).toMatch(/\nStops after this step, as @U3 asked\.$/);
    expect(wordsIn(home, "Running operations")).toEqual([[], []]);
  });

  it("have no button if they are of the last run of the bot", () => {
    const home = homeFor(new Set(["op-1", "op-2"]), []);
    expect(linesOf(home, "Running operations")).toHaveLength(4);
    expect(wordsIn(home, "Running operations").flat()).toEqual([]);
  });

  it("are apart from those in the queue, which have a place, what they wait for, and a button", () => {
    const home = homeFor(new Set(["op-3", "op-4"]));
    expect(home.lead).toBe("No plan waits for you. 2 operations run. 2 operations wait in the queue.");
    expect(linesOf(home, "Operations in the queue")).toEqual([
      "plain: Add ps-3 to cluster-1\nop-3, confirmed by @U2 at 13:59 UTC\nPlace 1 in the queue, after op-1. It waits until 14:08 UTC at most.",
      "plain: Add ps-4 to cluster-1\nop-4, confirmed by @U2 at 13:59 UTC\nPlace 2 in the queue, after op-1, op-3. It waits until 14:08 UTC at most.",
    ]);
    expect(wordsIn(home, "Operations in the queue")).toEqual([
      ["operation stop op-3", "operation show op-1"],
      ["operation stop op-4", "operation show op-1"],
    ]);
    expect(wordsIn(homeFor(), "Operations in the queue")[0]).toEqual(["operation show op-1"]);
  });

  it("are asked about only if they have such a button, and as many as are shown", () => {
    expect(stoppableIn(facts(inventoryOf([1]), {}, { operations, runs })).map(({ id }) => id)).toEqual([
      ...["op-2", "op-1", "op-3", "op-4"],
    ]);
    const many = Array.from({ length: 30 }, (_, index) => running(index + 1));
    const now = many.map(({ id }) => run(id));
    expect(stoppableIn(facts(inventoryOf([1]), {}, { operations: many, runs: now }))).toHaveLength(6);
    expect(stoppableIn(facts(inventoryOf([1]), {}, { operations: many }))).toEqual([]);
  });

  it("make a Home that is not shared by people who may stop others", () => {
    const views = [undefined, new Set<string>(), new Set(["op-1"]), new Set(["op-2"]), new Set(["op-2"])].map(
      (mayStop) =>
        viewOf(facts(inventoryOf([1]), {}, { operations, runs }), { ...operator, ...(mayStop && { mayStop }) }),
    );
    expect(views[0]).toBe(views[1]);
    expect(views[3]).toBe(views[4]);
    expect(new Set(views).size).toBe(3);
  });
});

describe("a frozen cluster of a Home", () => {
  const freeze = (cluster: string | null, until: string | null, reason = "end of the year") => ({
    ...{ cluster, by: "U1", at: at(-9), reason, until },
  });
  const linesWith = (...freezes: readonly ReturnType<typeof freeze>[]) =>
    linesOf(
      homeOf(
        facts(inventoryOf([1, 1, 1]), {}, { freezes: { freezes: [...freezes], schedules: [], damaged: null } }),
        operator,
      ),
      "Clusters",
    );

  it("says by whom and until when, and is before those that are not frozen", () => {
    expect(linesWith(freeze("cluster-3", at(60)), freeze("cluster-2", at(-1)))).toEqual([
      "good: cluster-3: no incident, 1 host\nFrozen by @U1 until 2026-11-29 15:00:00 UTC: end of the year",
      "good: cluster-1: no incident, 1 host",
      "good: cluster-2: no incident, 1 host",
    ]);
  });

  it("is each one if all are frozen, and the freeze that ends last is shown", () => {
    const lines = linesWith(freeze(null, null, "audit"), freeze("cluster-2", at(60)));
    expect(lines[0]).toMatch(/\nFrozen by @U1 until a person ends it: audit$/);
    expect(lines[1]).toMatch(/\nFrozen by @U1 until a person ends it: audit, and 1 more freeze$/);
  });

  it("says so too if a schedule froze it, or if the record of freezes is damaged", () => {
    const lines = (freezes: HomeFacts["freezes"]) =>
      linesOf(homeOf(facts(inventoryOf([1]), {}, freezes && { freezes }), operator), "Clusters")[0];
    const schedules = [{ cluster: "cluster-1", by: "U2", at: at(-9), window: "Sun 13:00-Sun 18:00", zone: "UTC" }];
    expect(lines({ freezes: [], schedules, damaged: null })).toMatch(
      /\nFrozen by a schedule of @U2 until 2026-11-29 18:00:00 UTC: Sun 13:00-Sun 18:00 \(UTC\)$/,
    );
    expect(lines({ freezes: [], schedules: [], damaged: "freezes.json is not JSON" })).toMatch(
      /\nCounts as frozen: freezes\.json is not JSON$/,
    );
    expect(lines(undefined)).not.toContain("rozen");
  });
});
