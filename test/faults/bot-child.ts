import { type ChildProcess, spawn } from "node:child_process";

/** Where the bundled bot is, and what it is given. */
export interface BotFiles {
  readonly bot: string;
  /** Loaded before the bot: lets its disk be full on request. */
  readonly disk: string;
}

/** The bot as its users run it, in a process of its own that can be killed. */
export class BotChild {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #said = "";
  #wanted = false;

  private constructor(child: ChildProcess, onEnd: (text: string) => void) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        this.#said += String(chunk);
      });
    }
    this.#gone = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        if (!this.#wanted) onEnd(`exit code ${code}, signal ${signal}: ${this.#said.slice(-2000)}`);
        resolve();
      });
    });
  }

  /** Resolves at once; `ready` resolves when it is connected. */
  static start(files: BotFiles, env: Readonly<Record<string, string>>, onEnd: (text: string) => void): BotChild {
    const inherited = {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      TMPDIR: process.env.TMPDIR ?? "/tmp",
    };
    const child = spawn(process.execPath, ["--import", files.disk, files.bot, "start"], {
      env: { ...inherited, NODE_ENV: "production", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new BotChild(child, onEnd);
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** All that it wrote on its terminal. */
  get said(): string {
    return this.#said;
  }

  get isReady(): boolean {
    return this.#said.includes("Connected to Slack");
  }

  /** At once, and nothing is tidied up. */
  async kill(): Promise<void> {
    this.#wanted = true;
    if (this.isAlive) this.#child.kill("SIGKILL");
    await this.#gone;
  }

  /** As an update does it. */
  async stop(): Promise<void> {
    this.#wanted = true;
    if (this.isAlive) this.#child.kill("SIGTERM");
    await this.#gone;
  }
}
