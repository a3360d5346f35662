import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { inventorySchema } from "../../src/core/inventory.ts";
import { auditEntrySchema } from "../../src/core/operation.ts";
import { type PageState, pageStateSchema } from "../../src/local/page-protocol.ts";
import { textIn } from "./story.ts";
import { luns } from "./target.ts";

const root = join(import.meta.dirname, "../..");
const alice = "U0ALICE01";

/** The bot as its users run it, in a process of its own that can be killed. */
class Program {
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

  /** Asks, clicks Confirm and sends the form, without waiting for what comes of it. */
  async addsLun(words: string): Promise<void> {
    await this.post("say", { person: alice, text: words, threadTs: null });
    const button = await this.until("the plan", ({ messages }) =>
      messages
        .filter((message) => message.blocks.some((block) => block.type === "actions"))
        .map((message) => ({ person: alice, messageTs: message.ts, blockId: "decision", actionId: "confirm" }))
        .at(-1),
    );
    await this.post("click", button);
    const view = await this.until("the form", ({ views }) => views.at(-1));
    const asks = view.blocks.some((block) => block.type === "input");
    await this.post("submit", { person: alice, viewId: view.id, values: asks ? { typed: { typed: "bbe00a" } } : {} });
  }
}

const add = `/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;

it.each([0, 30, 80, 150, 300])(
  "killed %i ms after the confirmation, it loses nothing it told, and the same words finish",
  { timeout: 120_000 },
  async (delayMs) => {
    const directory = await mkdtemp(join(tmpdir(), "zstack-kill-"));
    let program = await Program.start(directory);
    onTestFinished(async () => {
      await program.kill();
      await rm(directory, { recursive: true, force: true });
    });
    await program.addsLun(add);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const told = (await program.state()).messages.map(textIn).some((text) => text.includes("ps-1 to cluster-1: done"));
    await program.kill();
    const confirmed = (await entriesIn(directory)).some(({ event }) => event.kind === "confirmed");

    program = await Program.start(directory);
    if (told) expect(await addedAt(directory)).not.toBeNull();
    if (confirmed && !told) {
      await program.until("news of the confirmed plan", ({ messages }) =>
        messages.find((message) => /Add ps-1 to cluster-1: (unknown|refused|done|failed)/.test(textIn(message))),
      );
    }
    if ((await addedAt(directory)) === null) {
      await program.addsLun(add);
      await program.until("the end", ({ messages }) =>
        messages.find((message) => textIn(message).includes(": done (op-2)")),
      );
    }
    expect(await addedAt(directory)).not.toBeNull();
    const destroyed = (await entriesIn(directory)).flatMap(({ event }) =>
      event.kind === "began" && event.effect === "destroy" ? event.argv[0] : [],
    );
    expect(destroyed.filter((each) => each === "vgcreate").length).toBeGreaterThanOrEqual(1);
  },
);

/** The audit log's entries; throws where the chain of hashes is broken. */
async function entriesIn(directory: string) {
  const lines = (await readFile(join(directory, "audit.jsonl"), "utf8")).split("\n").slice(0, -1);
  const entries = lines.map((line) => auditEntrySchema.parse(JSON.parse(line)));
  for (const [index, entry] of entries.entries()) {
    if (index > 0) expect(entry.previousHash).toBe(entries[index - 1]?.hash);
  }
  return entries;
}

async function addedAt(directory: string): Promise<string | null> {
  const { inventory } = JSON.parse(await readFile(join(directory, "inventory.json"), "utf8"));
  return inventorySchema.parse(inventory).primaryStorages[0]?.sharedBlocks[0]?.addedAt ?? null;
}
