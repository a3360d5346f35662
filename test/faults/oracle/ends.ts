import type { PageMessage } from "../../../src/workspace/page-protocol.ts";
import { decisionsIn, textIn } from "../../scenario/message-text.ts";
import type { Evidence } from "../evidence.ts";
import { END, faultTold, isBots, titleOf } from "./seen.ts";

/**
 * Each operation's end is posted once in its place, and at most once to a person. Only plans that wait for a click
 * stay open.
 */
export function missingEnds({ operations, messages, direct, events }: Evidence): string[] {
  const foreign = events.flatMap((event) => (event.kind === "foreign plan" ? [event.ts] : []));
  const public_ = messages.filter(
    (message) => isBots(message) && message.onlyFor === null && !foreign.includes(message.ts),
  );
  // Slack may also hide what is in the channel. Then a message with a lost answer is posted once more.
  const copies = faultTold(events, /slack says \(\*, /);
  // Slack took a plan and called it an error, then it accepted the bot's token no more: nobody could find the message.
  const isHidden =
    faultTold(events, /slack says \(chat\.postMessage, [^)]*, after/) && faultTold(events, /token revoked \(bot/);
  return operations.flatMap(({ id, state, notified, messageId }) => {
    if (state === "planned") return [];
    if (state === "confirmed" || state === "running") return [`${id} is ${state} without end`];
    const isEnd = (message: PageMessage) => END.exec(titleOf(message))?.[2] === id;
    const ends = public_.filter(isEnd).filter(isOnePost);
    const elsewhere = direct.filter(isEnd).filter(isOnePost);
    const twice = elsewhere.filter(({ onlyFor }, at) => elsewhere.findIndex((each) => each.onlyFor === onlyFor) < at);
    const open = public_.filter((message) => decisionsIn(message).length > 0 && mentions(textIn(message), id));
    const wasShown = events.some((event) => event.kind === "message" && event.message.ts === messageId);
    return [
      ...(ends.length === 1 || (ends.length === 0 && !wasShown && state === "cancelled")
        ? []
        : [`the end of ${id} (${state}) is posted ${ends.length} times in the channel`]),
      ...twice.map(({ onlyFor }) => `the end of ${id} (${state}) is posted again to ${onlyFor}`),
      ...(notified ? [] : [`the bot thinks that the end of ${id} (${state}) is not posted yet`]),
      ...(open.length > 0 && !copies && !(isHidden && messageId === null)
        ? [`${id} is ${state}, and a message still has its buttons`]
        : []),
    ];
  });
}

/** Not a message that says that it may be a copy. */
const isOnePost = (message: PageMessage): boolean => !/This end may be here twice/.test(textIn(message));

const mentions = (text: string, id: string): boolean => new RegExp(`\\b${id}\\b(?!-)`).test(text);
