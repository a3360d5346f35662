import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { usualSettings } from "../../src/watch/watcher.ts";
import { atOnce, beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 3, luns: 4, ports: 2 };
const onPort = (port: number) => (path: { port: number }) => path.port === port;

describe("a port that fails, path by path within a second,", () => {
  const fails = async (san: WatchedSan, works: boolean) => {
    for (const host of [0, 1, 2])
      for (const lun of [0, 1, 2, 3]) {
        san.sets(works, (path) => path.host === host && path.lun === lun && path.port === 1);
        await san.passes(0.08);
      }
  };

  it.each([
    ["at once", atOnce, 11.5],
    ["after 5 s", usualSettings, 17],
  ])("is one incident with its port as the cause, in one post %s, and one of its end", async (_, settings, latestS) => {
    const san = await new WatchedSan(SIZES, settings).starts();
    await san.passes(10);
    await fails(san, false);
    await san.passes(10);
    const title = "inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts";
    expect(san.titles).toEqual([title]);
    expect(san.posts.length).toBe(1);
    expect(san.posts[0]?.atS).toBeLessThan(latestS);
    await fails(san, true);
    await san.passes(30);
    expect(san.titles).toEqual([title]);
    await san.passes(300);
    expect([...san.messages.values()].map((text) => text.split("\n"))).toEqual([
      [title, expect.stringMatching(/^Resolved .*, after \d+ s\.$/), "Every LUN still had 1 path. ps-1 was at risk."],
    ]);
    expect(san.posts.map(({ place }) => place)).toEqual(["C1", "C1 1"]);
    const facts = san.incident("inc-1").events.map(({ kind, text }) => `${kind}: ${text}`);
    expect(facts.map((fact) => fact.replace(/^\w+: /, ""))).toContain(`${title.slice(7)}. Every LUN still has 1 path.`);
    expect(facts.filter((fact) => fact.startsWith("shrank"))).toEqual([]);
  });

  it("is shown as it is if a part of it lasts, and names all of it at its end", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(10);
    await fails(san, false);
    await san.passes(30);
    san.sets(true, (path) => path.port === 1 && path.host !== 2);
    await san.passes(30);
    const whole = "Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts";
    expect(san.titles).toEqual([`inc-1: ${whole}`]);
    expect([...san.messages.values()][0]).toContain("16 of 24 findings are over");
    await san.passes(60);
    expect(san.titles).toEqual(["inc-1: Adapter host1 of host3 reaches nothing: 4 paths of 4 LUNs on 1 host"]);
    san.sets(true, () => true);
    await san.passes(300);
    expect([...san.messages.values()][0]).toContain(`At worst: ${whole}. Every LUN still has 1 path.`);
    expect(san.incident("inc-1").events.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["opened", "shrank", "quiet", "resolved"]),
    );
  });
});

describe("incidents that turn out to have one cause", () => {
  it("are joined into the first one; the others end with one line", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(10);
    san.sets(false, ({ host, lun, port }) => host === 0 && lun === 0 && port === 1);
    await san.passes(60);
    san.sets(false, ({ host, lun, port }) => host === 1 && lun === 2 && port === 1);
    await san.passes(120);
    expect(san.titles.length).toBe(2);
    san.sets(false, onPort(1));
    await san.passes(300);
    expect(san.titles).toEqual([
      "inc-1: Target port 0x5001 does not answer: 12 paths of 4 LUNs on 3 hosts",
      expect.stringMatching(/^inc-2: (Path sd2x1|Adapter host1 of host2) /),
    ]);
    const last = [...san.messages.values()][1] ?? "";
    expect(last).toContain("it is part of inc-1");
    expect(san.posts.filter(({ place }) => place === "C1 2").map(({ text }) => text.split("\n")[0])).toEqual([
      "inc-2: part of inc-1",
    ]);
    expect(san.posts.length).toBe(4);
    san.sets(true, onPort(1));
    await san.passes(300);
    expect(san.posts.length).toBe(5);
  });
});

describe("an array that dies", () => {
  it("with 10,000 paths is one incident and at most 5 posts", async () => {
    const san = await new WatchedSan({ hosts: 25, luns: 100, ports: 4 }, usualSettings, {
      onCall: ["U1"],
      escalateTo: [],
    }).starts();
    await san.passes(10);
    for (const port of [0, 1, 2, 3])
      for (let host = 0; host < 25; host++) {
        san.sets(false, (path) => path.port === port && path.host === host);
        await san.passes(0.05);
      }
    await san.passes(20);
    expect(san.desk.incidents.filter(({ openedAt }) => openedAt !== null).map(({ scope }) => scope)).toEqual([
      { kind: "array", id: "0x5000" },
    ]);
    expect(san.titles).toEqual(["inc-1: Array 0x5000 does not answer: 10000 paths of 100 LUNs on 25 hosts"]);
    san.sets(true, () => true);
    await san.passes(75);
    expect(san.desk.incidents.every(({ state }) => state === "resolved")).toBe(true);
    expect(san.posts.length).toBeLessThanOrEqual(5);
    expect(san.errors).toEqual([]);
  });
  it("is one incident if hosts answer up to 20 s late with what they read before", async () => {
    const san = await new WatchedSan({ hosts: 25, luns: 4, ports: 4 }).starts();
    await san.passes(40);
    san.slowMs = 2_800;
    await san.passes(60);
    san.sets(false, () => true);
    await san.passes(120);
    expect(san.titles).toEqual(["inc-1: Array 0x5000 does not answer: 400 paths of 4 LUNs on 25 hosts"]);
    expect(san.posts.length).toBeLessThanOrEqual(5);
    expect(san.errors).toEqual([]);
  });
});

