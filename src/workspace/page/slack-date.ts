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
