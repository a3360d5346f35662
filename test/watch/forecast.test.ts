import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CapacityPoint, forecastOf } from "../../src/watch/forecast.ts";
import { forecastText } from "../../src/watch/forecast-text.ts";

const DAY = 86_400_000;
const now = Date.parse("2026-11-29T00:00:00.000Z");
const SIZE = 1e12;

/** Used bytes, a value for each day up to now. */
const daily = (used: readonly number[], sizeBytes = SIZE): CapacityPoint[] =>
  used.map((usedBytes, index) => ({ atMs: now - (used.length - 1 - index) * DAY, usedBytes, sizeBytes }));
const textOf = (points: readonly CapacityPoint[]): string => forecastText(forecastOf(points, now), now);

describe("the forecast of a storage", () => {
  it("is not made from less than three days", () => {
    expect(textOf([])).toBe("No forecast: the history covers less than a day, and a forecast needs 3 days.");
    expect(textOf(daily([1e11, 2e11, 3e11]))).toBe(
      "No forecast: the history covers 2 days, and a forecast needs 3 days.",
    );
  });

  it("is not made from two days that are far apart", () => {
    const [first, last] = [daily([1e11])[0], daily([3e11])[0]];
    if (first === undefined || last === undefined) throw new Error("no points");
    expect(forecastOf([{ ...first, atMs: now - 20 * DAY }, last], now).kind).toBe("too little history");
  });

  it("names a date, and between which dates it may be", () => {
    const used = Array.from({ length: 21 }, (_, day) => 5e11 + day * 1e10 + (day % 3) * 1e9);
    expect(textOf(daily(used))).toBe(
      "It grew by 10.0 GB a day in 20 days. At this rate it is full about 2026-12-28, between 2026-12-26 and 2026-12-30.",
    );
  });

  it("says that a storage does not grow, or shrinks", () => {
    expect(textOf(daily(Array.from({ length: 10 }, () => 5e11)))).toBe("It did not grow in 9 days.");
    expect(forecastOf(daily([6e11, 5e11, 4e11, 3e11, 2e11]), now).kind).toBe("not growing");
  });

  it("gives no date if the storage grows and shrinks", () => {
    expect(forecastOf(daily([3e11, 5e11, 2e11, 6e11, 3e11, 7e11]), now).kind).toBe("too uneven");
  });

  it("is not bent by one large volume that came and went", () => {
    const used = Array.from({ length: 21 }, (_, day) => 1e11 + day * 1e9 + (day === 10 ? 5e11 : 0));
    expect(forecastOf(daily(used), now)).toMatchObject({ kind: "growing", bytesPerDay: 1e9 });
  });

  it("says so if the storage is not full within years", () => {
    const used = Array.from({ length: 30 }, (_, day) => 1e11 + day * 1e8);
    expect(textOf(daily(used))).toBe(
      "It grew by 100.0 MB a day in 29 days. At this rate it is not full within 3 years.",
    );
  });

  it("never names a date in the past, and its date is between the other two", () => {
    const used = fc.array(fc.integer({ min: 0, max: SIZE }), { maxLength: 40 });
    fc.assert(
      fc.property(used, (values) => {
        const forecast = forecastOf(daily(values), now);
        if (forecast.kind !== "growing") return;
        const { earliestMs, fullAtMs, latestMs } = forecast;
        expect([now <= earliestMs, earliestMs <= fullAtMs, fullAtMs <= latestMs]).toEqual([true, true, true]);
      }),
    );
  });
});
