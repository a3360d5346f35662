import { describe, expect, it } from "vitest";
import type { Facts } from "../../src/core/facts.ts";
import { plainLines } from "../../src/core/reply.ts";
import type { CoveredNow, StorageUse, WatchedHost, WatchFacts, WatchPause } from "../../src/core/watch-facts.ts";
import { watchShowReply } from "../../src/watch/watch-show.ts";
import { inventory as watched } from "./watched-host.ts";

const NOW = Date.parse("2026-11-29T10:00:00.000Z");
const ago = (ms: number) => new Date(NOW - ms).toISOString();
const [host1 = "", host2 = ""] = watched.hosts.map(({ uuid }) => uuid);
const [cluster = ""] = watched.clusters.map(({ uuid }) => uuid);

const answers = (hostUuid: string, more: Partial<WatchedHost> = {}): WatchedHost => ({
  ...{ hostUuid, observedAt: ago(5_000), silence: null, noEvents: null },
  ...more,
});
interface Given {
  readonly hosts?: readonly WatchedHost[];
  readonly pauses?: readonly WatchPause[];
  readonly covered?: readonly CoveredNow[];
  readonly uses?: readonly StorageUse[];
  readonly inventory?: Facts["inventory"];
}
async function shown({ hosts, pauses = [], covered = [], uses = [], inventory = watched }: Given): Promise<string> {
  const watch = {
    ...{ everyMs: 30_000, isPosting: true, incidents: () => [] },
    hosts: () => hosts ?? [answers(host1), answers(host2)],
    pauses: () => pauses,
    covered: () => covered,
    uses: () => uses,
  } as unknown as WatchFacts;
  const reply = await watchShowReply({}, { inventory, watch, now: () => NOW } as unknown as Facts);
  return [reply.title, ...plainLines(reply.parts)].join("\n");
}
const rowOf = (text: string, host: string) => text.split("\n").find((line) => line.startsWith(`host=${host} `)) ?? "";

describe("watch show", () => {
  it("names when a host was observed, and that its events arrive", async () => {
    const text = await shown({});
    expect(text).toContain("Watching 2 hosts: no open incident");
    expect(rowOf(text, "host1")).toBe(
      "host=host1 · cluster=cluster-1 · observed=5 s ago · answer=complete · events=arrive · left out=nothing",
    );
  });
  it("says why a host is only polled, and how often", async () => {
    const noEvents = "udevadm: command not found";
    const text = await shown({ hosts: [answers(host1), answers(host2, { noEvents })] });
    expect(text).toContain("1 without events: only every 30 s.");
    expect(rowOf(text, "host2")).toContain("none: udevadm: command not found");
  });
  it("says that a stream broke, and that a host does not answer", async () => {
    const text = await shown({ hosts: [answers(host1, { noEvents: "it ended", silence: "connection refused" })] });
    expect(text).toContain("1 does not answer.");
    expect(rowOf(text, "host1")).toContain("answer=connection refused · events=none: it ended");
  });
  it("says what can't be read of a host that answers", async () => {
    const text = await shown({ hosts: [answers(host1, { notRead: ["paths: exit code 1"] })] });
    expect(rowOf(text, "host1")).toContain("answer=without paths: exit code 1 · events=arrive");
  });
  it("says how old the space of a storage is if nobody could read it lately", async () => {
    const [{ uuid: storageUuid } = { uuid: "" }] = watched.primaryStorages;
    const use = { storageUuid, sizeBytes: 10 ** 12, freeBytes: 5 * 10 ** 11 };
    const old = await shown({ uses: [{ ...use, observedAt: ago(21 * 60_000) }] });
    expect(old).toContain("ps-1: 50 % used, 500.0 GB of 1.00 TB free, read 21 min ago");
    expect(await shown({ uses: [{ ...use, observedAt: ago(180_000) }] })).not.toContain("% used");
  });
  it("says that a host was never observed", async () => {
    const text = await shown({ hosts: [answers(host1)] });
    expect(rowOf(text, "host2")).toContain("observed=not yet · answer=none yet · events=not yet");
  });
  it("names a pause, by whom and why, and leaves out one that is over", async () => {
    const pause = { clusterUuid: cluster, by: "U1", until: ago(-60_000), reason: "switch replaced" };
    const text = await shown({ pauses: [pause] });
    expect(text).toMatch(/cluster-1 until .*: switch replaced/);
    expect(rowOf(text, "host1")).toContain("all: paused");
    expect(await shown({ pauses: [{ ...pause, until: ago(1) }] })).not.toContain("switch replaced");
  });
  it("names a storage in maintenance, on each of its hosts", async () => {
    const [storage] = watched.primaryStorages;
    const primaryStorages = storage === undefined ? [] : [{ ...storage, state: "Maintenance" as const }];
    const text = await shown({ inventory: { ...watched, primaryStorages } });
    expect(text).toContain("ps-1 on cluster-1");
    expect(rowOf(text, "host2")).toContain("ps-1: maintenance");
  });
  it("names what is found and is no incident, and why", async () => {
    const text = await shown({
      covered: [{ clusterUuid: cluster, why: "op-7 causes this", findings: ["LUN …bbe00a is new on host1", "x"] }],
    });
    expect(text).toContain("op-7 causes this: LUN …bbe00a is new on host1, and 1 more");
  });
});
