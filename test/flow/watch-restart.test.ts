import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 3, luns: 2, ports: 2 };
const onOwnLun = ({ host, lun }: { host: number; lun: number }) => host === 0 && lun === 0;
const states = (san: WatchedSan) => san.desk.incidents.map(({ id, state }) => `${id} ${state}`);

/** A LUN of the storage has no path on host1, and people have read of it. */
async function withoutPaths(): Promise<WatchedSan> {
  const san = await new WatchedSan(SIZES).starts();
  await san.passes(30);
  san.sets(false, onOwnLun);
  await san.passes(120);
  expect(san.incident("inc-1")).toMatchObject({ state: "open", severity: "critical" });
  return san;
}

describe("after a restart, an incident ends only if its end was observed", () => {
  it("of paths, while the host is silent", async () => {
    const san = await withoutPaths();
    san.kill();
    san.powers(0, false);
    san.alive.add(0);
    await san.starts();
    await san.passes(600);
    expect(states(san)).toEqual(["inc-1 open", "inc-2 open"]);
    san.powers(0, true);
    san.locks(0, true);
    await san.passes(300);
    expect(states(san)).toEqual(["inc-1 open", "inc-2 resolved"]);
    san.sets(true, onOwnLun);
    await san.passes(120);
    expect(states(san)).toEqual(["inc-1 resolved", "inc-2 resolved"]);
    expect(san.posts.filter(({ text }) => text.startsWith("inc-1: It is back"))).toEqual([]);
    expect(san.errors).toEqual([]);
  });

  it("of paths, while multipathd does not answer", async () => {
    const san = await withoutPaths();
    san.kill();
    san.suspends(0, "multipathd");
    await san.starts();
    await san.passes(600);
    expect(states(san)).toEqual(["inc-1 open", "inc-2 open"]);
    san.sets(true, onOwnLun);
    san.suspends(0, "multipathd", false);
    await san.passes(120);
    expect(states(san)).toEqual(["inc-1 resolved", "inc-2 resolved"]);
  });

  it("of a daemon that does not answer: it is one incident without a break", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    san.suspends(0, "multipathd");
    await san.passes(60);
    san.kill();
    await san.starts();
    await san.passes(300);
    expect(states(san)).toEqual(["inc-1 open"]);
    expect(san.incident("inc-1").events.map(({ kind }) => kind)).toEqual(["began", "opened"]);
  });

  it("of a full storage, while LVM gives no answer", async () => {
    const san = await new WatchedSan(SIZES).starts();
    await san.passes(30);
    san.percentUsed = 97;
    await san.passes(400);
    expect(states(san)).toEqual(["inc-1 open"]);
    san.kill();
    san.failing.set("groups", "exit code 5");
    await san.starts();
    await san.passes(500);
    expect(states(san)).toEqual(["inc-1 open"]);
    await san.passes(400);
    expect(states(san)).toEqual(["inc-1 open", "inc-2 open"]);
    expect(san.titles[1]).toContain("Space of ps-1 is not read yet");
    san.failing.delete("groups");
    san.percentUsed = 50;
    await san.passes(400);
    expect(states(san)).toEqual(["inc-1 resolved", "inc-2 resolved"]);
  });
});

it("after a restart, an open incident is not posted again; what ended since then is, with the time that is known", async () => {
  const san = await new WatchedSan(SIZES).starts();
  await san.passes(10);
  san.sets(false, ({ port }) => port === 1);
  await san.passes(60);
  san.kill();
  await san.passes(3_600);
  await san.starts();
  await san.passes(120);
  expect(san.posts.length).toBe(1);
  expect(san.incident("inc-1").state).toBe("open");
  san.kill();
  san.sets(true, ({ port }) => port === 1);
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
