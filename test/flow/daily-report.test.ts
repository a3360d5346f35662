import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DailyReport } from "../../src/flow/daily-report.ts";
import type { Channel } from "../../src/flow/ports.ts";
import { type Desk, emptyDesk } from "../../src/watch/desk-file.ts";

const HOUR = 3_600_000;
let desk: Desk;
let posts: string[];
let isDown: boolean;

function begins(at = "08:00"): DailyReport {
  const channel: Channel = {
    place: "C1",
    say: async (_, once) => {
      await once?.begins();
      if (isDown) {
        await once?.wasNotTaken();
        throw new Error("Slack is down");
      }
      const now = new Date();
      posts.push(`${now.getDate()} ${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}`);
      return "1.1";
    },
    revise: async () => undefined,
    find: async () => null,
  };
  const daily = new DailyReport({
    ...{ at, channel, key: "key" },
    what: "shift report",
    kept: {
      read: () => desk.shiftReport,
      keep: async (shiftReport) => {
        desk = { ...desk, shiftReport };
      },
    },
    clock: { now: () => new Date() },
    log: { info: () => undefined, error: () => undefined },
    report: async () => ({ title: "Shift report", tone: "good", parts: [], next: [] }),
  });
  daily.start();
  return daily;
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 10, 29, 7, 0) });
  desk = emptyDesk;
  posts = [];
  isDown = false;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

it("the shift report is posted once each day at its time", async () => {
  const daily = begins();
  await vi.advanceTimersByTimeAsync(50 * HOUR);
  daily.stop();
  expect(posts).toEqual(["29 8:00", "30 8:00", "1 8:00"]);
});

it("a restart neither repeats the shift report nor loses it", async () => {
  const first = begins();
  await vi.advanceTimersByTimeAsync(HOUR + 1_000);
  first.stop();
  begins().stop();
  const again = begins();
  await vi.advanceTimersByTimeAsync(HOUR);
  again.stop();
  expect(posts).toEqual(["29 8:00"]);
  vi.setSystemTime(new Date(2026, 10, 30, 8, 30));
  const late = begins();
  await vi.advanceTimersByTimeAsync(1_000);
  late.stop();
  expect(posts).toEqual(["29 8:00", "30 8:30"]);
});

it("a restart between the post and Slack's answer posts the shift report again under the same key", async () => {
  desk = { ...emptyDesk, shiftReport: { at: new Date(2026, 10, 29, 8, 0).toISOString(), mayBeThere: true } };
  vi.setSystemTime(new Date(2026, 10, 29, 8, 1));
  const daily = begins();
  await vi.advanceTimersByTimeAsync(HOUR);
  daily.stop();
  expect(posts).toEqual(["29 8:01"]);
  expect(desk.shiftReport?.mayBeThere).toBe(false);
});

it("the shift report is posted once on a day of 25 hours, and once on a day of 23", async () => {
  vi.stubEnv("TZ", "Europe/Berlin");
  for (const [day, month] of [
    [25, 9],
    [29, 2],
  ] as const) {
    posts = [];
    vi.setSystemTime(new Date(2026, month, day - 1, 12, 0));
    const daily = begins("00:30");
    await vi.advanceTimersByTimeAsync(50 * HOUR);
    daily.stop();
    expect(posts).toEqual([`${day} 0:30`, `${day + 1} 0:30`]);
  }
});

it("the shift report follows the clock if that is set while the bot runs", async () => {
  const daily = begins();
  await vi.advanceTimersByTimeAsync(1_000);
  vi.setSystemTime(new Date(2026, 10, 29, 4, 0));
  await vi.advanceTimersByTimeAsync(5 * HOUR);
  daily.stop();
  expect(posts).toEqual(["29 8:00"]);
});

it("the shift report is tried again while Slack is down", async () => {
  isDown = true;
  const daily = begins();
  await vi.advanceTimersByTimeAsync(HOUR + 10 * 60_000);
  isDown = false;
  await vi.advanceTimersByTimeAsync(2 * 60_000);
  daily.stop();
  expect(posts).toEqual(["29 8:11"]);
});
