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
