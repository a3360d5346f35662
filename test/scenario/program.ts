import { expect } from "vitest";
import { type PageState, pageStateSchema } from "../../src/workspace/page-protocol.ts";
import { type BotProcess, startBotProcess } from "./bot-process.ts";
import { decisionsIn, textIn } from "./message-text.ts";

const alice = "U0ALICE01";

/** The bot in its own process with its local workspace. The tests use its page like a person. */
export class Program {
  readonly #process: BotProcess;
  readonly #url: string;
  private constructor(process: BotProcess) {
    this.#process = process;
    this.#url = process.ready;
  }

  static async start(directory: string): Promise<Program> {
    return new Program(await startBotProcess(directory, {}, /http:\/\/127\.0\.0\.1:\d+\/\w+\//));
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  async post(action: string, body: object): Promise<void> {
    const headers = { "content-type": "application/json", origin: new URL(this.#url).origin };
    await fetch(`${this.#url}page/${action}`, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async state(): Promise<PageState> {
    return pageStateSchema.parse(await (await fetch(`${this.#url}page/state`)).json());
  }

  async until<T>(what: string, look: (state: PageState) => T | undefined): Promise<T> {
    for (const end = Date.now() + 240_000; Date.now() < end; ) {
      const found = look(await this.state());
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return expect.fail(
      `${what} did not come; the channel shows:\n${(await this.state()).messages.map(textIn).join("\n")}`,
    );
  }

  /** Sends a command and clicks Confirm, without waiting for the result. */
  async confirms(words: string): Promise<void> {
    await this.post("say", { person: alice, text: words, threadTs: null });
    const button = await this.until("the plan", ({ messages }) =>
      messages
        .flatMap(decisionsIn)
        .filter(({ actionId }) => actionId === "confirm")
        .map(({ ts, blockId, actionId }) => ({ person: alice, messageTs: ts, blockId, actionId }))
        .at(-1),
    );
    await this.post("click", button);
  }

  /** Sends the form that Confirm opened. `typed` is the text of its input, if it has one. */
  async sends(typed: string): Promise<void> {
    const view = await this.until("the form", ({ views }) => views.at(-1));
    const asks = view.blocks.some((block) => block.type === "input");
    await this.post("submit", { person: alice, viewId: view.id, values: asks ? { typed: { typed } } : {} });
  }
}
