import { errorLines, Refusal } from "../../core/refusal.ts";
import type { PageEvents } from "./page-events.ts";
import { ImpossibleAction } from "./user-action.ts";

/** A simulated SAN that words break and restore. `apply` throws a Refusal. */
export interface SanToBreak {
  choices(): object;
  apply(words: string): Promise<string>;
  onChange(listener: () => void): void;
}

/** One program changes the SAN many times; the page is notified once. */
const MERGE_MS = 100;

/** The simulated SAN for the page. */
export class PageSan {
  readonly #san: SanToBreak;
  #timer: NodeJS.Timeout | null = null;

  constructor(san: SanToBreak, events: PageEvents) {
    this.#san = san;
    san.onChange(() => {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        events.emit({ kind: "san changed" });
      }, MERGE_MS).unref();
    });
  }

  choices(): object {
    return this.#san.choices();
  }

  async apply(words: string): Promise<{ readonly text: string }> {
    try {
      return { text: await this.#san.apply(words) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new ImpossibleAction("words", errorLines(error.error).join("\n"));
    }
  }
}
