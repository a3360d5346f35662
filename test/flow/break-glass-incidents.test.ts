import { describe, expect, it } from "vitest";
import type { Incident } from "../../src/core/incident.ts";
import type { Review } from "../../src/core/review.ts";
import { notesInIncidents } from "../../src/flow/break-glass-incidents.ts";
import type { World } from "../../src/flow/ports.ts";
import { at, clusterUuid, incident, inventoryOf, operation, storageUuid } from "./home-facts.ts";

const review: Review = {
  ...{ id: "rev-1", operationId: "op-7", title: "t", words: "w", by: "U1", at: at(0), reason: "nobody answers" },
  ...{ away: null, notified: [], posting: [], unreachable: [], shown: null, isNotified: false, closed: null },
};
const wwid = "36b083fe000daf018000015505abbe00a";
const plan = operation(7, { clusters: ["cluster-1"], locks: [storageUuid(3), wwid, "inventory"] });
const finding = incident(0, 2).findings[0];
if (finding === undefined) throw new Error("a sample incident has a finding");

class Watching {
  failing = new Set<string>();
  errors = 0;
  incidents: readonly Incident[];
  constructor(...incidents: readonly Incident[]) {
    this.incidents = incidents;
  }

  notes = (): Promise<boolean> =>
    notesInIncidents(review, plan, {
      inventory: { current: () => inventoryOf([1, 1, 1]), apply: async () => undefined },
      log: { info: () => undefined, error: () => (this.errors += 1) },
      watch: () =>
        ({
          incidents: () => this.incidents,
          revise: async (id: string, change: (incident: Incident) => Incident) => {
            if (this.failing.has(id)) throw new Error("the disk is full");
            this.incidents = this.incidents.map((each) => (each.id === id ? change(each) : each));
          },
        }) as unknown as ReturnType<World["watch"]>,
    });

  noted = () =>
    this.incidents.flatMap(({ id, events }) => events.filter(({ kind }) => kind === "break-glass").map(() => id));
}

describe("a break-glass is noted in an incident", () => {
  it("about a cluster that the plan changes, or a storage or a LUN that it locks", async () => {
    const watching = new Watching(
      incident(1, 1),
      incident(2, 2),
      incident(3, 2, { findings: [{ ...finding, clusterUuid: clusterUuid(1) }] }),
      incident(4, 2, { findings: [{ ...finding, storageUuid: storageUuid(3) }] }),
      incident(5, 2, { findings: [{ ...finding, wwid }] }),
      incident(6, 2, { findings: [{ ...finding, storageUuid: storageUuid(2), wwid: "36b0" }] }),
    );
    expect(await watching.notes()).toBe(true);
    expect(watching.noted()).toEqual(["inc-1", "inc-3", "inc-4", "inc-5"]);
    expect(watching.incidents[0]?.events).toEqual([
      {
        ...{ at: at(0), kind: "break-glass", by: "U1", ref: "op-7" },
        text: "Add ps-7 to cluster-1 (op-7) may run without a second person, rev-1: nobody answers",
      },
    ]);
  });

  it("that was open then and is not over", async () => {
    const watching = new Watching(
      incident(1, 1, { state: "pending", openedAt: null }),
      incident(2, 1, { state: "resolved", resolvedAt: at(1) }),
      incident(3, 1, { state: "quiet", quietAt: at(-1), findings: [], shownFindings: [finding] }),
      incident(4, 1, { openedAt: at(1) }),
    );
    await watching.notes();
    expect(watching.noted()).toEqual(["inc-3"]);
  });

  it("once, also if it is tried again because another one could not be written", async () => {
    const watching = new Watching(incident(1, 1), incident(2, 1));
    watching.failing.add("inc-2");
    expect(await watching.notes()).toBe(false);
    expect(watching.errors).toBe(1);
    watching.failing.clear();
    expect(await watching.notes()).toBe(true);
    expect(await watching.notes()).toBe(true);
    expect(watching.noted()).toEqual(["inc-1", "inc-2"]);
  });
});
