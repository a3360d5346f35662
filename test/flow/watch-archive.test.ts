import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { withEvent } from "../../src/watch/event-log.ts";
import { usualDamping } from "../../src/watch/incidents.ts";
import { usualSettings } from "../../src/watch/watcher.ts";
import { beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const settings = { ...usualSettings, damping: { ...usualDamping, quietMs: 1_000, backWithinMs: 20_000 } };

/** Notes on an incident that ended, each so many milliseconds after the one before. The disk takes 3 s for each write. */
async function notesIn(firstMs: number, afterMs: readonly number[]): Promise<readonly string[]> {
  vi.setSystemTime(Date.parse("2026-11-29T10:00:00.000Z"));
  const san = await new WatchedSan({ hosts: 2, luns: 1, ports: 2 }, settings).starts();
  await san.passes(10);
  san.sets(false, ({ host, port }) => host === 0 && port === 0);
  await san.passes(30);
  san.sets(true, () => true);
  await san.passes(10);
  san.diskMs = 3_000;
  await san.passes(firstMs / 1_000);
  const note = (text: string) =>
    san.watch.revise("inc-1", (incident) =>
      withEvent(incident, { at: new Date().toISOString(), by: "U1", kind: "note", text }),
    );
  const written = [note("1")];
  for (const [index, ms] of afterMs.entries()) {
    await san.passes(ms / 1_000);
    written.push(note(String(index + 2)));
  }
  await san.passes(120);
  expect(await Promise.all(written)).not.toContain(null);
  const archived = san.archived("inc-1");
  expect(archived?.events.some(({ kind }) => kind === "resolved")).toBe(true);
  san.kill();
  return archived?.events.flatMap(({ kind, text }) => (kind === "note" ? [text] : [])) ?? [];
}

it("notes at the time when an incident leaves for the archive are all kept, though the disk is slow", async () => {
  for (let firstMs = 0; firstMs < 20_000; firstMs += 500)
    expect([firstMs, await notesIn(firstMs, [0, 700, 1_900])]).toEqual([firstMs, ["1", "2", "3", "4"]]);
});
