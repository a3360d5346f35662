import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { promisify } from "node:util";

export const run = promisify(execFile);

/** A free port. Another process may take it; then the program ends, and the test says so. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A program that runs until it is stopped. */
export class Running {
  readonly #child: ChildProcess;
  #said = "";
  #ended = false;

  /** `packages`: Debian's, which have the program. */
  constructor(program: string, args: readonly string[], packages = "prometheus prometheus-alertmanager") {
    this.#child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (data) => {
        this.#said = `${this.#said}${data}`.slice(-20_000);
      });
    this.#child.on("exit", () => {
      this.#ended = true;
    });
    this.#child.on("error", (error) => {
      this.#said += `\n${program}: ${error.message}. Fix: apt-get install ${packages}`;
      this.#ended = true;
    });
  }

  /** Asks until there is an answer. Throws what the program said if it ended. */
  async until<T>(ask: () => Promise<T | null>): Promise<T> {
    for (const end = Date.now() + 300_000; Date.now() < end; ) {
      if (this.#ended) throw new Error(`it ended: ${this.#said}`);
      const answer = await ask().catch(() => null);
      if (answer !== null) return answer;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`no answer in 5 minutes; it said: ${this.#said}`);
  }

  async stop(): Promise<void> {
    if (this.#ended || this.#child.exitCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exit;
  }
}
