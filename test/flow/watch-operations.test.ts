import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 3, luns: 4, ports: 2 };

const running = (words: string) => {
  const place = { place: "C9", messageId: "77" };
  return { words, state: "running" as const, confirmedAt: new Date().toISOString(), finishedAt: null, ...place };
};
const threads = (san: WatchedSan) => san.posts.flatMap(({ place, text }) => (place === "C9 77" ? [text] : []));
const ends = (san: WatchedSan) => {
  const finishedAt = new Date().toISOString();
  san.operation = san.operation && { ...san.operation, state: "done", finishedAt };
};

describe("what begins while an operation runs", () => {
  it("is the operation's if it can cause it on its host", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(10);
    san.operation = running("iscsi logout host1 10.0.0.1");
    san.sets(false, ({ host, port }) => host === 0 && port === 1);
    await san.passes(60);
    expect(san.titles).toEqual([]);
    expect(san.posts.map(({ place, text }) => [place, text.split("\n")[0]])).toEqual([
      ["C9 77", "op-7 causes this, so it is no incident"],
    ]);
  });
  it("is an incident on paths of other sessions than those that a logout ends", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(10);
    san.operation = running("iscsi logout host1 target=0x5000 portal=0x5001");
    san.sets(false, ({ host, port }) => host === 0 && port === 1);
    san.sets(false, ({ host, lun, port }) => host === 0 && lun === 2 && port === 0);
    await san.passes(60);
    expect(san.titles).toEqual([expect.stringMatching(/^inc-1: Path sd2x0 of LUN …000002 on host1/)]);
    expect([...san.messages.values()][0]).toContain("LUN …000002: no path left on 1 host.");
    expect(threads(san).map((text) => text.split("\n")[0])).toEqual(["op-7 causes this, so it is no incident"]);
    san.operation = running("iscsi logout host1 target=iqn.other");
    san.sets(false, ({ host, lun, port }) => host === 0 && lun === 3 && port === 0);
    await san.passes(60);
    expect(san.titles).toContainEqual(expect.stringMatching(/: Path sd3x0/));
  });
  it("is an incident if a LUN shrank, which no operation does", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.operation = running("host rescan cluster-1");
    san.lunBytes /= 2;
    await san.passes(60);
    ends(san);
    await san.passes(600);
    expect(san.incident("inc-1").severity).toBe("critical");
    expect(san.titles[0]).toContain(": 1.00 TB before, 500.0 GB now, and the same on 2 more");
  });
  it("is an incident if it began before, though nobody had read of it yet", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(10);
    san.sets(false, ({ host, port }) => host === 0 && port === 1);
    await san.passes(2);
    san.operation = running("iscsi logout host1 10.0.0.1");
    await san.passes(60);
    expect(san.titles).toEqual(["inc-1: Adapter host1 of host1 reaches nothing: 4 paths of 4 LUNs on 1 host"]);
  });
  it("is an incident on another host, and of a kind that the operation does not cause", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(10);
    san.operation = running("iscsi logout host1 10.0.0.1");
    san.sets(false, ({ host, lun, port }) => host === 1 && lun === 0 && port === 1);
    await san.passes(10);
    expect(san.titles).toEqual([expect.stringMatching(/^inc-1: Path sd0x1 .* on host2/)]);
    san.operation = running("host rescan host3");
    await san.passes(60);
    san.sets(false, ({ host, lun, port }) => host === 2 && lun === 1 && port === 0);
    await san.passes(60);
    expect(san.titles).toEqual([
      expect.stringMatching(/^inc-1/),
      expect.stringMatching(/^inc-2: Path sd1x0 .* on host3/),
    ]);
  });
});

