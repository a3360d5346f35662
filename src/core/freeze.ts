import { z } from "zod";
import { nameSchema, timeSchema } from "./inventory.ts";

/** The days as `Date` counts them: 0 is Sunday. */
export const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const DAY = `(${days.join("|")})`;
const TIME = "((?:[01]\\d|2[0-3]):[0-5]\\d)";
/** `Fri 18:00-Mon 07:00` */
export const weeklyWindow = new RegExp(`^${DAY} ${TIME}-${DAY} ${TIME}$`);

/** Whether Intl knows the time zone: `Europe/Berlin`. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const MOST_KEPT = 1_000;
const personSchema = z.string().min(1).max(200);
/** null: all clusters. */
const frozenClusterSchema = nameSchema.nullable();

const freezeSchema = z.strictObject({
  cluster: frozenClusterSchema,
  by: personSchema,
  at: timeSchema,
  reason: z.string().max(500),
  /** null: until a person ends it. */
  until: timeSchema.nullable(),
});
const freezeScheduleSchema = z.strictObject({
  cluster: frozenClusterSchema,
  /** Each week, in the local time of the zone. */
  window: z.string().regex(weeklyWindow),
  zone: z.string().max(64).refine(isTimeZone, "is not a time zone"),
  by: personSchema,
  at: timeSchema,
});
export const freezesSchema = z.strictObject({
  freezes: z.array(freezeSchema).max(MOST_KEPT),
  schedules: z.array(freezeScheduleSchema).max(MOST_KEPT),
});

export type FreezeSchedule = z.output<typeof freezeScheduleSchema>;
export type Freezes = z.output<typeof freezesSchema>;

/** What is frozen, as it is on disk. */
export interface FreezeRecord extends Freezes {
  /** Why the file can't be read: all clusters count as frozen then. null: it was read. */
  readonly damaged: string | null;
}

/** Changes the record. Each change resolves when it is on disk. */
export interface FreezeNotes {
  /** `change` runs at once, and may throw. */
  change(change: (latest: Freezes) => Freezes): Promise<void>;
  /** Writes the file again, without any freeze. Resolves to where a damaged file is kept; null: it was not damaged. */
  beginAgain(): Promise<string | null>;
}
