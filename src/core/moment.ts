import { z } from "zod";

const AGO = /^(\d{1,4})(m|h|d|w)$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const units: Readonly<Record<string, number>> = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: DAY_MS, w: 7 * DAY_MS };

/** A time as a person types it: how long ago (`2h`, `3d`), a day, or a day and a time. It is UTC if it has no zone. */
export const momentSchema = z
  .string()
  .refine(
    (text) => millisecondsOf(text, 0, "from") !== null,
    "is not a time: type 30m, 2h, 3d, 2026-11-29 or 2026-11-29T10:00",
  );

/** Without this check, 31 February would mean a day in March. */
function isInCalendar(text: string): boolean {
  const date = text.slice(0, 10);
  const day = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(day) && new Date(day).toISOString().startsWith(date);
}

/** Milliseconds since the epoch. A day means its beginning or its end. Null if the text is no time. */
export function millisecondsOf(text: string, now: number, edge: "from" | "to"): number | null {
  const [, count, unit = ""] = AGO.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (units[unit] ?? 0);
  if (!isInCalendar(text)) return null;
  if (DATE.test(text)) {
    const day = Date.parse(`${text}T00:00:00Z`);
    return edge === "from" ? day : day + DAY_MS - 1;
  }
  if (!TIME.test(text)) return null;
  const iso = text.replace(" ", "T");
  const at = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(iso) ? iso : `${iso}Z`);
  return Number.isNaN(at) ? null : at;
}
