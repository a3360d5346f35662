import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { usualSettings } from "../../src/watch/watcher.ts";
import { beginsVirtualTime, resolves, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 3, luns: 2, ports: 2 };
const U1 = { onCall: ["U1"], escalateTo: [] };

it("a silent host that a person resolved is news and a call if its lease dies", async () => {
  const san = await new WatchedSan(SIZES, usualSettings, U1).starts();
  await san.passes(60);
  san.powers(0, false);
  san.locks(0, true);
  san.alive.add(0);
  await san.passes(120);
  expect(san.incident("inc-1").severity).toBe("warning");
  await resolves(san, "inc-1");
  await san.passes(240);
  expect(san.incident("inc-1").state).toBe("resolved");
  const before = san.posts.length;
  san.alive.delete(0);
  await san.passes(120);
  expect([san.incident("inc-1").state, san.incident("inc-1").severity]).toEqual(["open", "critical"]);
  expect(san.posts.slice(before).map(({ text, inChannelToo }) => [inChannelToo, text])).toEqual([
    [true, expect.stringMatching(/@U1 inc-1 is critical[\s\S]*host1 does not answer/)],
  ]);
});

it("a full storage that a person resolved stays resolved after a restart, until LVM says that it has space", async () => {
  const san = await new WatchedSan(SIZES).starts();
  await san.passes(30);
  san.percentUsed = 97;
  await san.passes(400);
  await resolves(san, "inc-1");
  await san.passes(60);
  const before = san.posts.length;
  san.kill();
  san.failing.set("groups", "exit code 5");
  await san.starts();
  await san.passes(200);
  san.failing.delete("groups");
  await san.passes(600);
  expect(san.desk.incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-1 resolved"]);
  expect(san.posts.slice(before)).toEqual([]);
  san.percentUsed = 50;
  await san.passes(400);
  san.percentUsed = 97;
  await san.passes(400);
  expect(san.desk.incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-2 open"]);
});

it("a LUN without paths that a person resolved stays resolved after a pause", async () => {
  const san = await new WatchedSan(SIZES).starts();
  await san.passes(30);
  san.sets(false, ({ host, lun }) => host === 0 && lun === 0);
  await san.passes(60);
  await resolves(san, "inc-1");
  await san.passes(60);
  const [clusterUuid = ""] = san.inventory.clusters.map(({ uuid }) => uuid);
  const until = new Date(Date.now() + 120_000).toISOString();
  await san.watch.pause({ clusterUuid, by: "U1", until, reason: "switch replaced" });
  await san.passes(300);
  expect(san.desk.incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-1 resolved"]);
  san.sets(true, () => true);
  await san.passes(60);
  expect(san.incident("inc-1").held).toEqual([]);
});

const DAY_MS = 24 * 3_600_000;
const pathsOf = (san: WatchedSan): number =>
  Object.keys(san.watch.watches().find(({ hostUuid }) => hostUuid === san.inventory.hosts[0]?.uuid)?.known?.paths ?? {})
    .length;

it("a path of a storage's LUN is missed until a person resolves that", async () => {
  const san = await new WatchedSan(SIZES).starts();
  await san.passes(60);
  san.removes(0, 0, 1);
  await san.passes(120);
  vi.setSystemTime(Date.now() + 2 * DAY_MS);
  await san.passes(300);
  expect(san.incident("inc-1").state).toBe("open");
  await resolves(san, "inc-1");
  await san.passes(300);
  expect([pathsOf(san), san.desk.incidents.filter(({ state }) => state === "open")]).toEqual([3, []]);
  expect(san.errors).toEqual([]);
});

it("a path that a person resolved is missed for a day: it can be put back", async () => {
  const san = await new WatchedSan(SIZES).starts();
  await san.passes(60);
  san.removes(0, 0, 1);
  await san.passes(120);
  await resolves(san, "inc-1");
  vi.setSystemTime(Date.now() + DAY_MS / 2);
  await san.passes(300);
  expect([pathsOf(san), san.incident("inc-1").state]).toEqual([4, "resolved"]);
});

it("a path that no storage needs is not watched any more after a day, and its incident says so", async () => {
  const san = await new WatchedSan(SIZES).starts();
  await san.passes(60);
  san.removes(0, 1, 1);
  await san.passes(120);
  expect(san.incident("inc-1").state).toBe("open");
  vi.setSystemTime(Date.now() + 2 * DAY_MS);
  await san.passes(300);
  expect(san.messages.get("1")).toContain("it is not watched any more");
});

it("a storage's LUN that shrank is one critical incident until it has its size again", async () => {
  const san = await new WatchedSan({ ...SIZES, luns: 1 }).starts();
  await san.passes(60);
  san.lunBytes = 5 * 10 ** 11;
  await san.passes(900);
  expect(san.desk.incidents.map(({ id, state, severity }) => [id, state, severity])).toEqual([
    ["inc-1", "open", "critical"],
  ]);
  san.lunBytes = 10 ** 12;
  await san.passes(180);
  expect(san.desk.incidents.map(({ id, state }) => [id, state])).toEqual([["inc-1", "resolved"]]);
});

it("a resolved full storage is news again if half of its free space is gone", async () => {
  const san = await new WatchedSan(SIZES, usualSettings, U1).starts();
  await san.passes(30);
  san.percentUsed = 96;
  await san.passes(400);
  await resolves(san, "inc-1");
  san.percentUsed = 97;
  await san.passes(800);
  expect(san.incident("inc-1").state).toBe("resolved");
  for (const percent of [98, 99, 100]) {
    const before = san.posts.length;
    san.percentUsed = percent;
    await san.passes(800);
    const [open] = san.desk.incidents.filter(({ state }) => state === "open");
    expect(san.posts.slice(before).map(({ text }) => text)).toContainEqual(
      expect.stringMatching(new RegExp(`@U1[\\s\\S]*ps-1 is ${percent} % full`)),
    );
    await resolves(san, open?.id ?? "");
  }
});

it("a storage's LUN that shrank, and that a person resolved, is news and a call if it shrinks more", async () => {
  const san = await new WatchedSan({ ...SIZES, hosts: 1, luns: 1 }, usualSettings, U1).starts();
  await san.passes(60);
  san.lunBytes = 9 * 10 ** 11;
  await san.passes(120);
  await resolves(san, "inc-1");
  await san.passes(120);
  const before = san.posts.length;
  san.lunBytes = 10 ** 11;
  await san.passes(120);
  expect(san.incident("inc-1")).toMatchObject({ state: "open", severity: "critical" });
  expect(san.posts.slice(before).map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/@U1[\s\S]*100\.0 GB now/),
  );
});
