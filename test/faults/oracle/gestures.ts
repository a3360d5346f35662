import { textIn } from "../../scenario/message-text.ts";
import type { Evidence } from "../evidence.ts";
import type { Event, Gesture } from "../timeline.ts";
import { botEndedBetween, isAbout, isBots, isInterim } from "./seen.ts";

/**
 * Each gesture ended in something that its author saw. A process that was killed answers nothing: what it had not
 * answered then is not asked of it.
 */
export function unansweredGestures({ events, messages }: Evidence): string[] {
  const firstOf = (ts: string) => events.find((event) => event.kind === "message" && event.message.ts === ts)?.seq ?? 0;
  const unanswered = events.flatMap((event) => {
    if (event.kind !== "gesture") return [];
    const isSeen = events.some((other) => other.seq > event.seq && answers(other, event, firstOf));
    if (isSeen || botEndedBetween(events, event.seq)) return [];
    return [`${event.person} ${event.does} "${event.words}" (${event.seq}), and saw nothing come of it`];
  });
  const left = messages
    .filter((message) => isBots(message) && isInterim(message))
    .flatMap((message) => {
      const at = events.find((event) => event.kind === "message" && event.message.ts === message.ts)?.seq ?? 0;
      return botEndedBetween(events, at) ? [] : [`a message says for ever: ${textIn(message).slice(0, 200)}`];
    });
  return [...unanswered, ...left];
}

function answers(event: Event, gesture: Gesture & { readonly seq: number }, firstOf: (ts: string) => number): boolean {
  if (event.kind === "trouble" || event.kind === "form errors" || event.kind === "terminal")
    return event.person === gesture.person;
  if (event.kind === "view") return gesture.does === "confirm" && event.view.person === gesture.person;
  if (event.kind !== "message" || !isBots(event.message)) return false;
  const { message } = event;
  if (message.onlyFor !== null) return message.onlyFor === gesture.person;
  if (gesture.does !== "say") return message.ts === gesture.messageTs || isAbout(message, gesture.words);
  return !isInterim(message) && (firstOf(message.ts) > gesture.seq || isAbout(message, gesture.words));
}
