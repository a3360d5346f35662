import { formatBytes } from "../storage/size.ts";
import type { Forecast } from "./forecast.ts";

/** Nobody plans further ahead by a rate of some weeks. */
const HORIZON_MS = 3 * 365 * 86_400_000;

/** One or two sentences, with the number on which they depend. */
export function forecastText(forecast: Forecast, nowMs: number): string {
  const { days } = forecast;
  const rate = "bytesPerDay" in forecast ? `${formatBytes(Math.round(Math.abs(forecast.bytesPerDay)))} a day` : "";
  switch (forecast.kind) {
    case "too little history":
      return `No forecast: the history covers ${daysText(days)}, and a forecast needs ${forecast.neededDays} days.`;
    case "not growing":
      return `It did not grow in ${daysText(days)}.`;
    case "too uneven":
      return `It grew by ${rate} in ${daysText(days)}, but too unevenly for a date.`;
    case "growing": {
      const since = `It grew by ${rate} in ${daysText(days)}`;
      if (forecast.fullAtMs - nowMs > HORIZON_MS) return `${since}. At this rate it is not full within 3 years.`;
      const latest = forecast.latestMs - nowMs > HORIZON_MS ? "more than 3 years from now" : dayText(forecast.latestMs);
      const earliest = dayText(forecast.earliestMs);
      const between = earliest === latest ? "" : `, between ${earliest} and ${latest}`;
      return `${since}. At this rate it is full about ${dayText(forecast.fullAtMs)}${between}.`;
    }
  }
}

export const daysText = (days: number): string => {
  const whole = Math.floor(days);
  return whole < 1 ? "less than a day" : whole === 1 ? "1 day" : `${whole} days`;
};

const dayText = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
