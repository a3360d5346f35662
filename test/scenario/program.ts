import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";
import { type PageState, pageStateSchema } from "../../src/local/page-protocol.ts";
import { textIn } from "./story.ts";

const root = join(import.meta.dirname, "../..");
const alice = "U0ALICE01";

/** The bot as its users run it, in a process of its own that can be killed. */
export class Program {
  readonly #child: ChildProcess;
  readonly #url: string;
  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  static async start(directory: string): Promise<Program> {
    const env = { ...process.env, NODE_ENV: "production", DATA_DIR: directory, PORT: "0" };
    const child = spawn(process.execPath, ["--import", "tsx", "src/main.ts"], { cwd: root, env });
    let said = "";
    child.stderr?.on("data", (chunk) => {
      said += String(chunk);
    });
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout?.on("data", (chunk) => {
        said += String(chunk);
        const address = said.match(/http:\/\/127\.0\.0\.1:\d+\//)?.[0];
        if (address) resolve(address);
      });
      child.once("exit", () => reject(new Error(`the bot did not start: ${said}`)));
    });
    return new Program(child, url);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await gone;
  }

  async post(gesture: string, body: object): Promise<void> {
    const headers = { "content-type": "application/json", origin: new URL(this.#url).origin };
    await fetch(`${this.#url}page/${gesture}`, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async state(): Promise<PageState> {
    return pageStateSchema.parse(await (await fetch(`${this.#url}page/state`)).json());
  }

  async until<T>(what: string, look: (state: PageState) => T | undefined): Promise<T> {
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
      const found = look(await this.state());
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return expect.fail(
      `${what} did not come; the channel shows:\n${(await this.state()).messages.map(textIn).join("\n")}`,
    );
  }

  /** Asks and clicks Confirm, without waiting for what comes of it. */
  async confirms(words: string): Promise<void> {
    await this.post("say", { person: alice, text: words, threadTs: null });
    const button = await this.until("the plan", ({ messages }) =>
      messages
        .filter((message) => message.blocks.some((block) => block.type === "actions"))
        .map((message) => ({ person: alice, messageTs: message.ts, blockId: "decision", actionId: "confirm" }))
        .at(-1),
    );
    await this.post("click", button);
  }

  /** Sends the form that Confirm opened; `typed` goes into its input where it has one. */
  async sends(typed: string): Promise<void> {
    const view = await this.until("the form", ({ views }) => views.at(-1));
    const asks = view.blocks.some((block) => block.type === "input");
    await this.post("submit", { person: alice, viewId: view.id, values: asks ? { typed: { typed } } : {} });
  }
}
