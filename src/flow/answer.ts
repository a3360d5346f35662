import { Refusal } from "../core/refusal.ts";
import type { Reply } from "../core/reply.ts";
import { askedPart } from "./plan-reply.ts";
import type { Conversation, Message } from "./ports.ts";

/** Longer than this and the channel is told that the bot is at work. */
const PATIENCE_MS = 2_000;

/** One message in the channel that first may say "looking" and then is the answer. */
export class Answer {
  readonly #conversation: Conversation;
  readonly #timer: NodeJS.Timeout;
  #posted: Promise<string> | null = null;

  constructor(conversation: Conversation, words: string, by: string) {
    this.#conversation = conversation;
    this.#timer = setTimeout(() => {
      this.#posted = conversation.say({ reply: lookingReply(words, by) });
      this.#posted.catch(() => undefined); // the answer itself will meet the same trouble and tell
    }, PATIENCE_MS);
  }

  /** Posts the answer, in place of "looking" where that was posted; resolves to the message's id. */
  async give(message: Message): Promise<string> {
    clearTimeout(this.#timer);
    const earlier = await this.#posted?.catch(() => null);
    if (earlier) {
      await this.#conversation.revise(earlier, message, true);
      return earlier;
    }
    return this.#conversation.say(message);
  }

  /** As `give`, but where the bot can't post here only the asker sees it. For answers that change nothing. */
  async giveOrWhisper(message: Message): Promise<void> {
    try {
      await this.give(message);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await this.#conversation.whisper(message);
    }
  }

  /** For what concerns only the asker. */
  async whisper(reply: Reply): Promise<void> {
    clearTimeout(this.#timer);
    await this.#conversation.whisper({ reply });
  }
}

const lookingReply = (words: string, by: string): Reply => ({
  title: "Looking at the hosts …",
  tone: "plain",
  parts: [askedPart(words, by)],
  next: [],
});
