import { describe, expect, it } from "vitest";
import { FrozenRefusal, frozenAt } from "../../src/access/frozen.ts";
import { namedClusters, touchedClusters } from "../../src/access/touched-clusters.ts";
import { commands } from "../../src/all-commands.ts";
import type { Command } from "../../src/core/command.ts";
import type { FreezeRecord, Freezes } from "../../src/core/freeze.ts";
import { errorLines } from "../../src/core/refusal.ts";
import { InMemory } from "../flow/in-memory.ts";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const freezeOf = (cluster: string | null, until: string | null = null) => ({
  ...{ cluster, by: "U1", at: "2026-11-30T10:00:00.000Z", reason: "end of the year", until },
});
const schedule = {
  cluster: "cluster-1",
  window: "Mon 08:00-Mon 14:00",
  zone: "UTC",
  by: "U2",
  at: "2026-11-01T00:00:00.000Z",
};
const record = (freezes: Partial<Freezes>, damaged: string | null = null): FreezeRecord => ({
  ...{ freezes: [], schedules: [], damaged },
  ...freezes,
});
const isFrozen = (kept: FreezeRecord, clusters: readonly string[]) => frozenAt(kept, clusters, NOW).length > 0;

describe("frozen is", () => {
  it("a cluster with a freeze, and no other", () => {
    const kept = record({ freezes: [freezeOf("cluster-1")] });
    expect(isFrozen(kept, ["cluster-1"])).toBe(true);
    expect(isFrozen(kept, ["cluster-2", "cluster-1"])).toBe(true);
    expect(isFrozen(kept, ["cluster-2"])).toBe(false);
    expect(isFrozen(kept, [])).toBe(false);
  });

  it("every change if all clusters are frozen, also one that touches no cluster", () => {
    const kept = record({ freezes: [freezeOf(null)] });
    for (const clusters of [[], ["cluster-1"], ["cluster-2"]]) expect(isFrozen(kept, clusters)).toBe(true);
  });

  it.each([
    ["in the past", "2026-11-30T11:59:59.999Z", false],
    ["now", "2026-11-30T12:00:00.000Z", false],
    ["to come", "2026-11-30T12:00:00.001Z", true],
  ])("a cluster with an end %s", (_, until, expected) => {
    expect(isFrozen(record({ freezes: [freezeOf("cluster-1", until)] }), ["cluster-1"])).toBe(expected);
  });

  it("a cluster in the window of its schedule, until the window ends", () => {
    const [frozen] = frozenAt(record({ schedules: [schedule] }), ["cluster-1"], NOW);
    expect(frozen).toMatchObject({ kind: "schedule", by: "U2", until: "2026-11-30T14:00:00.000Z" });
    expect(frozenAt(record({ schedules: [schedule] }), ["cluster-1"], NOW + 2 * 3_600_000)).toEqual([]);
    expect(isFrozen(record({ schedules: [{ ...schedule, cluster: null }] }), [])).toBe(true);
  });

  it("everything if the record is damaged", () => {
    for (const clusters of [[], ["cluster-1"]])
      expect(frozenAt(record({}, "freezes.json is damaged"), clusters, NOW)).toMatchObject([
        { kind: "damaged", cluster: null },
      ]);
  });
});

describe("the refusal of a frozen change says", () => {
  it("what freezes it, until when, and how that ends", () => {
    const kept = record({ freezes: [freezeOf("cluster-1", "2026-12-24T23:59:59.999Z")], schedules: [schedule] });
    const { error, parts } = new FrozenRefusal("op-7", frozenAt(kept, ["cluster-1"], NOW));
    expect(errorLines(error)).toEqual([
      "FROZEN  op-7 can't run now",
      "• cluster-1 is frozen until 2026-12-24 23:59 UTC: end of the year",
      "• cluster-1 is frozen by its schedule until 2026-11-30 14:00 UTC: Mon 08:00-Mon 14:00 (UTC)",
      "Fix: wait until the freeze ends, or end it with `unfreeze cluster-1`",
      "Fix: wait until the freeze ends, or end it with `freeze unschedule cluster-1`",
      "Next: /zstack freeze list",
    ]);
    expect(JSON.stringify(parts)).toContain('"person":"U1"');
  });

  it("how a damaged record is repaired", () => {
    const { error } = new FrozenRefusal("op-7", frozenAt(record({}, "freezes.json is damaged"), [], NOW));
    expect(errorLines(error).join("\n")).toContain("`unfreeze all` writes the file again");
  });
});

describe("a change touches", () => {
  const hosts = new InMemory([2, 2], 2);
  hosts.records([{ name: "ps-1", cluster: "cluster-2", wwids: [hosts.wwids[0] ?? ""] }]);
  const { inventory } = hosts;
  const command = (name: string): Command => {
    const found = commands.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no command ${name}`);
    return found;
  };

  it.each([
    ["a cluster by its name", "sharedblock add", { cluster: "cluster-1", name: "ps-2" }, ["cluster-1"]],
    ["a cluster by its host", "host rescan", { hostOrCluster: inventory.hosts[0]?.name }, ["cluster-1"]],
    ["the clusters that use its storage", "sharedblock rename", { name: "ps-1", to: "rack 4" }, ["cluster-2"]],
    ["only the cluster that it names", "sharedblock attach", { name: "ps-1", cluster: "cluster-1" }, ["cluster-1"]],
    ["none, if it names none", "zone add", { name: "cluster-1" }, []],
  ])("%s", (_, name, args, expected) => expect(namedClusters(command(name), args, inventory)).toEqual(expected));

  it("the clusters of its steps' hosts too", async () => {
    const plan = await hosts.plans(`sharedblock add cluster-1 wwid=${hosts.wwids[1]} name=ps-2`);
    expect(touchedClusters(plan, command("zone add"), {}, inventory)).toEqual(["cluster-1"]);
  });
});
