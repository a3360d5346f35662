import { errorReply } from "../core/error-reply.ts";
import { operatorError, reason } from "../core/refusal.ts";
import type { Dispatch } from "./dispatch.ts";
import type { NextButtons } from "./next-buttons.ts";
import type { Conversation, Log, NextButton } from "./ports.ts";

/** The button of a next step, as its click carries it. */
export type Pressed = Pick<NextButton, "words" | "seal">;

/** Clicks on next steps. Their commands are answered like typed ones. */
export class Presses {
  readonly #dispatch: Dispatch;
  readonly #buttons: NextButtons;
  readonly #log: Log;
  /** The clicks that are being answered: a button that is clicked twice runs once. */
  readonly #underWay = new Set<string>();

  constructor(dispatch: Dispatch, buttons: NextButtons, log: Log) {
    this.#dispatch = dispatch;
    this.#buttons = buttons;
    this.#log = log;
  }

  async take(pressed: Pressed, by: string, conversation: Conversation): Promise<void> {
    const { words } = pressed;
    if (!this.#buttons.areOwn(pressed)) return conversation.sendEphemeral({ reply: notOurs });
    const key = JSON.stringify([by, conversation.place, words]);
    if (this.#underWay.has(key)) {
      this.#log.info(`${by} clicked a button again; its command is being answered: ${words}`);
      return;
    }
    this.#underWay.add(key);
    try {
      await this.#dispatch.ask(words, by, conversation, { how: "button" });
    } finally {
      this.#underWay.delete(key);
    }
  }
}

const notOurs = errorReply(
  operatorError(
    "This button is not known here",
    reason(
      "PLAN_NOT_KNOWN",
      "another bot with the same Slack tokens showed it, or an earlier data folder of this bot",
      "send the command itself",
    ),
  ),
  { tone: "warning", foot: "Nothing was run." },
);
