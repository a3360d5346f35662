import { textIn } from "../../scenario/message-text.ts";
import type { Evidence } from "../evidence.ts";
import type { Event, UserAction } from "../timeline.ts";
import { botEndedBetween, isAbout, isBots, isInterim, isUnasked } from "./seen.ts";

/** Each action ends in something that its author sees. A killed process is not expected to answer its open actions. */
export function unansweredActions({ events, messages }: Evidence): string[] {
  const firstOf = (ts: string) => events.find((event) => event.kind === "message" && event.message.ts === ts)?.seq ?? 0;
  const unanswered = events.flatMap((event) => {
    if (event.kind !== "action") return [];
    const isSeen = events.some((other) => other.seq > event.seq && answers(other, event, firstOf));
    if (isSeen || botEndedBetween(events, event.seq)) return [];
    return [`${event.person} ${event.does} "${event.words}" (${event.seq}), and saw nothing come of it`];
  });
  const left = messages
    .filter((message) => isBots(message) && isInterim(message))
    .flatMap((message) => {
      const at = events.find((event) => event.kind === "message" && event.message.ts === message.ts)?.seq ?? 0;
      return botEndedBetween(events, at) ? [] : [`a message never changes: ${textIn(message).slice(0, 200)}`];
    });
  return [...unanswered, ...left];
}

function answers(
  event: Event,
  action: UserAction & { readonly seq: number },
  firstOf: (ts: string) => number,
): boolean {
  if (event.kind === "trouble" || event.kind === "form errors" || event.kind === "terminal")
    return event.person === action.person;
  if (event.kind === "view") return action.does === "confirm" && event.view.person === action.person;
  if (event.kind !== "message" || !isBots(event.message) || isUnasked(event.message)) return false;
  const { message } = event;
  if (message.onlyFor !== null) return message.onlyFor === action.person;
  if (action.does !== "say") return message.ts === action.messageTs || isAbout(message, action.words);
  return !isInterim(message) && (firstOf(message.ts) > action.seq || isAbout(message, action.words));
}
