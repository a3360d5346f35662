import type { Message } from "../flow/ports.ts";
import type { BlockKinds } from "./block-kinds.ts";
import { leastMessageOf, messageOf, type SlackMessage } from "./blocks.ts";
import type { Content } from "./content.ts";
import { isDecision } from "./decision.ts";
import { failureOf } from "./failure.ts";

/** Sends the whole message. If Slack says that it is too much, sends less. */
export async function asMuchAsIsTaken<T>(
  message: Message,
  kinds: BlockKinds,
  send: (content: SlackMessage) => Promise<T>,
): Promise<T> {
  const least = leastMessageOf(message);
  const bare = message.buttons === undefined ? [{ ...least, blocks: [] }] : [];
  const whole = () => kinds.send((each) => messageOf(message, true, { kinds: each }), send);
  let problem: unknown;
  for (const attempt of [whole, ...[least, ...bare].map((content) => () => send(content))]) {
    try {
      return await attempt();
    } catch (error) {
      if (failureOf(error).about !== "content") throw error;
      problem = error;
    }
  }
  throw problem;
}

/** Whether nothing follows the message, in its thread or as a file. */
export const isComplete = ({ following, overflow }: SlackMessage): boolean =>
  following.length === 0 && overflow === null;

/** The buttons are added after everything that must be read. */
export const shownAtFirst = (content: SlackMessage): Content => ({
  text: content.text,
  blocks: isComplete(content) ? content.blocks : content.blocks.filter((block) => !isDecision(block)),
});
