import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 3, luns: 2, ports: 2 };

describe("an answer that can't be read", () => {
  it("makes nothing new: what a host has when its paths are read first was there before", async () => {
    const san = new WatchedSan(SIZES);
    san.failing.set("1 paths", "Segmentation fault");
    await san.starts();
    await san.passes(40);
    san.failing.clear();
    await san.passes(120);
    expect(san.posts.map(({ text }) => text).filter((text) => text.includes("is new on"))).toEqual([]);
    expect(san.desk.incidents.filter(({ state }) => state === "open")).toEqual([]);
  });

  it.each([
    ["paths", "paths"],
    ["leases", "leases"],
    ["lockspaces", "lockspaces"],
    ["units", "services"],
  ])("is one incident: %s", async (read, subject) => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.failing.set(`1 ${read}`, "Segmentation fault");
    await san.passes(90);
    expect(san.titles).toEqual([`inc-1: ${subject} of host2 can't be read: exit code 1: Segmentation fault`]);
    // A map without paths would make LVM wait.
    const space = read === "paths" ? ["space of its storages: paths of host2 can't be read, so LVM is not asked"] : [];
    expect(san.watch.hosts().map(({ notRead }) => notRead)).toEqual([
      [],
      [`${read}: exit code 1: Segmentation fault`, ...space],
      [],
    ]);
    san.kill();
    await san.starts();
    await san.passes(90);
    expect(san.incident("inc-1").events.map(({ kind }) => kind)).toEqual(["began", "opened"]);
    san.failing.clear();
    await san.passes(100);
    expect(san.desk.incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-1 resolved"]);
    expect(san.errors).toEqual([]);
  });

  it("is one incident if the ids on a disk can't be read, unless sanlock does not hold the disk", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.failing.set(`1 ids ${san.inventory.primaryStorages[0]?.uuid}`, "Segmentation fault");
    await san.passes(90);
    expect(san.titles).toEqual(["inc-1: host ids of host2 can't be read: exit code 1: Segmentation fault"]);
    san.failing.clear();
    await san.passes(100);
    expect(san.desk.incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-1 resolved"]);
    san.locks(1, false);
    san.failing.set(`1 ids ${san.inventory.primaryStorages[0]?.uuid}`, "No such lockspace");
    await san.passes(90);
    expect(san.titles.join()).toContain("its lockspace does not run");
    expect(san.titles.join()).not.toContain("No such lockspace");
  });

  it("is one incident if it is understood only in part", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.unclear.set("1 paths", 'multipathd printed "sdx|?" where a path was expected');
    await san.passes(90);
    expect(san.titles).toEqual([
      'inc-1: paths of host2 can\'t be read completely: multipathd printed "sdx|?" where a path was expected',
    ]);
    san.unclear.clear();
    await san.passes(100);
    expect(san.desk.incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-1 resolved"]);
  });

  it("is one incident of its cluster if it is the same on each host", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.failing.set("paths", "unknown format");
    await san.passes(120);
    expect(san.titles).toEqual([
      "inc-1: cluster-1: paths of host1 can't be read: exit code 1: unknown format, and the same on 2 more",
    ]);
  });

  it("is no incident if it can be read in the next observation", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(29);
    san.failing.set("paths", "timeout");
    await san.passes(3);
    san.failing.clear();
    await san.passes(120);
    expect(san.desk.incidents).toEqual([]);
  });

  it("is only the daemon's incident if that does not run", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.failing.set("1 lockspaces", "can't connect");
    san.stopped.add("1 lvmlockd.service");
    await san.passes(120);
    expect(san.titles).toEqual(["inc-1: lvmlockd.service does not run on host2"]);
  });
});
