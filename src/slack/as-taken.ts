import type { Message } from "../flow/ports.ts";
import { type Content, leastMessageOf, messageOf, type SlackMessage } from "./blocks.ts";
import { failureOf } from "./failure.ts";
import { isDecision } from "./next-steps.ts";

/** Sends the whole message, or less where Slack says that it is too much. */
export async function asMuchAsIsTaken<T>(message: Message, send: (content: SlackMessage) => Promise<T>): Promise<T> {
  const least = leastMessageOf(message);
  const bare = message.buttons === undefined ? [{ ...least, blocks: [] }] : [];
  let problem: unknown;
  for (const content of [messageOf(message, true), least, ...bare]) {
    try {
      return await send(content);
    } catch (error) {
      if (failureOf(error).about !== "content") throw error;
      problem = error;
    }
  }
  throw problem;
}

/** Whether the message itself is all there is to read. */
export const isComplete = ({ following, overflow }: SlackMessage): boolean =>
  following.length === 0 && overflow === null;

/** The buttons come once everything is there that must be read. */
export const shownAtFirst = (content: SlackMessage): Content => ({
  text: content.text,
  blocks: isComplete(content) ? content.blocks : content.blocks.filter((block) => !isDecision(block)),
});
