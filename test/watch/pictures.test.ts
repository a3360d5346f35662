import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Part, Reply } from "../../src/core/reply.ts";
import { capacityValue, type TrackHistory } from "../../src/core/track-history.ts";
import { messageOf } from "../../src/slack/blocks.ts";
import { capacityReply, pointsOf } from "../../src/watch/pictures/capacity.ts";
import { failedPathsReply } from "../../src/watch/pictures/failed-paths.ts";
import { lunHistoryReply } from "../../src/watch/pictures/lun-paths.ts";
import { validated } from "../../src/workspace/server/validate-method.ts";
import { factsWith, spans, track, type Values } from "./made-history.ts";
import { inventory, LUN } from "./watched-host.ts";

const [host1, host2] = inventory.hosts.map(({ uuid }) => uuid) as [string, string];
const storage = inventory.primaryStorages[0]?.uuid ?? "";
const chartsOf = ({ parts }: Reply) =>
  parts.filter((part): part is Extract<Part, { kind: "chart" }> => part.kind === "chart");

/** The message as Slack gets it, with charts and without. Slack's rules hold for both. */
async function matchesGolden(name: string, reply: Reply): Promise<void> {
  for (const kinds of ["all", "basic"] as const) {
    const { text, blocks } = messageOf({ reply }, true, { kinds });
    expect(blocks.filter(({ type }) => `${type}` === "data_visualization")).toHaveLength(
      kinds === "all" ? chartsOf(reply).length : 0,
    );
    const message = { text, blocks };
    expect(validated({ message })).toMatchObject({ ok: true });
    const file = join(import.meta.dirname, "golden", `${name}${kinds === "all" ? "" : "-as-table"}.json`);
    await expect(`${JSON.stringify({ message }, null, 2)}\n`).toMatchFileSnapshot(file);
  }
}

describe("sharedblock capacity", () => {
  const growing = (days: number): TrackHistory => ({
    track: track("capacity", storage),
    spans: spans(
      ...Array.from({ length: days }, (_, index) => {
        const day = days - 1 - index;
        return [day * 24 + 12, capacityValue(6e11 - (days - day) * 1e10, 1e12)] as const;
      }),
    ),
  });

  it("shows the used capacity, and a forecast in a chart of its own", async () => {
    const reply = await capacityReply({ name: "ps-1", days: 30 }, factsWith([growing(30)]));
    const [past, future] = chartsOf(reply);
    expect(past?.categories.length).toBeLessThanOrEqual(20);
    expect(past?.takeaway).toContain("It grew by 10.0 GB a day in 29 days. At this rate it is full about 2026-12-29");
    expect(future?.series.map(({ name }) => name)).toEqual(["used, forecast", "size"]);
    await matchesGolden("capacity", reply);
  });

  it("says that the history is too short, and draws no forecast", async () => {
    const reply = await capacityReply({ name: "ps-1", days: 30 }, factsWith([growing(2)]));
    expect(chartsOf(reply)).toHaveLength(1);
    expect(chartsOf(reply)[0]?.takeaway).toMatch(/^No forecast: the history covers 1 day/);
  });

  it("draws no point for a time in which nobody observed it", async () => {
    const capacity = capacityValue(5e11, 1e12);
    const gap = { track: track("capacity", storage), spans: spans([600, capacity], [500, null], [100, capacity]) };
    const reply = await capacityReply({ name: "ps-1", days: 30 }, factsWith([gap]));
    expect(chartsOf(reply)[0]?.categories.length).toBeLessThan(12);
  });

  it("draws bars in the first minutes, because a line through one point can't be seen", async () => {
    const young = { track: track("capacity", storage), spans: spans([0.01, capacityValue(5e11, 1e12)]) };
    const [chart] = chartsOf(await capacityReply({ name: "ps-1", days: 30 }, factsWith([young])));
    expect(chart).toMatchObject({ shape: "bar", title: "Used capacity, times in UTC", categories: ["12:00"] });
    const hour = { track: track("capacity", storage), spans: spans([1, capacityValue(5e11, 1e12)]) };
    const [later] = chartsOf(await capacityReply({ name: "ps-1", days: 30 }, factsWith([hour])));
    expect(later).toMatchObject({ shape: "line" });
    expect(later?.categories).toHaveLength(12);
  });

  it("shows all of a long history, with years", async () => {
    const long = { track: track("capacity", storage), spans: spans([3_000 * 24, capacityValue(5e11, 1e12)]) };
    const [chart] = chartsOf(await capacityReply({ name: "ps-1", days: 3650 }, factsWith([long])));
    expect(chart?.title).toBe("Used capacity, last 3000 days");
    expect(chart?.categories[0]).toBe("2019-01-10");
    expect(chart?.categories.at(-1)).toBe("2026-11-29");
  });

  it("has one point in six hours, however often the capacity changed", () => {
    const nowMs = 90 * 86_400_000;
    const changes = Array.from({ length: 200_000 }, (_, index) => ({
      fromMs: index * 30_000,
      toMs: (index + 1) * 30_000,
      value: capacityValue(index, 1e12),
    }));
    const points = pointsOf(changes, 0, nowMs);
    expect(points).toHaveLength(Math.ceil((200_000 * 30_000) / 21_600_000));
    expect(points[0]).toEqual({ atMs: 21_600_000, usedBytes: 1e12 - 719, sizeBytes: 1e12 });
  });

  it("says so if there is no history", async () => {
    const reply = await capacityReply({ name: "ps-1", days: 30 }, factsWith([]));
    expect(reply.title).toBe("ps-1: no capacity in the history");
  });
});

