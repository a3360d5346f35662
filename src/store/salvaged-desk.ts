import type { z } from "zod";
import { eventSchema, type Incident, incidentSchema, keptFindingSchema } from "../core/incident.ts";
import { type Desk, deskSchema, emptyDesk, pauseSchema, postSchema } from "../watch/desk-file.ts";

/** What a file says of incidents, as far as this version of the bot understands it. */
export interface ReadDesk {
  readonly desk: Desk;
  /** What the bot does not understand in it, in words. null: nothing. */
  readonly problem: string | null;
}

/**
 * A bot that does not start reports nothing. So a damaged file, or one of a newer version, is read as far as it is understood.
 * No number of an incident is used twice: `lastNumber` is the last one outside the file.
 */
export function readDesk(text: string, lastNumber: number): ReadDesk {
  const value = jsonIn(text);
  const parsed = deskSchema.safeParse(value);
  if (parsed.success) {
    const unknown = keysIn(value) - keysIn(parsed.data);
    const desk = { ...parsed.data, nextNumber: Math.max(parsed.data.nextNumber, lastNumber + 1) };
    return {
      desk,
      problem: unknown > 0 ? `it is of a newer version: ${counted(unknown, "value")} in it unknown` : null,
    };
  }
  const issue = parsed.error.issues[0];
  const problem =
    value === undefined
      ? "it is not JSON"
      : `${issue?.path.join(".") || "the whole"}: ${issue?.message ?? "not understood"}`;
  return { desk: salvaged(value, text, lastNumber), problem };
}

function salvaged(value: unknown, text: string, lastNumber: number): Desk {
  const listed = (key: string): readonly unknown[] => listOf(fieldOf(value, key));
  const incidents = listed("incidents").flatMap((each) => salvagedIncident(each) ?? []);
  const ids = new Set(incidents.map(({ id }) => id));
  const named = [...text.matchAll(/\binc-(\d{1,9})\b/g)].map(([, number]) => Number(number));
  const next = fieldOf(value, "nextNumber");
  const nextNumber = Math.max(
    ...[1, lastNumber + 1, typeof next === "number" && Number.isInteger(next) ? next : 1],
    named.reduce((most, number) => Math.max(most, number), 0) + 1,
  );
  const posts = understood(postSchema, listed("posts")).filter(({ incidentId }) => ids.has(incidentId));
  const pauses = understood(pauseSchema, listed("pauses"));
  return { ...emptyDesk, nextNumber, incidents, posts, pauses };
}

/** An incident without those of its findings and events that this version does not know. null: nothing is left of it. */
export function salvagedIncident(value: unknown): Incident | null {
  const whole = incidentSchema.safeParse(value);
  if (whole.success) return whole.data;
  if (typeof value !== "object" || value === null) return null;
  const events = listOf(fieldOf(value, "events"));
  const known = understood(eventSchema, events);
  const omitted = fieldOf(value, "omittedEvents");
  // People read up to a number of events: it stays the same.
  const omittedEvents = (typeof omitted === "number" ? omitted : 0) + events.length - known.length;
  const rest = incidentSchema.safeParse({
    ...value,
    findings: understood(keptFindingSchema, listOf(fieldOf(value, "findings"))),
    shownFindings: undefined,
    sharedFindings: undefined,
    events: known,
    omittedEvents,
  });
  return rest.success ? rest.data : null;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && key in value
    ? Object.getOwnPropertyDescriptor(value, key)?.value
    : undefined;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const understood = <T>(schema: z.ZodType<T>, all: readonly unknown[]): T[] =>
  all.flatMap((each) => {
    const parsed = schema.safeParse(each);
    return parsed.success ? [parsed.data] : [];
  });

/** A newer version may keep more values. */
function keysIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, each) => sum + keysIn(each), own);
}

const counted = (count: number, what: string): string => (count === 1 ? `1 ${what} is` : `${count} ${what}s are`);
