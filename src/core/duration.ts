import { z } from "zod";

const FORM = /^([1-9]\d{0,3})(m|h|d)$/;
const MINUTE_MS = 60_000;
const units: Readonly<Record<string, number>> = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: 24 * 60 * MINUTE_MS };
const LONGEST_MS = 30 * 24 * 60 * MINUTE_MS;

/** How long, as a person types it: `30m`, `2h`, `3d`; at most 30 days. In milliseconds. */
export const durationSchema = z
  .string()
  .refine((text) => {
    const ms = millisecondsIn(text);
    return ms !== null && ms <= LONGEST_MS;
  }, "is not a time from 1m to 30d: type 30m, 2h or 3d")
  .transform((text) => millisecondsIn(text) ?? 0);

function millisecondsIn(text: string): number | null {
  const [, count, unit = ""] = FORM.exec(text) ?? [];
  return count === undefined ? null : Number(count) * (units[unit] ?? 0);
}

/** `40 s`, `12 min`, `3 h 5 min`, `2 days` */
export function durationText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours >= 48) return hours % 24 === 0 ? `${hours / 24} days` : `${Math.floor(hours / 24)} days ${hours % 24} h`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
