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
      "inc-1: host2 does not answer; for sanlock it is dead: its lease is not renewed (timed out)",
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
    expect(san.titles).toEqual(["inc-1: host2 does not answer; it is alive: it renews its sanlock lease (timed out)"]);
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
