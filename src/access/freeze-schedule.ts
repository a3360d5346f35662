import { z } from "zod";
import { days, type FreezeSchedule, isTimeZone, weeklyWindow } from "../core/freeze.ts";

/** A time without its zone: what a clock on the wall shows. */
interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}
interface Edge {
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}
/** One occurrence of a window, in milliseconds since the epoch. It ends before `untilMs`. */
interface FrozenTime {
  readonly fromMs: number;
  readonly untilMs: number;
}

const DAY_MS = 86_400_000;

/** The occurrence of this time, or the next one. */
export function currentOrNext({ window, zone }: Pick<FreezeSchedule, "window" | "zone">, nowMs: number): FrozenTime {
  const { from, until } = edgesOf(window);
  const today = wallTimeAt(nowMs, zone);
  // A window is shorter than a week, so one that began up to 8 days ago may still last.
  for (let offset = -8; ; offset++) {
    const date = dateAfter(today, offset);
    if (weekdayOf(date) !== from.weekday) continue;
    const fromMs = earliest({ ...date, hour: from.hour, minute: from.minute }, zone);
    const untilMs = latest({ ...dateAfter(date, lengthInDays(from, until)), ...hourOf(until) }, zone);
    if (untilMs > nowMs) return { fromMs, untilMs };
  }
}

/** `fri 18:00 – mon 7:00` becomes `Fri 18:00-Mon 07:00`. null: it is no window. */
function windowIn(text: string): string | null {
  const tidy = text
    .trim()
    .replace(/\s*[-\u2010-\u2015]\s*/, "-")
    .replace(/\s+/g, " ")
    .replace(/[A-Za-z]+/g, (day) => day.slice(0, 1).toUpperCase() + day.slice(1).toLowerCase())
    .replace(/(^|\D)(\d:\d\d)(?=\D|$)/g, "$10$2");
  const [, fromDay, from, untilDay, until] = weeklyWindow.exec(tidy) ?? [];
  return fromDay === undefined || (fromDay === untilDay && from === until) ? null : tidy;
}

/** A window as a person types it, in the form in which it is kept. */
export const windowSchema = z
  .string()
  .max(40, "is too long")
  .refine((text) => windowIn(text) !== null, "is no window of a week: type Fri 18:00-Mon 07:00")
  .transform((text) => windowIn(text) ?? text);

/** A time zone by its name, in the spelling of Intl. */
export const timeZoneSchema = z
  .string()
  .max(64, "is too long")
  .refine(isTimeZone, "is not a time zone: type a name such as Europe/Berlin or UTC")
  .transform((zone) => new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone);

function edgesOf(window: string): { readonly from: Edge; readonly until: Edge } {
  const [, fromDay = "", from = "", untilDay = "", until = ""] = weeklyWindow.exec(window) ?? [];
  return { from: edge(fromDay, from), until: edge(untilDay, until) };
}

const edge = (day: string, time: string): Edge => ({
  weekday: (days as readonly string[]).indexOf(day),
  hour: Number(time.slice(0, 2)),
  minute: Number(time.slice(3)),
});

const hourOf = ({ hour, minute }: Edge) => ({ hour, minute });

/** How many days after its begin a window ends: 0 to 7. */
function lengthInDays(from: Edge, until: Edge): number {
  const length = (until.weekday - from.weekday + 7) % 7;
  const endsBefore = until.hour * 60 + until.minute <= from.hour * 60 + from.minute;
  return length === 0 && endsBefore ? 7 : length;
}

type Day = Pick<WallTime, "year" | "month" | "day">;

function dateAfter({ year, month, day }: Day, offset: number): Day {
  const date = new Date(Date.UTC(year, month - 1, day + offset));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

const weekdayOf = ({ year, month, day }: Day): number => new Date(Date.UTC(year, month - 1, day)).getUTCDay();

/**
 * A clock that is set back shows a time twice, and one that is set forward leaves one out. The window then takes the
 * longer way: it begins at the earlier moment and ends at the later one.
 */
const earliest = (wall: WallTime, zone: string): number => Math.min(...momentsOf(wall, zone));
const latest = (wall: WallTime, zone: string): number => Math.max(...momentsOf(wall, zone));

/** The moments at which a clock in the zone shows this time. If it never does: the moments by both of its offsets. */
function momentsOf(wall: WallTime, zone: string): number[] {
  const asUtc = utcOf(wall);
  const moments = [-DAY_MS, DAY_MS].map((side) => asUtc - offsetAt(asUtc + side, zone));
  const shown = moments.filter((ms) => utcOf(wallTimeAt(ms, zone)) === asUtc);
  return shown.length > 0 ? shown : moments;
}

const utcOf = ({ year, month, day, hour, minute }: WallTime): number => Date.UTC(year, month - 1, day, hour, minute);

/** How far the zone's clocks are ahead of UTC, in milliseconds. */
const offsetAt = (ms: number, zone: string): number => utcOf(wallTimeAt(ms, zone)) - Math.floor(ms / 60_000) * 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    ...{ timeZone: zone, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23" },
    ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" },
  });
  formats.set(zone, format);
  return format;
}

function wallTimeAt(ms: number, zone: string): WallTime {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
  return { year: part("year"), month: part("month"), day: part("day"), hour: part("hour"), minute: part("minute") };
}
