import type { FromTerminal, ToTerminal } from "../../src/terminal/session.ts";
import { type BotConnection, connectToBot } from "../../src/terminal/socket.ts";
import { until } from "../scenario/story.ts";

type End = Extract<ToTerminal, { kind: "end" }>;

/** A terminal that is connected to a running bot. */
export class Terminal {
  readonly #heard: ToTerminal[];
  readonly #connection: BotConnection;
  #ends = 0;

  private constructor(connection: BotConnection, heard: ToTerminal[]) {
    this.#connection = connection;
    this.#heard = heard;
  }

  static async at(directory: string): Promise<Terminal> {
    const heard: ToTerminal[] = [];
    const connection = await connectToBot(
      directory,
      (answer) => heard.push(answer),
      () => undefined,
    );
    if (connection === null) throw new Error(`nobody opens in ${directory}`);
    return new Terminal(connection, heard);
  }

  /** Everything that was shown, as text. */
  get text(): string {
    return this.#heard.flatMap((answer) => (answer.kind === "text" ? [answer.text] : [])).join("\n");
  }

  /** The operation that waits for an answer. */
  get asked(): string {
    const question = this.#heard.findLast((answer) => answer.kind === "question");
    if (question === undefined) throw new Error(`nothing was asked; the terminal shows:\n${this.text}`);
    return question.operationId;
  }

  ask(words: string): Promise<End> {
    return this.says({ kind: "ask", words, width: 200, colour: false });
  }

  /** A change that is done without the channel, while Slack is away. */
  breaks(words: string, breakGlass: string): Promise<End> {
    return this.says({ kind: "ask", words, width: 200, colour: false, breakGlass });
  }

  /** The files of all answers, by name. */
  get files(): ReadonlyMap<string, string> {
    const files = new Map<string, string>();
    for (const answer of this.#heard) {
      if (answer.kind === "file") files.set(answer.name, (files.get(answer.name) ?? "") + answer.text);
    }
    return files;
  }

  /** Resolves when the bot has no more answers about it. */
  async says(said: FromTerminal): Promise<End> {
    this.#connection.say(said);
    this.#ends += 1;
    const ends = () => this.#heard.filter((answer): answer is End => answer.kind === "end");
    const end = await until(() => ends()[this.#ends - 1], 30_000);
    if (end === undefined) throw new Error(`the bot did not come to an end; the terminal shows:\n${this.text}`);
    return end;
  }

  goes(): void {
    this.#connection.close();
  }
}
