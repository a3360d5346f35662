import { createHmac } from "node:crypto";
import type { Command } from "../core/command.ts";
import { type NextStep, type Reply, wordsOf } from "../core/reply.ts";
import { buttonLabel } from "../language/button-label.ts";
import { understand } from "../language/understand.ts";
import type { Channel, Conversation, Conversations, Message, NextButton, PostOnce } from "./ports.ts";

/** More buttons would fill the screen. */
const MOST_BUTTONS = 4;
const MOST_OF_A_MENU = 10;
/** A button takes 2,000 characters. All buttons of a message together take as many. */
const LONGEST_WORDS = 700;
const MOST_CHARACTERS = 2_000;
const SEAL_DIGITS = 24;

/**
 * Buttons that run the next steps of a reply. Each carries its command, and a seal that only this data folder can
 * make.
 */
export class NextButtons {
  readonly #commands: readonly Command[];
  readonly #key: string;

  /** `key`: a secret of the data folder. */
  constructor(commands: readonly Command[], key: string) {
    this.#commands = commands;
    this.#key = key;
  }

  /** Whether this command comes from a button of this data folder. */
  areOwn({ words, seal }: Pick<NextButton, "words" | "seal">): boolean {
    return this.#sealOf(words) === seal;
  }

  /**
   * Fixes first, then next steps. Only a complete command becomes a button. Of two with one label only the first
   * does.
   */
  of({ next, isMenu, error }: Pick<Reply, "next" | "isMenu" | "error">): NextButton[] {
    const fixes = (error?.fixes ?? []).flatMap((fix) => (typeof fix === "string" ? [] : [fix.run]));
    const buttons: NextButton[] = [];
    let characters = 0;
    for (const step of [...fixes, ...next]) {
      const words = wordsOf(step);
      const label = this.#labelOf(step);
      if (label === null || buttons.some((other) => other.label === label || other.words === words)) continue;
      characters += words.length;
      if (characters > MOST_CHARACTERS) break;
      buttons.push({ label, words, seal: this.#sealOf(words) });
    }
    return buttons.slice(0, isMenu ? MOST_OF_A_MENU : MOST_BUTTONS);
  }

  /** In these conversations each message has buttons for its next steps. */
  in(conversations: Conversations): Conversations {
    const offering = (channel: Channel | null) => channel && this.#offering(channel);
    return {
      at: (place) => this.#offering(conversations.at(place)),
      inThread: (place, messageId) => this.#offering(conversations.inThread(place, messageId)),
      withPerson: (person) => offering(conversations.withPerson(person)),
      home: () => offering(conversations.home()),
    };
  }

  with(conversation: Conversation): Conversation {
    return {
      ...conversation,
      ...this.#offering(conversation),
      sendEphemeral: (message) => conversation.sendEphemeral(this.#offered(message)),
    };
  }

  #offering(channel: Channel): Channel {
    const once = (given: PostOnce | undefined) => given && { ...given, again: this.#offered(given.again) };
    return {
      place: channel.place,
      ...(channel.channelId !== undefined && { channelId: channel.channelId }),
      say: (message, given) =>
        channel.say(
          typeof message === "function" ? () => this.#offered(message()) : this.#offered(message),
          once(given),
        ),
      revise: (messageId, message, last, given) => channel.revise(messageId, this.#offered(message), last, once(given)),
      find: channel.find,
    };
  }

  #offered(message: Message): Message {
    const nextButtons = this.of(message.reply);
    return nextButtons.length === 0 ? message : { ...message, nextButtons };
  }

  #labelOf(step: NextStep): string | null {
    const words = wordsOf(step);
    if (words.length > LONGEST_WORDS) return null;
    const understood = understand(words, this.#commands);
    if (understood.kind === "command") {
      return typeof step === "string" ? buttonLabel(understood.command, understood.args) : step.label;
    }
    if (understood.kind === "form") return typeof step === "string" ? `${understood.form.title}…` : step.label;
    // A command may lack names or texts. Its answer asks for them.
    const asksForRest = understood.kind === "misunderstood" && understood.short !== null;
    return asksForRest && typeof step !== "string" ? step.label : null;
  }

  #sealOf = (words: string): string =>
    createHmac("sha256", this.#key).update(words).digest("hex").slice(0, SEAL_DIGITS);
}
