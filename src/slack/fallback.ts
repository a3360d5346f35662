import type { Message } from "../flow/ports.ts";
import { leastMessageOf, messageOf, type SlackMessage } from "./blocks.ts";
import { isDecision } from "./buttons.ts";
import { failureOf } from "./failure.ts";
import type { Kinds } from "./limits.ts";
import type { Content } from "./text.ts";

const NEWER: ReadonlySet<string> = new Set(["container", "data_table", "data_visualization", "plan"]);
const hasNewerBlocks = ({ blocks }: Pick<Content, "blocks">): boolean => blocks.some(({ type }) => NEWER.has(type));

/** After a refusal the newer kinds are tried again after this time. */
const REFUSED_MS = 3_600_000;

/** The kinds of blocks that Slack takes, as far as its answers have shown. */
export class BlockKinds {
  readonly #now: () => number;
  #refusedAt: number | null = null;
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get current(): Kinds {
    return this.#refusedAt !== null && this.#now() - this.#refusedAt < REFUSED_MS ? "basic" : "all";
  }

  /** Sends a message with all kinds of blocks. If Slack refuses the content, sends it with the basic ones. */
  async send<C extends Content, T>(
    make: (kinds: Kinds) => C,
    send: (content: C) => Promise<T>,
    isAboutContent: (error: unknown) => boolean = isRefusedContent,
  ): Promise<T> {
    const content = make(this.current);
    try {
      return await send(content);
    } catch (error) {
      if (!hasNewerBlocks(content) || !isAboutContent(error)) throw error;
      const taken = await send(make("basic"));
      this.#refusedAt = this.#now();
      return taken;
    }
  }
}

const isRefusedContent = (error: unknown): boolean => failureOf(error).about === "content";

/** Sends the whole message. If Slack says that it is too much, sends less. */
export async function sendWithFallback<T>(
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
