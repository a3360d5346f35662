import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currentOrNext, timeZoneSchema, windowSchema } from "../../src/access/freeze-schedule.ts";
import { days } from "../../src/core/freeze.ts";
import { runsOf } from "../scenario/rows.ts";

const at = (iso: string): number => Date.parse(iso);
const shown = ({ fromMs, untilMs }: { fromMs: number; untilMs: number }) =>
  [fromMs, untilMs].map((ms) => new Date(ms).toISOString().slice(0, 16));

describe("a weekly window", () => {
  it.each([
    ["before it", "Fri 18:00-Mon 07:00", "UTC", "2026-11-27T17:59:59Z", ["2026-11-27T18:00", "2026-11-30T07:00"]],
    [
      "at its first moment",
      "Fri 18:00-Mon 07:00",
      "UTC",
      "2026-11-27T18:00:00Z",
      ["2026-11-27T18:00", "2026-11-30T07:00"],
    ],
    [
      "over the end of the week",
      "Fri 18:00-Mon 07:00",
      "UTC",
      "2026-11-29T23:59:59Z",
      ["2026-11-27T18:00", "2026-11-30T07:00"],
    ],
    [
      "at its last moment",
      "Fri 18:00-Mon 07:00",
      "UTC",
      "2026-11-30T06:59:59.999Z",
      ["2026-11-27T18:00", "2026-11-30T07:00"],
    ],
    ["just after it", "Fri 18:00-Mon 07:00", "UTC", "2026-11-30T07:00:00Z", ["2026-12-04T18:00", "2026-12-07T07:00"]],
    ["over midnight", "Tue 22:00-Wed 06:00", "UTC", "2026-12-02T00:00:00Z", ["2026-12-01T22:00", "2026-12-02T06:00"]],
    ["within a day", "Tue 08:00-Tue 09:00", "UTC", "2026-12-01T08:30:00Z", ["2026-12-01T08:00", "2026-12-01T09:00"]],
    [
      "of nearly a week",
      "Tue 09:00-Tue 08:00",
      "UTC",
      "2026-12-08T07:59:00Z",
      ["2026-12-01T09:00", "2026-12-08T08:00"],
    ],
    [
      "over the end of a year",
      "Thu 20:00-Fri 04:00",
      "UTC",
      "2027-01-01T03:00:00Z",
      ["2026-12-31T20:00", "2027-01-01T04:00"],
    ],
    [
      "of another day than in UTC",
      "Mon 01:00-Mon 05:00",
      "Asia/Tokyo",
      "2026-11-29T17:00:00Z",
      ["2026-11-29T16:00", "2026-11-29T20:00"],
    ],
    [
      "of a zone with half an hour",
      "Mon 06:00-Mon 07:00",
      "Asia/Kolkata",
      "2026-11-30T00:30:00Z",
      ["2026-11-30T00:30", "2026-11-30T01:30"],
    ],
    // Berlin's clocks: 2026-10-25 from 03:00 back to 02:00, 2027-03-28 from 02:00 to 03:00.
    [
      "while clocks are set back",
      "Sat 20:00-Sun 08:00",
      "Europe/Berlin",
      "2026-10-25T00:30:00Z",
      ["2026-10-24T18:00", "2026-10-25T07:00"],
    ],
    [
      "while clocks are set forward",
      "Sat 20:00-Sun 08:00",
      "Europe/Berlin",
      "2027-03-28T01:30:00Z",
      ["2027-03-27T19:00", "2027-03-28T06:00"],
    ],
    [
      "that ends in an hour that comes twice",
      "Sat 20:00-Sun 02:30",
      "Europe/Berlin",
      "2026-10-25T01:29:00Z",
      ["2026-10-24T18:00", "2026-10-25T01:30"],
    ],
    [
      "that begins in an hour that comes twice",
      "Sun 02:30-Sun 08:00",
      "Europe/Berlin",
      "2026-10-25T00:30:00Z",
      ["2026-10-25T00:30", "2026-10-25T07:00"],
    ],
    [
      "in an hour that is left out",
      "Sun 02:15-Sun 02:45",
      "Europe/Berlin",
      "2027-03-28T00:59:00Z",
      ["2027-03-28T00:15", "2027-03-28T01:45"],
    ],
    [
      "near a change of 30 min",
      "Sat 22:00-Sun 03:00",
      "Australia/Lord_Howe",
      "2027-04-03T13:00:00Z",
      ["2027-04-03T11:00", "2027-04-03T16:30"],
    ],
  ] as const)("%s", (_, window, zone, now, expected) => {
    expect(shown(currentOrNext({ window, zone }, at(now)))).toEqual(expected);
  });

  const zones = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
  ];
  const times = fc.record({ day: fc.constantFrom(...days), hour: fc.nat(23), minute: fc.nat(59) });
  const two = (value: number) => String(value).padStart(2, "0");
  const textOf = ({ day, hour, minute }: { day: string; hour: number; minute: number }) =>
    `${day} ${two(hour)}:${two(minute)}`;
  const cases = fc
    .record({
      from: times,
      until: times,
      zone: fc.constantFrom(...zones),
      nowMs: fc.integer({ min: at("2026-01-01T00:00Z"), max: at("2029-01-01T00:00Z") }),
    })
    .filter(({ from, until }) => textOf(from) !== textOf(until));

  /** The minute of the week that a clock there shows, in another way than the source has. */
  function minuteOfWeek(ms: number, timeZone: string): number {
    const text = new Date(ms).toLocaleString("en-GB", {
      timeZone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
    });
    const [, day = "", hour = "", minute = ""] = /(\w{3})\D+(\d\d):(\d\d)/.exec(text) ?? [];
    return minuteAt({ day, hour: Number(hour), minute: Number(minute) });
  }
  const minuteAt = ({ day, hour, minute }: { day: string; hour: number; minute: number }) =>
    ((days as readonly string[]).indexOf(day) * 24 + hour) * 60 + minute;
  const isWithin = (minute: number, from: number, until: number) =>
    from < until ? minute >= from && minute < until : minute >= from || minute < until;

  it("freezes whenever a clock on the wall shows a time of it, and without summer time only then", () => {
    fc.assert(
      fc.property(cases, ({ from, until, zone, nowMs }) => {
        const found = currentOrNext({ window: `${textOf(from)}-${textOf(until)}`, zone }, nowMs);
        const frozen = found.fromMs <= nowMs;
        const onTheWall = isWithin(minuteOfWeek(nowMs, zone), minuteAt(from), minuteAt(until));
        if (onTheWall || zone === "UTC" || zone === "Asia/Kolkata") expect(frozen).toBe(onTheWall);
        expect(found.untilMs).toBeGreaterThan(nowMs);
        expect(found.untilMs).toBeGreaterThan(found.fromMs);
      }),
      { numRuns: runsOf(2_000) },
    );
  });

  it("freezes longer than the clock on the wall shows only in hours around a change of clocks", () => {
    const changes = ["2026-10-25T01:00Z", "2027-03-28T01:00Z", "2027-10-31T01:00Z"].map(at);
    const nearChange = cases.map((each) => ({ ...each, zone: "Europe/Berlin" }));
    fc.assert(
      fc.property(
        nearChange,
        fc.constantFrom(...changes),
        fc.integer({ min: -300, max: 300 }),
        (each, change, minutes) => {
          const nowMs = change + minutes * 60_000;
          const found = currentOrNext({ window: `${textOf(each.from)}-${textOf(each.until)}`, zone: each.zone }, nowMs);
          const onTheWall = isWithin(minuteOfWeek(nowMs, each.zone), minuteAt(each.from), minuteAt(each.until));
          if (found.fromMs <= nowMs && !onTheWall) expect(Math.abs(minutes)).toBeLessThanOrEqual(60);
          if (onTheWall) expect(found.fromMs).toBeLessThanOrEqual(nowMs);
        },
      ),
      { numRuns: runsOf(1_000) },
    );
  });

  it.each([
    ["Fri 18:00-Mon 07:00", "Fri 18:00-Mon 07:00"],
    ["  fri   18:00 – MON 7:00 ", "Fri 18:00-Mon 07:00"],
    ["Tue 9:05—Tue 8:00", "Tue 09:05-Tue 08:00"],
  ])("%j is kept as %j", (typed, kept) => expect(windowSchema.parse(typed)).toBe(kept));

  it.each([
    "",
    "Fri-Mon",
    "Fri 18:00",
    "Fri 24:00-Mon 07:00",
    "Fri 18:60-Mon 07:00",
    "Fri 18:00-Fri 18:00",
    "18:00-07:00",
    "Friday 18:00-Monday 07:00",
    "Fri 18:00-Mon 07:00 x",
  ])("%j is none", (typed) => expect(windowSchema.safeParse(typed).success).toBe(false));

  it("takes a zone in any spelling of letters, and no unknown one", () => {
    expect(timeZoneSchema.parse("europe/berlin")).toBe("Europe/Berlin");
    for (const zone of ["", "Berlin", "Mars/Olympus", "x".repeat(65)])
      expect(timeZoneSchema.safeParse(zone).success, zone).toBe(false);
  });
});
