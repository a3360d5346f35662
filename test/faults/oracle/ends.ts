import { buttonsIn, textIn } from "../../scenario/message-text.ts";
import type { Evidence } from "../evidence.ts";
import { END, faultTold, isBots, titleOf } from "./seen.ts";

/** Each operation's end is told once in its place, and nothing is left open but plans that wait for a click. */
export function untoldEnds({ operations, messages, events }: Evidence): string[] {
  const public_ = messages.filter((message) => isBots(message) && message.onlyFor === null);
  // A message whose answer was lost is posted once more, and the bot knows one of the two.
  const copies = faultTold(events, /slack says \((chat\.postMessage|\*), .*(after|late|silent)/);
  return operations.flatMap(({ id, state, told, messageId }) => {
    if (state === "planned") return [];
    if (state === "confirmed" || state === "running") return [`${id} is ${state} for ever`];
    const ends = public_.filter((message) => END.exec(titleOf(message))?.[2] === id);
    const open = public_.filter((message) => buttonsIn(message).length > 0 && mentions(textIn(message), id));
    const wasShown = events.some((event) => event.kind === "message" && event.message.ts === messageId);
    return [
      ...(ends.length === 1 || (ends.length === 0 && !wasShown && state === "cancelled")
        ? []
        : [`the end of ${id} (${state}) is told ${ends.length} times in the channel`]),
      ...(told ? [] : [`the bot holds that the end of ${id} (${state}) is not told yet`]),
      ...(open.length > 0 && !copies ? [`${id} is ${state}, and a message still has its buttons`] : []),
    ];
  });
}

const mentions = (text: string, id: string): boolean => new RegExp(`\\b${id}\\b(?!-)`).test(text);
