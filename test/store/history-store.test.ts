import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Track, TrackHistory } from "../../src/core/track-history.ts";
import { openHistoryStore } from "../../src/store/history-store.ts";
import type { TrackFact } from "../../src/watch/history-facts.ts";
import { newDirectory } from "./samples.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = Date.parse("2026-11-29T12:00:00.000Z");
const host = (number: number): string => String(number).padStart(32, "0");
const path = (number: number, subject: string, via = "10.0.0.1:3260"): Track => ({
  kind: "path",
  ownerUuid: host(number),
  via,
  subject,
});
const capacity: Track = { kind: "capacity", ownerUuid: "d".repeat(32), via: "", subject: "" };

/** A store with a clock that goes where the test wants it. */
async function storeIn(directory: string, days = 90) {
  const clock = { nowMs: start };
  const problems: unknown[] = [];
  const failed = (_: string, error: unknown) => void problems.push(error);
  const open = () => openHistoryStore(directory, { days, failed, now: () => clock.nowMs });
  let store = await open();
  return {
    clock,
    problems,
    at(ms: number, number: number, values: readonly (readonly [Track, string])[]) {
      clock.nowMs = ms;
      const facts: TrackFact[] = values.map(([track, value]) => ({ track, value }));
      store.keep(host(number), facts, ms);
    },
    read: (fromMs: number, toMs: number, kinds: Parameters<typeof store.read>[0] = ["path"]) =>
      store.read(kinds, fromMs, toMs),
    close: () => store.close(),
    async restarts(atMs: number) {
      await store.close();
      clock.nowMs = atMs;
      store = await open();
    },
  };
}

const spansOf = (histories: readonly TrackHistory[], track: Track) =>
  histories.find((each) => JSON.stringify(each.track) === JSON.stringify(track))?.spans ?? [];
interface Step {
  readonly afterS: number;
  readonly does: unknown;
}
/** Whether the bot is off, or the computer sleeps, before the next line that says that it was on. */
function isSoonOff([next, ...others]: readonly Step[], seconds = 0): boolean {
  if (next === undefined || seconds > 300) return false;
  return next.does === "restarts" || next.afterS > 900 || isSoonOff(others, seconds + next.afterS);
}
const valueAt = (histories: readonly TrackHistory[], track: Track, atMs: number): string | null =>
  spansOf(histories, track).find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)?.value ?? null;