describe("what an operation leaves", () => {
  it.each([
    ["a path of a storage's LUN that a logout took", "iscsi logout host1 10.0.0.1", 0],
    ["a path that prepare lost for good", "host prepare host1", 1],
  ])("is an incident once its hosts have settled: %s", async (_what, words, lun) => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.operation = running(words);
    san.removes(0, lun);
    await san.passes(60);
    expect(san.titles).toEqual([]);
    ends(san);
    await san.passes(20);
    san.locked = [];
    await san.passes(60);
    expect(san.titles).toEqual([expect.stringMatching(/^inc-1: .*not seen any more|^inc-1: LUN/)]);
    expect(threads(san)).toHaveLength(1);
  });
  it("is an incident if it is a lost lease", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(10);
    san.operation = running("sharedblock extend ps-1 wwid=1");
    san.locks(0, false);
    await san.passes(60);
    expect(san.titles).toEqual([]);
    ends(san);
    san.locked = [];
    await san.passes(60);
    expect(san.titles).toEqual([expect.stringMatching(/^inc-1: .*host1 can't lock in ps-1/)]);
  });
});

describe("what begins while an operation on another storage runs", () => {
  it("is an incident on its own hosts too", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(10);
    san.operation = running("sharedblock extend ps-2 wwid=1");
    san.locked = ["hosts of cluster-1", "ps-2"];
    san.locks(0, false);
    await san.passes(60);
    expect(san.titles).toEqual([expect.stringMatching(/^inc-1: .*host1 can't lock in ps-1/)]);
    expect(threads(san)).toEqual([]);
  });
});

describe("what begins while a storage is in maintenance", () => {
  it("is no incident on a host that is silent until the storage is enabled again", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(10);
    san.operation = running("sharedblock maintain ps-1");
    san.locks(0, false);
    await san.passes(40);
    const [storage] = san.inventory.primaryStorages;
    if (storage) storage.state = "Maintenance";
    san.powers(0, false);
    ends(san);
    await san.passes(10);
    san.locked = [];
    if (storage) storage.state = "Enabled";
    await san.passes(60);
    expect(san.titles).toEqual([expect.stringMatching(/^inc-1: host1 does not answer/)]);
    san.powers(0, true);
    san.locks(0, true);
    await san.passes(120);
    expect(san.titles).toEqual([expect.stringMatching(/^inc-1: host1 /)]);
    expect(san.desk.incidents.every(({ state }) => state === "resolved")).toBe(true);
  });
  it("is one line in that operation's thread, also after a restart; what is left after it is an incident", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(10);
    san.operation = running("sharedblock maintain ps-1");
    ends(san);
    san.locked = [];
    const [storage] = san.inventory.primaryStorages;
    if (storage) storage.state = "Maintenance";
    san.sets(false, ({ host, lun, port }) => host === 0 && lun === 0 && port === 1);
    await san.passes(900);
    expect(threads(san).map((text) => text.split("\n")[0])).toEqual(["ps-1 is in maintenance, so it is no incident"]);
    san.kill();
    await san.starts();
    await san.passes(60);
    expect(threads(san)).toHaveLength(1);
    expect(san.titles).toEqual([]);
    if (storage) storage.state = "Enabled";
    await san.passes(60);
    expect(san.titles).toEqual([expect.stringMatching(/^inc-1: Path sd0x1/)]);
  });
});

describe("what an operation did just before a restart", () => {
  const restartsAfter = async (lun: number, finishedS: number) => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.kill();
    const at = new Date().toISOString();
    san.operation = {
      words: "iscsi logout host1 10.0.0.1",
      state: "done",
      confirmedAt: at,
      finishedAt: at,
      place: "C9",
      messageId: "7",
    };
    san.removes(0, lun);
    await san.passes(finishedS);
    await san.starts();
    await san.passes(120);
    return san;
  };

  it("is no incident, though nobody observed it then", async () => {
    const san = await restartsAfter(1, 20);
    expect(san.titles).toEqual([]);
    await san.passes(3_600);
    expect(san.titles).toEqual([]);
  });
  it("is an incident if a storage misses the LUN", async () => {
    expect((await restartsAfter(0, 20)).titles).toHaveLength(1);
  });
});
