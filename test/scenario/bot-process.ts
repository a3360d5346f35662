import { spawn } from "node:child_process";
import { join } from "node:path";
import { argumentsOf } from "../programs.ts";

const root = join(import.meta.dirname, "../..");

/** The bot as its users run it, in its own process, which can be killed. */
export interface BotProcess {
  /** The output that showed that it is ready. */
  readonly ready: string;
  /** Kills it at once, without cleaning up. */
  kill(): Promise<void>;
}

/** On a computer that is too busy, a start exceeds its own limits. It is then tried again. */
const ATTEMPTS = 5;
const TOO_BUSY = /not answer(ed)? within|no hello came within/;

export async function startBotProcess(
  directory: string,
  settings: Readonly<Record<string, string>>,
  ready: RegExp,
): Promise<BotProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startedOnce(directory, settings, ready);
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof Error && TOO_BUSY.test(error.message))) throw error;
    }
  }
}

async function startedOnce(
  directory: string,
  settings: Readonly<Record<string, string>>,
  ready: RegExp,
): Promise<BotProcess> {
  const env = { ...process.env, NODE_ENV: "production", DATA_DIR: directory, PORT: "0", NO_PROXY: "*", ...settings };
  const child = spawn(process.execPath, argumentsOf("start"), { cwd: root, env });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += String(chunk);
  });
  const found = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      said += String(chunk);
      const [match] = said.match(ready) ?? [];
      if (match !== undefined) resolve(match);
    });
    child.once("exit", () => reject(new Error(`the bot did not start: ${said}`)));
  });
  return {
    ready: found,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
}
