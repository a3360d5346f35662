import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argumentsOf } from "../programs.ts";

/** On a busy computer a start takes a while: keys are made. */
const PATIENCE_MS = 60_000;

/** The program as `npm start` runs it: in its own process, on a free port, with a new data folder. */
export class RunningBot {
  /** The address of the local workspace's page, as the program printed it. */
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #said: string[];

  private constructor(address: string, child: ChildProcess, directory: string, said: string[]) {
    this.address = address;
    this.#child = child;
    this.#directory = directory;
    this.#said = said;
  }

  static async start(): Promise<RunningBot> {
    const directory = await mkdtemp(join(tmpdir(), "zstack-page-"));
    const child = spawn(process.execPath, argumentsOf("start"), {
      env: { PATH: process.env.PATH, PORT: "0", DATA_DIR: directory },
      stdio: ["ignore", "pipe", "pipe"],
      // Its own process group, so that all of it can be ended if it does not end by itself.
      detached: true,
    });
    const said: string[] = [];
    const heard = (chunk: Buffer) => void said.push(chunk.toString());
    child.stderr.on("data", heard);
    const address = await new Promise<string>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`the bot did not start: ${why}\n${said.join("")}`));
      const timer = setTimeout(() => fail(`no address within ${PATIENCE_MS / 1000} s`), PATIENCE_MS);
      child.once("exit", (code) => fail(`it ended with ${code}`));
      child.stdout.on("data", (chunk: Buffer) => {
        heard(chunk);
        const printed = said.join("").match(/^Local workspace: (http:\S+)$/m)?.[1];
        if (printed === undefined) return;
        clearTimeout(timer);
        resolve(printed);
      });
    }).catch(async (error: unknown) => {
      killGroup(child);
      await rm(directory, { recursive: true, force: true });
      throw error;
    });
    return new RunningBot(address, child, directory, said);
  }

  /** Everything that it printed, also on standard error. */
  get output(): string {
    return this.#said.join("");
  }

  /** Asks it to end, as a service manager does, and waits. null: a signal had to end it. */
  async terminate(): Promise<number | null> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
    return this.#child.exitCode;
  }

  /** Leaves no process and no folder, after any end of the test. */
  async discard(): Promise<void> {
    killGroup(this.#child);
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // The whole group has ended.
  }
}
