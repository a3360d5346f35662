import type { Incident, IncidentEvent } from "../core/incident.ts";

/** How many events the incident had so far, with those that are not kept. */
export const eventCount = ({ events, omittedEvents = 0 }: Pick<Incident, "events" | "omittedEvents">): number =>
  events.length + omittedEvents;

/**
 * The events after the first `posted` ones, and at most up to `upTo`, that people must read in the thread. While an
 * incident flaps, its returns and ends are only counted in its message. After its end nothing is posted.
 */
export function eventsToPost(incident: Incident, posted: number, upTo = eventCount(incident)): IncidentEvent[] {
  const { events, omittedEvents = 0, state } = incident;
  const found: IncidentEvent[] = [];
  let isFlapping = false;
  let isOver = false;
  for (const [index, event] of events.entries()) {
    const { kind } = event;
    const number = index + omittedEvents + 1;
    if (number > upTo) break;
    const begins = kind === "flapping" && !isFlapping;
    if (kind === "flapping") isFlapping = true;
    if (kind === "back") isFlapping = false;
    if (kind === "back" || kind === "flapping") isOver = false;
    const isShown = begins || byPeople.has(kind) || (!isFlapping && !inMessage.has(kind));
    if (number > posted && isShown && !isOver) found.push(event);
    if (kind === "resolved") isOver = true;
  }
  // Nothing is posted after the end, so what was not posted before it is posted with it or not at all.
  return state === "resolved" && found.at(-1)?.kind !== "resolved" ? [] : found;
}

/** The message itself shows them. */
const inMessage: ReadonlySet<IncidentEvent["kind"]> = new Set(["began", "quiet", "opened"]);
/** Also while it flaps. */
const byPeople: ReadonlySet<IncidentEvent["kind"]> = new Set([
  ...(["acknowledged", "assigned", "silenced", "note", "mentioned", "escalated", "operation"] as const),
]);
