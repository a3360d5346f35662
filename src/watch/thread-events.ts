import type { Incident, IncidentEvent } from "../core/incident.ts";
import { afterOmitted } from "./event-log.ts";

/** How many events the incident had so far, with those that are not kept. */
export const eventCount = ({ events, omittedEvents = 0 }: Pick<Incident, "events" | "omittedEvents">): number =>
  events.length + omittedEvents;

/** It is posted at once, also in spite of a silence. A person did it, so it does not repeat. */
export const isBreakGlass = ({ kind }: IncidentEvent): boolean => kind === "break-glass";

/** How many events need no post once the incident's message is posted: a break-glass must be in the thread. */
export function eventsInMessage(incident: Incident): number {
  const at = incident.events.findIndex(isBreakGlass);
  if (at < 0) return eventCount(incident);
  return at < afterOmitted(incident) ? at : at + (incident.omittedEvents ?? 0);
}

/**
 * The events after the first `posted` ones, and at most up to `upTo`, that people must read in the thread. While an
 * incident flaps, its returns and ends are only counted in its message. After its end nothing is posted.
 */
export function eventsToPost(incident: Incident, posted: number, upTo = eventCount(incident)): IncidentEvent[] {
  const { events, omittedEvents = 0, state } = incident;
  const found: IncidentEvent[] = [];
  const after = afterOmitted(incident);
  let isFlapping = false;
  let isOver = false;
  let beganMs = 0;
  for (const [index, event] of events.entries()) {
    const { kind } = event;
    const number = index + 1 + (index < after ? 0 : omittedEvents);
    if (number > upTo) break;
    const begins = kind === "flapping" && !isFlapping;
    if (kind === "flapping") isFlapping = true;
    if (kind === "back") isFlapping = false;
    if (kind === "back" || kind === "flapping") isOver = false;
    if (kind === "opened" || kind === "back") beganMs = Date.parse(event.at);
    const isOfBegin = kind === "grew" && Date.parse(event.at) - beganMs < BEGINS_MS;
    const isShown = begins || byPeople.has(kind) || (!isFlapping && !inMessage.has(kind) && !isOfBegin);
    // The post says how far it had come, not how it began.
    const last = found.at(-1);
    if (isOfBegin && (last?.kind === "back" || last?.kind === "flapping"))
      found[found.length - 1] = grownTo(last, event);
    if (number > posted && isShown && !isOver) {
      // While it grows, the latest says all.
      if (kind === "grew" && found.at(-1)?.kind === "grew") found.pop();
      found.push(event);
    }
    if (ends.has(kind)) isOver = true;
  }
  // Nothing is posted after the end, so what was not posted before it is posted with it or not at all.
  const end = found.at(-1);
  return state === "resolved" && (end === undefined || !ends.has(end.kind)) ? [] : found;
}

const grownTo = (first: IncidentEvent, { text }: IncidentEvent): IncidentEvent => ({ ...first, text });

/** A fault shows on all its paths within this time. Its message is kept current; that needs no post of its own. */
const BEGINS_MS = 20_000;
const ends: ReadonlySet<IncidentEvent["kind"]> = new Set(["resolved", "joined"]);

/** The message itself shows them. */
const inMessage: ReadonlySet<IncidentEvent["kind"]> = new Set(["began", "quiet", "opened"]);
/** Also while it flaps. */
const byPeople: ReadonlySet<IncidentEvent["kind"]> = new Set([
  ...(["acknowledged", "assigned", "silenced", "note", "mentioned", "escalated", "operation"] as const),
  "break-glass",
]);
