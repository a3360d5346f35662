import { z } from "zod";

/** The tokens of Slack's dates, such as `Confirm before {time}`. */
const TOKEN = /\{(date_num|date_short_pretty|date_long_pretty|date_pretty|date_short|date_long|date|time_secs|time)\}/g;

const styles: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

/** A moment as the reader's computer writes it, in its zone; the fallback if the format has a token that is not known. */
export function shownDate(format: string, seconds: number, fallback: string): string {
  const moment = new Date(seconds * 1000);
  if (Number.isNaN(moment.getTime()) || /\{\w+\}/.test(format.replaceAll(TOKEN, ""))) return fallback;
  return format.replaceAll(TOKEN, (_, token: string) => {
    const plain = token.replace(/_pretty$/, "");
    if (plain !== token && moment.toDateString() === new Date().toDateString()) return "today";
    return moment.toLocaleString(undefined, styles[plain]);
  });
}

const dateSchema = z.looseObject({
  type: z.literal("date"),
  timestamp: z.number(),
  format: z.string(),
  fallback: z.string().default(""),
  style: z.unknown().optional(),
});

/** A block with text in place of its date elements. The library that draws it writes every date in American English. */
export function withShownDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withShownDates);
  if (typeof value !== "object" || value === null) return value;
  const date = dateSchema.safeParse(value);
  if (date.success) {
    const { format, timestamp, fallback, style } = date.data;
    return { type: "text", text: shownDate(format, timestamp, fallback), ...(style === undefined ? {} : { style }) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withShownDates(each)]));
}
