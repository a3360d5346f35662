import { errorReply } from "../core/error-reply.ts";
import { operatorError, reason } from "../core/refusal.ts";
import type { Reply } from "../core/reply.ts";

const OF_ONE_PERSON = 5;
/** Of all people together. An operator's command is also taken if the others have used up their places. */
const OF_ALL = 40;
const KEPT_FOR_OPERATORS = 20;

/** Answers of one person that are being sent and need no host: help, and commands that are not understood. */
const ANSWERS_OF_ONE = 20;

/** Commands that are not yet answered. Their number is limited, so that nobody can keep the bot busy for the others. */
export class OpenQuestions {
  readonly #open = new Map<symbol, { readonly by: string; readonly words: string }>();

  readonly #answers = new Map<string, number>();

  /** Returns what to call after the answer is sent. null: this person has too many such answers that are being sent. */
  answering(by: string): (() => void) | null {
    const count = this.#answers.get(by) ?? 0;
    if (count >= ANSWERS_OF_ONE) return null;
    this.#answers.set(by, count + 1);
    return () => {
      const left = (this.#answers.get(by) ?? 1) - 1;
      if (left === 0) this.#answers.delete(by);
      else this.#answers.set(by, left);
    };
  }

  /** Returns what to call after the answer, or the refusal to send instead. */
  take(by: string, words: string, isOperator: boolean): (() => void) | Reply {
    const own = [...this.#open.values()].filter((each) => each.by === by);
    if (own.length >= OF_ONE_PERSON) return tooManyOwn(words, own);
    if (this.#open.size >= OF_ALL + (isOperator ? KEPT_FOR_OPERATORS : 0)) return tooMany(words, this.#open.size);
    const key = Symbol(words);
    this.#open.set(key, { by, words });
    return () => void this.#open.delete(key);
  }
}

const tooManyOwn = (words: string, own: readonly { readonly words: string }[]): Reply => {
  const fix = { run: words, first: "wait for one of the answers" };
  const error = operatorError(
    "The command was not run",
    reason("BUSY", `${own.length} of your commands are open`, fix),
  );
  const parts = [{ kind: "code", caption: "Open", lines: own.map((each) => each.words) } as const];
  return errorReply(error, { tone: "warning", parts });
};

const tooMany = (words: string, count: number): Reply => {
  const fix = { run: words, first: "wait a minute" };
  const error = operatorError("The command was not run", reason("BUSY", `the bot has ${count} open commands`, fix));
  return errorReply(error, { tone: "warning" });
};
