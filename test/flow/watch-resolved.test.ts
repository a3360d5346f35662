import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Facts } from "../../src/core/facts.ts";
import type { Acting } from "../../src/core/watch-facts.ts";
import { resolveIncident } from "../../src/watch/incident-acts.ts";
import { usualSettings } from "../../src/watch/watcher.ts";
import { beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const SIZES = { hosts: 3, luns: 2, ports: 2 };
const U1 = { onCall: ["U1"], escalateTo: [] };

/** As `incident resolve` does it. */
async function resolves(san: WatchedSan, id: string): Promise<void> {
  const facts = { inventory: san.inventory, now: () => Date.now(), watch: san.watch } as unknown as Facts;
  const acting = { by: "U1", notes: san.watch } as unknown as Acting;
  await resolveIncident({ id, reason: "known" }, facts, acting);
}

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
  await san.passes(600);
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
