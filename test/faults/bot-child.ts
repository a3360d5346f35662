import { type ChildProcess, spawn } from "node:child_process";

/** The files of the bundled bot, and what it is started with. */
export interface BotFiles {
  readonly bot: string;
  /** Loaded before the bot. It can make the bot's disk full. */
  readonly disk: string;
}

/** The bot as its users run it, in its own process, which can be killed. */
export class BotChild {
  readonly #child: ChildProcess;
  /** Resolves when its process has ended. */
  readonly gone: Promise<void>;
  #said = "";
  #wanted = false;

  private constructor(child: ChildProcess, onEnd: (text: string) => void) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        this.#said += String(chunk);
      });
    }
    this.gone = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        if (!this.#wanted) onEnd(`exit code ${code}, signal ${signal}: ${this.#said.slice(-2000)}`);
        resolve();
      });
    });
  }

  /** Returns at once. `ready` resolves when the bot is connected. */
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

  /** Whether it was killed or asked to stop, and its end is not seen yet. */
  get isEnding(): boolean {
    return this.#wanted && this.isAlive;
  }

  /** Everything that it wrote on its terminal. */
  get said(): string {
    return this.#said;
  }

  get isReady(): boolean {
    return this.#said.includes("Connected to Slack");
  }

  /** At once, without cleaning up. */
  async kill(): Promise<void> {
    this.#wanted = true;
    if (this.isAlive) this.#child.kill("SIGKILL");
    await this.gone;
  }

  /** As an update stops it. */
  async stop(): Promise<void> {
    this.#wanted = true;
    if (this.isAlive) this.#child.kill("SIGTERM");
    await this.gone;
  }
}