describe("the history store", () => {
  it("keeps changes only: equal observations write nothing", async () => {
    const directory = await newDirectory();
    const store = await storeIn(directory);
    for (let second = 0; second < 120; second += 30)
      store.at(start + second * 1000, 1, [[path(1, "lun-a"), second === 60 ? "failed" : "works"]]);
    await store.close();
    const text = await readFile(join(directory, "history/2026-11/29.log"), "utf8");
    expect(text.trim().split("\n")).toEqual([
      "43200 start",
      "43200 .",
      "43200 works 0",
      "43260 failed 0",
      "43290 works 0",
    ]);
    store.clock.nowMs = start + 120_000;
    expect(spansOf(await store.read(start, start + DAY), path(1, "lun-a"))).toEqual([
      { fromMs: start, toMs: start + 60_000, value: "works" },
      { fromMs: start + 60_000, toMs: start + 90_000, value: "failed" },
      { fromMs: start + 90_000, toMs: start + 120_000, value: "works" },
    ]);
  });

  it("writes the paths of one port as one run, however many LUNs it has", async () => {
    const directory = await newDirectory();
    const store = await storeIn(directory);
    const ports = ["10.0.0.1:3260", "10.0.0.2:3260"];
    const all = (failed: string | null) =>
      Array.from({ length: 100 }, (_, lun) => `lun-${lun}`).flatMap((lun) =>
        ports.map((port) => [path(1, lun, port), port === failed ? "failed" : "works"] as const),
      );
    store.at(start, 1, all(null));
    store.at(start + 1000, 1, all("10.0.0.2:3260"));
    await store.close();
    const text = await readFile(join(directory, "history/2026-11/29.log"), "utf8");
    expect(text).toContain("\n43200 works 0-199\n43201 failed 100-199\n");
    const names = await readFile(join(directory, "history/2026-11/names.log"), "utf8");
    expect(names.trim().split("\n")).toHaveLength(2);
  });

  it("claims nothing for the time in which the bot was off", async () => {
    const store = await storeIn(await newDirectory());
    store.at(start, 1, [[path(1, "lun-a"), "works"]]);
    await store.restarts(start + HOUR);
    expect(await store.read(start, start + 2 * HOUR)).toEqual([]);
    store.at(start + HOUR + 1000, 1, [[path(1, "lun-a"), "works"]]);
    store.clock.nowMs = start + HOUR + 5000;
    expect(spansOf(await store.read(start, start + DAY), path(1, "lun-a"))).toEqual([
      { fromMs: start + HOUR + 1000, toMs: start + HOUR + 5000, value: "works" },
    ]);
  });

  it("claims nothing for a host that does not answer, or that nobody observes any more", async () => {
    const store = await storeIn(await newDirectory());
    store.at(start, 1, [[path(1, "lun-a"), "works"]]);
    store.at(start, 2, [[path(2, "lun-a"), "works"]]);
    store.at(start + 60_000, 1, []);
    for (let minute = 1; minute < 60; minute++) store.at(start + minute * 60_000, 3, [[path(3, "x"), "works"]]);
    const read = await store.read(start, start + HOUR);
    expect(spansOf(read, path(1, "lun-a"))).toEqual([{ fromMs: start, toMs: start + 60_000, value: "works" }]);
    expect(valueAt(read, path(2, "lun-a"), start + 5 * 60_000)).toBe("works");
    expect(valueAt(read, path(2, "lun-a"), start + 30 * 60_000)).toBeNull();
  });

  it("begins each day with all values, so that a day is read without those before it", async () => {
    const directory = await newDirectory();
    const store = await storeIn(directory);
    for (let minute = 0; minute <= 14 * 60; minute += 10)
      store.at(start + minute * 60_000, 1, [
        [path(1, "lun-a"), "failed"],
        [capacity, "50/100"],
      ]);
    const midnight = start + 12 * HOUR;
    expect(spansOf(await store.read(midnight, midnight + HOUR), path(1, "lun-a"))).toEqual([
      { fromMs: midnight, toMs: midnight + HOUR, value: "failed" },
    ]);
    // A month has its own numbers.
    expect((await readdir(join(directory, "history"))).sort()).toEqual(["2026-11"]);
    expect(spansOf(await store.read(start, midnight + HOUR, ["capacity"]), capacity)).toEqual([
      { fromMs: start, toMs: midnight + HOUR, value: "50/100" },
    ]);
  });

  it("continues over the end of a month", async () => {
    const store = await storeIn(await newDirectory());
    const end = Date.parse("2026-12-01T00:00:00.000Z");
    store.clock.nowMs = end - HOUR;
    await store.restarts(end - HOUR);
    store.at(end - HOUR, 2, [[path(2, "lun-b"), "works"]]);
    for (let minute = -60; minute <= 60; minute += 10)
      store.at(end + minute * 60_000, 1, [[path(1, "lun-a"), "works"]]);
    expect(spansOf(await store.read(end - DAY, end + HOUR), path(1, "lun-a"))).toEqual([
      { fromMs: end - HOUR, toMs: end + HOUR, value: "works" },
    ]);
  });

  it("deletes the days before HISTORY_DAYS, and months as a whole", async () => {
    const directory = await newDirectory();
    for (const [month, day] of [
      ["2026-10", "01"],
      ["2026-11", "20"],
      ["2026-11", "27"],
      ["2026-11", "28"],
    ] as const) {
      await mkdir(join(directory, "history", month), { recursive: true });
      await writeFile(join(directory, "history", month, `${day}.log`), "");
    }
    await (await storeIn(directory, 2)).close();
    expect(await readdir(join(directory, "history"))).toEqual(["2026-11"]);
    expect((await readdir(join(directory, "history/2026-11"))).sort()).toEqual([
      "27.log",
      "28.log",
      "29.log",
      "storages.log",
    ]);
  });

  it("deletes nothing on the day of a clock that is far ahead", async () => {
    const directory = await newDirectory();
    const store = await storeIn(directory, 90);
    store.at(start, 1, [[path(1, "lun-a"), "works"]]);
    await store.close();
    const ahead = start + 400 * DAY;
    store.at(ahead, 1, [[path(1, "lun-a"), "works"]]);
    await store.restarts(ahead + HOUR);
    expect(await readdir(join(directory, "history"))).toEqual(["2026-11", "2028-01"]);
    // It is right after all.
    store.at(ahead + DAY, 1, [[path(1, "lun-a"), "works"]]);
    await store.close();
    expect(await readdir(join(directory, "history"))).toEqual(["2028-01"]);
    expect(store.problems).toEqual([]);
  });

  it.each(["while the bot runs", "while it is off"])(
    "records the time again if the clock is set back %s",
    async (when) => {
      const store = await storeIn(await newDirectory());
      const a = path(1, "lun-a");
      const facts = (atMs: number, value: string) => store.at(atMs, 1, [[a, value]]);
      for (let minute = 0; minute <= 180; minute += 5) facts(start + minute * 60_000, minute < 60 ? "works" : "failed");
      // The clock was two hours ahead.
      const back = start + HOUR + 60_000;
      if (when === "while it is off") await store.restarts(back);
      for (let minute = 0; minute <= 30; minute += 5) facts(back + minute * 60_000, "works");
      const nowMs = back + 30 * 60_000;
      const spans = spansOf(await store.read(start, nowMs), a);
      expect(spans).toEqual([
        { fromMs: start, toMs: start + HOUR, value: "works" },
        { fromMs: start + HOUR, toMs: back, value: "failed" },
        { fromMs: back, toMs: nowMs, value: "works" },
      ]);
    },
  );

  it("claims nothing after a damaged line, until the next value", async () => {
    const directory = await newDirectory();
    const store = await storeIn(directory);
    const [a, b] = [path(1, "lun-a"), path(1, "lun-b")];
    for (const [minute, value] of [
      [0, "works"],
      [5, "works"],
      [10, "failed"],
      [14, "works"],
      [20, "failed"],
    ] as const)
      store.at(start + minute * 60_000, 1, [
        [a, value],
        [b, "works"],
      ]);
    await store.close();
    const file = join(directory, "history/2026-11/29.log");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("43800 failed 0", "43800 fai\u0000\ufffd 0"));
    const read = await store.read(start, start + 20 * 60_000 + 1000);
    expect([4, 12, 16].map((minute) => valueAt(read, a, start + minute * 60_000))).toEqual(["works", null, "works"]);
    expect(valueAt(read, b, start + 12 * 60_000)).toBeNull();
    expect(store.problems).toEqual([]);
  });

  it("gives no other track the numbers of a damaged line", async () => {
    const directory = await newDirectory();
    const store = await storeIn(directory);
    store.at(start, 1, [[path(1, "lun-a"), "works"]]);
    store.at(start + 1000, 2, [[path(2, "lun-a"), "failed"]]);
    await store.close();
    const names = join(directory, "history/2026-11/names.log");
    const [first = "", second = ""] = (await readFile(names, "utf8")).trim().split("\n");
    await writeFile(names, `${first}\n${second.slice(5)}\n`);
    await store.restarts(start + HOUR);
    store.at(start + HOUR, 3, [[path(3, "lun-c"), "works"]]);
    store.clock.nowMs = start + HOUR + 1000;
    const read = await store.read(start, start + HOUR + 1000);
    expect(spansOf(read, path(3, "lun-c"))).toEqual([
      { fromMs: start + HOUR, toMs: start + HOUR + 1000, value: "works" },
    ]);
  });

  it("names a file that can't be read, and reports once that it can't be written", async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, "history"), "");
    const store = await storeIn(directory);
    for (let second = 0; second < 5; second++) {
      store.at(start + second * 1000, 1, [[path(1, "lun-a"), "works"]]);
      await store.close();
    }
    await expect(store.read(start, start + HOUR)).rejects.toMatchObject({
      error: { code: "DATA_FOLDER_UNUSABLE", reasons: [expect.stringContaining("history/2026-11")] },
    });
    expect(store.problems).toHaveLength(1);
  });

  it("reads on after a line that a killed bot left half written", async () => {
    const directory = await newDirectory();
    const store = await storeIn(directory);
    store.at(start, 1, [[path(1, "lun-a"), "works"]]);
    await store.close();
    await appendFile(join(directory, "history/2026-11/29.log"), "43205 fail");
    await appendFile(join(directory, "history/2026-11/names.log"), '[1,"path","00');
    await store.restarts(start + 60_000);
    store.at(start + 60_000, 1, [
      [path(1, "lun-a"), "failed"],
      [path(1, "lun-b"), "works"],
    ]);
    store.clock.nowMs = start + 70_000;
    const read = await store.read(start, start + HOUR);
    expect(valueAt(read, path(1, "lun-a"), start + 65_000)).toBe("failed");
    expect(valueAt(read, path(1, "lun-b"), start + 65_000)).toBe("works");
  });

  it("writes everything again after a write that failed", async () => {
    const directory = await newDirectory();
    const store = await storeIn(directory);
    store.at(start, 1, [[path(1, "lun-a"), "works"]]);
    await store.close();
    await mkdir(join(directory, "history/2026-12/01.log"), { recursive: true });
    const december = Date.parse("2026-12-01T00:00:10.000Z");
    store.at(december, 1, [[path(1, "lun-a"), "failed"]]);
    await store.close();
    expect(store.problems).toHaveLength(1);
    store.at(december + DAY, 1, [[path(1, "lun-a"), "failed"]]);
    store.clock.nowMs = december + DAY + 5000;
    expect(valueAt(await store.read(december + DAY, december + 2 * DAY), path(1, "lun-a"), december + DAY)).toBe(
      "failed",
    );
  });

  it("shows at each observation what that observation said, also over restarts and gaps", async () => {
    const value = fc.constantFrom("works", "failed", "gone", null);
    const step = fc.record({
      afterS: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(3_600, 50_000, 90_000)),
      does: fc.oneof(
        { weight: 8, arbitrary: fc.record({ host: fc.constantFrom(1, 2), values: fc.tuple(value, value, value) }) },
        { weight: 1, arbitrary: fc.constant("restarts" as const) },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const store = await storeIn(await newDirectory());
        let atMs = start;
        const said: { atMs: number; track: Track; value: string | null; mayMiss: boolean }[] = [];
        for (const [index, { afterS, does }] of steps.entries()) {
          atMs += afterS * 1000;
          if (does === "restarts") {
            await store.restarts(atMs);
            continue;
          }
          const tracks = ["lun-a", "lun-b", "lun-c"].map((lun) => path(does.host, lun));
          const values = tracks.map((track, place) => [track, does.values[place] ?? null] as const);
          store.at(
            atMs,
            does.host,
            values.flatMap(([track, each]) => (each === null ? [] : [[track, each] as const])),
          );
          // Before a time in which the bot was off, the last minutes may be missing, but no other value is shown.
          const mayMiss = isSoonOff(steps.slice(index + 1));
          said.push(...values.map(([track, each]) => ({ atMs, track, value: each, mayMiss })));
        }
        store.clock.nowMs = atMs + 1000;
        const read = await store.read(start, atMs + DAY);
        for (const { track, value: expected, atMs: saidMs, mayMiss } of said) {
          const shown = valueAt(read, track, saidMs);
          if (!mayMiss || shown !== null) expect(shown).toBe(expected);
        }
        expect(store.problems).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it("needs less than 100 MB for a year of 100 hosts, 100 LUNs and a flap an hour", async () => {
    const directory = await newDirectory();
    const store = await storeIn(directory);
    const ports = [1, 2, 3, 4].map((port) => `10.0.0.${port}:3260`);
    const luns = Array.from({ length: 100 }, (_, lun) => `36b083fe000daf0180000155${String(lun).padStart(9, "0")}`);
    const hosts = [1, 2, 3, 4, 5];
    const facts = (number: number, failed: string | null) =>
      ports.flatMap((port) =>
        luns.map((lun) => [path(number, lun, port), port === failed ? "failed" : "works"] as const),
      );
    const sizeOf = async (name: string) => (await readFile(join(directory, "history/2026-11", name))).length;
    for (const number of hosts) store.at(start, number, facts(number, null));
    await store.close();
    const first = await sizeOf("29.log");
    for (const number of hosts) {
      store.at(start + number * 60_000, number, facts(number, ports[0] ?? null));
      store.at(start + number * 60_000 + 10_000, number, facts(number, null));
    }
    await store.close();
    const perFlap = ((await sizeOf("29.log")) - first) / hosts.length;
    const perHostAndMonth = (await sizeOf("names.log")) / hosts.length;
    // Numbers of 100 hosts are longer by one digit than those of five.
    const flaps = 365 * 24 * 100 * (perFlap + 4);
    const days = 365 * (100 * 40 + 2 * 288 * 10);
    expect(flaps + days + 12 * 100 * perHostAndMonth).toBeLessThan(100_000_000);
  });
});
