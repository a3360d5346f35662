import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { usualSettings } from "../../src/watch/watcher.ts";
import { beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

it("a critical incident calls who is on call, twice again after 5 minutes, then escalates, also across a restart", async () => {
  const san = await new WatchedSan({ hosts: 3, luns: 4, ports: 2 }, usualSettings, {
    onCall: ["U1"],
    escalateTo: ["S9"],
  }).starts();
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
