import type { ToTerminal } from "../../src/terminal/session.ts";
import { connectToBot } from "../../src/terminal/socket.ts";
import type { Timeline } from "./timeline.ts";

type Question = Extract<ToTerminal, { kind: "question" }>;

/** A person at a terminal of the bot's computer, as `npm run say` connects it. */
export class Terminal {
  /** The question of an answer that has not ended yet. */
  #coming: Question | null = null;
  #question: Question | null = null;
  #isOver = false;
  #say: Awaited<ReturnType<typeof connectToBot>> = null;

  /** Asks, and writes the answer into the record. */
  async asks(folder: string, words: string, person: string, timeline: Timeline): Promise<void> {
    const shows = (text: string) => timeline.record({ kind: "terminal", person, text });
    const reported = (answer: ToTerminal) => {
      if (answer.kind === "text") shows(answer.text);
      else if (answer.kind === "question") this.#coming = answer;
      else if (this.#coming === null) this.#isOver = true;
      else {
        this.#question = this.#coming;
        this.#coming = null;
      }
    };
    const gone = (why: string) => {
      if (!this.#isOver) shows(`The connection to the bot ended: ${why}`);
      this.#isOver = true;
    };
    this.#say = await connectToBot(folder, reported, gone);
    if (this.#say === null) gone("no bot runs here");
    this.#say?.say({ kind: "ask", words, width: 1000, colour: false });
  }

  /** What the person is asked, once the answer has ended: before, the bot takes nothing from this terminal. */
  get question(): Question | null {
    return this.#question;
  }
  get isOver(): boolean {
    return this.#isOver;
  }

  confirms({ operationId, typed }: Question, answer: (label: string) => string): void {
    this.#question = null;
    this.#say?.say({ kind: "confirm", operationId, typed: typed === null ? null : answer(typed), secrets: {} });
  }

  leaves(): void {
    this.#isOver = true;
    this.#say?.close();
  }
}