describe("a host that was off", () => {
  it("is one incident until its lockspaces run again", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.powers(1, false);
    await san.passes(180);
    expect(san.titles).toEqual([
      "inc-1: host2 does not answer: timed out; for sanlock it is dead: its lease is not renewed",
    ]);
    san.powers(1, true);
    await san.passes(300);
    expect(san.titles).toEqual([
      "inc-1: host2 was silent. It answers again, but not all of it works: host2 can't lock in ps-1: its lockspace does not run",
    ]);
    expect(san.incident("inc-1").state).toBe("open");
    san.locks(1, true);
    await san.passes(120);
    expect(san.desk.incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-1 resolved"]);
  });

  it("is alive if others see that it renews its lease, though it does not answer", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.alive.add(1);
    san.powers(1, false);
    await san.passes(120);
    expect(san.titles).toEqual(["inc-1: host2 does not answer: timed out; it is alive: it renews its sanlock lease"]);
  });

  it("is one incident until then also if the bot restarts", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(40);
    san.powers(1, false);
    await san.passes(120);
    san.kill();
    await san.starts();
    await san.passes(60);
    san.powers(1, true);
    await san.passes(60);
    san.kill();
    await san.starts();
    await san.passes(100);
    expect(san.desk.incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-1 open"]);
    san.locks(1, true);
    await san.passes(120);
    expect(san.desk.incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(["inc-1 resolved"]);
    expect(san.posts.filter(({ place }) => place === "C1").length).toBe(1);
  });
});

describe("hosts that do not answer", () => {
  it("are the bot's own network if none answers, and not many dead hosts", async () => {
    const san = await new WatchedSan({ ...SIZES, hosts: 12 }).starts();
    await san.passes(65);
    for (let host = 0; host < 12; host++) san.powers(host, false);
    await san.passes(120);
    expect(san.titles).toEqual(["inc-1: The bot can't reach any host: check the bot's own network"]);
    expect(san.posts.length).toBe(1);
  });
});

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

describe("after a restart", () => {
  it("an open incident is not posted again; one that ended without the bot is, with the time that is known", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(10);
    san.sets(false, onPort(1));
    await san.passes(60);
    san.kill();
    await san.passes(3_600);
    await san.starts();
    await san.passes(120);
    expect(san.posts.length).toBe(1);
    expect(san.incident("inc-1").state).toBe("open");
    san.kill();
    san.sets(true, onPort(1));
    await san.passes(3_600);
    await san.starts();
    await san.passes(300);
    expect(san.posts.map(({ place }) => place)).toEqual(["C1", "C1 1"]);
    const [text = ""] = san.messages.values();
    expect(text).toMatch(/Resolved between .* and .*: nobody observed the hosts in that time/);
    await san.starts();
    await san.passes(300);
    expect(san.posts.length).toBe(2);
  });
});

describe("a critical incident", () => {
  it("calls who is on call, twice again after 5 minutes, then escalates, also across a restart", async () => {
    const san = await new WatchedSan(SIZES, usualSettings, { onCall: ["U1"], escalateTo: ["S9"] }).starts();
    await san.passes(10);
    san.sets(false, ({ host, lun }) => host === 0 && lun === 0);
    await san.passes(400);
    san.kill();
    await san.starts();
    await san.passes(3_600);
    const calls = san.posts.filter(({ text }) => text.includes("@U1") || text.includes("@S9"));
    expect(calls.map(({ atS, text }) => [Math.round((atS - 10) / 300), text.includes("@S9")])).toEqual([
      [0, false],
      [1, false],
      [2, false],
      [3, true],
    ]);
  });
  it("names the VMs at risk if libvirt answers", async () => {
    const san = new WatchedSan(SIZES);
    san.vms = ["vm-1", "vm-2"];
    await san.starts();
    await san.passes(10);
    san.sets(false, ({ host, lun }) => host === 0 && lun === 0);
    await san.passes(20);
    expect([...san.messages.values()][0]).toContain("VMs that use it: vm-1, vm-2.");
  });
  it("is not alone in that: a warning names them too", async () => {
    const san = new WatchedSan(SIZES);
    san.vms = ["vm-1"];
    await san.starts();
    await san.passes(10);
    san.sets(false, onPort(1));
    await san.passes(20);
    expect([...san.messages.values()][0]).toContain("VMs that use it: vm-1.");
  });
});