describe("lun history", () => {
  const path = (host: string, port: number, ...values: Values): TrackHistory => ({
    track: track("path", host, `10.0.0.${port}:3260`, LUN),
    spans: spans(...values),
  });
  const ask = (...all: readonly TrackHistory[]) =>
    lunHistoryReply({ cluster: "cluster-1", wwid: LUN, hours: 24 }, factsWith(all));

  it("shows the fewest working paths of each host, the worst host first", async () => {
    const reply = await ask(
      path(host1, 1, [24, "works"]),
      path(host1, 2, [24, "works"]),
      path(host2, 1, [24, "works"], [6, "failed"], [5, "works"]),
      path(host2, 2, [24, "works"], [5.5, "gone"], [4, "works"]),
    );
    expect(reply).toMatchObject({ tone: "bad", title: "LUN …bbe00a: without any path on 1 host in the last 24 h" });
    const [chart] = chartsOf(reply);
    expect(chart?.takeaway).toBe("host2 had no path for 30 min.");
    expect(chart?.series.map(({ name, values }) => [name, Math.min(...values)])).toEqual([
      ["host2", 0],
      ["host1", 2],
    ]);
    await matchesGolden("lun-history", reply);
  });

  it("claims nothing for a host that was silent: it is in the table, with the time for which it was observed", async () => {
    const reply = await ask(path(host1, 1, [24, "works"]), path(host2, 1, [24, "works"], [20, null], [1, "works"]));
    const [chart] = chartsOf(reply);
    expect(chart?.series.map(({ name }) => name)).toEqual(["host1"]);
    expect(chart?.takeaway).toBe("Every observed host had all its paths. Not drawn: 1 host, see the table.");
    const table = reply.parts.find((part) => part.kind === "table");
    expect(table?.rows).toContainEqual(["host2", "1/1", "1/1", "0 s", "0 s", "5 h"]);
  });

  it("does not call old values those of now, and names the hosts without any path", async () => {
    const reply = await ask(path(host1, 1, [24, "failed"], [20, null]));
    const table = reply.parts.find((part) => part.kind === "table");
    expect(table?.rows[0]?.slice(0, 2)).toEqual(["host1", "not observed"]);
    expect(reply.parts).toContainEqual({ kind: "text", tone: "warning", text: "No path was observed on host2." });
  });

  it("says so if no host showed it", async () => {
    expect((await ask()).title).toBe("LUN …bbe00a: no paths in the history");
  });
});

describe("multipath history", () => {
  const failed = (host: string, ...values: Values): TrackHistory => ({
    track: track("failed", host),
    spans: spans(...values),
  });

  it("shows the failed paths of each host, those that fail now first", async () => {
    const reply = await failedPathsReply(
      { name: "cluster-1", hours: 24 },
      factsWith([failed(host1, [24, "0"], [3, "8"], [2, "0"]), failed(host2, [24, "0"], [1, "4"])]),
    );
    expect(reply.title).toBe("cluster-1: paths failed on 2 of 2 hosts in the last 24 h, 4 failed now");
    expect(chartsOf(reply)[0]?.categories).toEqual(["host2", "host1"]);
    await matchesGolden("multipath-history", reply);
  });

  it("does not count a host that is silent now", async () => {
    const reply = await failedPathsReply(
      { name: "cluster-1", hours: 24 },
      factsWith([failed(host1, [24, "0"], [3, "8"], [2, null]), failed(host2, [24, "0"])]),
    );
    expect(reply).toMatchObject({
      title: "cluster-1: paths failed on 1 of 2 hosts in the last 24 h",
      tone: "warning",
    });
    expect(chartsOf(reply)[0]?.takeaway).toBe("host1 had up to 8 failed paths, and is not observed now.");
    expect(reply.parts).toContainEqual({ kind: "text", tone: "warning", text: "Not observed now: host1." });
    expect(reply.parts.find((part) => part.kind === "table")?.rows[0]?.slice(0, 2)).toEqual(["host1", "not observed"]);
  });

  it("names the hosts that nobody observed", async () => {
    const reply = await failedPathsReply({ name: "cluster-1", hours: 24 }, factsWith([failed(host1, [24, "0"])]));
    expect(reply.title).toBe("cluster-1: no path failed in the last 24 h");
    expect(reply.parts).toContainEqual({ kind: "text", tone: "warning", text: "Not observed in this time: host2." });
  });

  it("draws the worst 20 of a hundred hosts", async () => {
    const [host] = inventory.hosts;
    if (host === undefined) throw new Error("no host");
    const hosts = Array.from({ length: 100 }, (_, number) => ({
      ...host,
      uuid: String(number).padStart(32, "0"),
      name: `sharedblock-storage-host${number}`,
    }));
    const reply = await failedPathsReply(
      { name: "cluster-1", hours: 24 },
      factsWith(
        hosts.map(({ uuid }, index) => failed(uuid, [24, `${index}`])),
        { ...inventory, hosts },
      ),
    );
    expect(chartsOf(reply)[0]?.categories).toHaveLength(20);
    expect(chartsOf(reply)[0]?.takeaway).toContain("79 more hosts are in the table.");
    await matchesGolden("multipath-history-100-hosts", reply);
  });

  it("counts only the time that was observed", async () => {
    const reply = await failedPathsReply(
      { name: "host1", hours: 24 },
      factsWith([failed(host1, [24, "2"], [20, null], [1, "0"])]),
    );
    expect(reply.parts.find((part) => part.kind === "table")?.rows).toEqual([["host1", "0", "2", "4 h", "5 h"]]);
  });
});
