import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { beginsVirtualTime, resolves, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 2, luns: 2, ports: 2 };
const states = (san: WatchedSan) => san.desk.incidents.map(({ id, severity, state }) => `${id} ${severity} ${state}`);
const NOT_READ =
  "Space of ps-1 is not read since 2026-11-29 10:00 UTC: LUN …000001 without paths on host1 would make LVM wait";

describe("the space of a storage that nobody can read", () => {
  it("is an incident while a leftover LUN without paths keeps LVM of each host waiting", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    san.sets(false, ({ lun }) => lun === 1);
    await san.passes(60);
    san.percentUsed = 99;
    await san.passes(300);
    expect(states(san)).toEqual(["inc-1 warning open"]);
    expect(san.watch.hosts()[1]?.notRead).toEqual([
      "space of its storages: LUN …000001 without paths on host2 would make LVM wait",
    ]);
    await san.passes(300);
    expect(states(san)).toEqual(["inc-1 warning open", "inc-2 warning open"]);
    expect(san.titles[1]).toContain(NOT_READ);
    const posts = san.posts.length;
    san.kill();
    await san.starts();
    await san.passes(1_200);
    expect(states(san)).toEqual(["inc-1 warning open", "inc-2 warning open"]);
    expect(san.posts.slice(posts).map(({ text }) => text)).toEqual([]);
    for (const host of [0, 1]) san.removes(host, 1);
    await san.passes(400);
    expect(san.titles.join()).toContain("ps-1 is 99 % full");
    expect(states(san)).toContain("inc-2 warning resolved");
    expect(san.watch.hosts().map(({ notRead }) => notRead)).toEqual([[], []]);
    expect(san.errors).toEqual([]);
  });

  it("is an incident also after a person resolved that of the leftover LUN", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    san.sets(false, ({ lun }) => lun === 1);
    await san.passes(60);
    await resolves(san, "inc-1");
    await san.passes(600);
    expect(states(san)).toEqual(["inc-1 warning resolved", "inc-2 warning open"]);
  });

  it("is none while another host reads it", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    san.sets(false, ({ lun, host }) => lun === 1 && host === 0);
    san.percentUsed = 99;
    await san.passes(1_200);
    expect(san.titles.join()).toContain("ps-1 is 99 % full");
    expect(san.titles.join()).not.toContain("is not read");
  });

  it("is a part of the incident of the storage's own LUN", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    san.sets(false, ({ lun }) => lun === 0);
    await san.passes(900);
    expect(san.desk.incidents.map(({ id }) => id)).toEqual(["inc-1"]);
    expect(JSON.stringify(san.desk.incidents)).toContain("Space of ps-1 is not read");
  });

  it("is an incident if LVM gives no answer on any host", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    san.failing.set("groups", "Failed to read");
    await san.passes(1_200);
    expect(san.titles).toEqual([
      "inc-1: Space of ps-1 is not read since 2026-11-29 10:00 UTC: LVM on host1: exit code 1: Failed to read",
    ]);
    san.failing.clear();
    await san.passes(400);
    expect(states(san)).toEqual(["inc-1 warning resolved"]);
  });
});
