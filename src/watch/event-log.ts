import type { Incident, IncidentEvent } from "../core/incident.ts";

/** A flapping incident has many observations; a review needs the first and the latest. */
const MOST_OBSERVED = 500;
/** What people did, and whom the bot called, is what a review asks for. */
const MOST_OF_PEOPLE = 1_500;

const ofPeople: ReadonlySet<IncidentEvent["kind"]> = new Set([
  ...(["acknowledged", "assigned", "silenced", "note", "mentioned", "escalated", "operation"] as const),
  "break-glass",
]);
const isOfPeople = ({ kind, by }: IncidentEvent): boolean => by !== null || ofPeople.has(kind);

/** With one more event. Observations in the middle leave, and are counted. */
export function withEvent(incident: Incident, event: IncidentEvent): Incident {
  const events = [...incident.events, event];
  const [most, isSame] = isOfPeople(event)
    ? [MOST_OF_PEOPLE, isOfPeople]
    : [MOST_OBSERVED, (each: IncidentEvent) => !isOfPeople(each)];
  const same = events.flatMap((each, index) => (isSame(each) ? [index] : []));
  const middle = same.length > most ? same[most / 2] : undefined;
  if (middle === undefined) return { ...incident, events };
  events.splice(middle, 1);
  return { ...incident, events, omittedEvents: (incident.omittedEvents ?? 0) + 1 };
}

/** The first event after those that were left out; all events, if none was. */
export function afterOmitted({ events, omittedEvents = 0 }: Pick<Incident, "events" | "omittedEvents">): number {
  if (omittedEvents === 0) return events.length;
  const observed = events.flatMap((each, index) => (isOfPeople(each) ? [] : [index]));
  return observed[MOST_OBSERVED / 2] ?? events.length;
}
