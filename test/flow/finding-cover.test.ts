import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { emptyInventory } from "../../src/core/inventory.ts";
import type { WatchPause } from "../../src/core/watch-facts.ts";
import { CoveredFindings } from "../../src/flow/covered-findings.ts";
import { FindingCover } from "../../src/flow/finding-cover.ts";
import { type Channel, messageNow } from "../../src/flow/ports.ts";
import { finding } from "../watch/sample-findings.ts";

const START_MS = Date.parse("2026-11-29T10:00:00.000Z");
beforeEach(() => void vi.useFakeTimers({ now: START_MS }));
afterEach(() => void vi.useRealTimers());

it("what a pause covers is in the thread of its answer, also if a round came before the answer", async () => {
  const lines: string[] = [];
  const channel = (place: string): Channel => ({
    place,
    say: async (message) => {
      lines.push(`${place}: ${messageNow(message).reply.title}`);
      return "1.2";
    },
    revise: async () => undefined,
    find: async () => null,
  });
  const clock = { now: () => new Date() };
  const covered = new CoveredFindings({
    ...{ clock, lastsMs: () => 0, log: { info: () => undefined, error: () => undefined } },
    conversations: { inThread: (place, messageId) => channel(`${place} ${messageId}`) },
  });
  const found = finding("a");
  const pause: WatchPause = {
    clusterUuid: found.clusterUuid,
    by: "U1",
    until: "2026-11-29T12:00:00.000Z",
    reason: "switch replaced",
  };
  let pauses: readonly WatchPause[] = [pause];
  const inventory = { current: () => emptyInventory, apply: async () => undefined };
  const operations = { create: never, get: () => null, latest: () => [], change: never };
  const cover = new FindingCover(
    { world: { inventory, operations, clock, buttonKey: "key" }, changing: () => [], everyMs: 30_000 },
    () => pauses,
    covered,
    { accept: never, hearsEventsOf: () => true, pathsOf: () => ({}) },
  );

  expect(cover.by(found, START_MS)).toMatch(/is paused$/);
  pauses = [{ ...pause, posted: { place: "C1", messageId: "1.1", at: "2026-11-29T10:00:00.000Z" } }];
  await vi.advanceTimersByTimeAsync(10_000);

  expect(lines).toEqual([expect.stringMatching(/^C1 1\.1: The watch of \S+ is paused, so it is no incident$/)]);
  covered.stop();
});

const never = (): never => {
  throw new Error("nothing asks for this");
};
