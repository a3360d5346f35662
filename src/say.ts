import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { createInterface } from "node:readline/promises";
import { commands } from "./bot.ts";
import { ConfigError, readConfig } from "./config.ts";
import { createFlow } from "./flow/flow.ts";
import { understand } from "./language/understand.ts";
import { logTo } from "./log.ts";
import { knock } from "./say/door.ts";
import { placesOf } from "./say/places.ts";
import { type FromTerminal, type ToTerminal, terminalSession } from "./say/session.ts";
import { InUse, openWorld } from "./world.ts";

/** Output that goes into a file or a pipe is not folded. */
const WIDE = 1000;
const USAGE = 'Usage: npm run say -- "multipath status cluster-1" [--yes]';

/** One way to the flow: in this process, or in the bot that runs already. */
interface Way {
  say(said: FromTerminal): void;
  close(): Promise<void>;
}

async function main(): Promise<number> {
  // Also where it was typed inside the quotes.
  const given = process.argv.slice(2);
  const yes = given.includes("--yes") || given.at(-1)?.endsWith(" --yes") === true;
  const words = given
    .filter((word) => word !== "--yes")
    .join(" ")
    .replace(/\s+--yes$/, "");
  if (words.trim() === "") return complain(USAGE);
  const understood = understand(words, commands);
  if (
    yes &&
    understood.kind === "command" &&
    understood.command.kind === "change" &&
    understood.command.risk === "destructive"
  ) {
    return complain(
      `--yes is refused for ${understood.command.name}: what destroys data is confirmed by a person who has read its plan.`,
    );
  }
  if (existsSync(".env")) process.loadEnvFile();
  return new Promise((resolve, reject) => converse(words, yes, resolve).catch(reject));
}

async function converse(words: string, yes: boolean, end: (code: number) => void): Promise<void> {
  let question: Extract<ToTerminal, { kind: "question" }> | null = null;
  const told = (answer: ToTerminal) => {
    if (answer.kind === "text") (answer.passing ? process.stderr : process.stdout).write(`${answer.text}\n`);
    else if (answer.kind === "question") question = answer;
    else if (question === null) finish(0);
    else {
      const asked = question;
      question = null;
      decide(asked, yes).then(
        (said) => way.say(said),
        () => finish(1),
      );
    }
  };
  const finish = (code: number) => void way.close().then(() => end(code));
  const way = await wayToFlow(told, (why) => finish(complain(`The running bot can't be reached: ${why}`)));
  const width = process.stdout.columns ?? WIDE;
  way.say({ kind: "ask", words, by: `terminal:${userInfo().username}`, width, colour: process.stdout.isTTY === true });
}

async function wayToFlow(told: (answer: ToTerminal) => void, gone: (why: string) => void): Promise<Way> {
  // A terminal needs no Slack: the tokens are left out, so that only HOSTS, DATA_DIR and the key apply.
  const config = readConfig({
    ...process.env,
    HOSTS: process.env.HOSTS ?? (process.env.SLACK_BOT_TOKEN ? "ssh" : "simulated"),
  });
  const log = logTo(process.stderr, "error");
  const nowhere = {
    at: () => {
      throw new Error("no Slack here");
    },
  };
  try {
    const world = await openWorld(config, placesOf(nowhere, log), log);
    const session = terminalSession(createFlow(commands, world), told);
    return { say: (said) => void session(said), close: () => world.close() };
  } catch (error) {
    if (!(error instanceof InUse)) throw error;
    const door = knock(config.dataDirectory, told, gone);
    return { say: door.say, close: async () => door.close() };
  }
}

/** What the person says to a plan. Without a terminal to ask on, and without --yes, it is cancelled. */
async function decide(question: Extract<ToTerminal, { kind: "question" }>, yes: boolean): Promise<FromTerminal> {
  const { operationId } = question;
  if (yes && !question.destructive) return { kind: "confirm", operationId, typed: null };
  if (!process.stdin.isTTY) {
    complain(
      "Not confirmed: there is no terminal to ask on. Use --yes for what destroys nothing, or confirm in the channel.",
    );
    return { kind: "cancel", operationId };
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await terminal.question(`${question.typed ?? "Type yes to confirm"} (anything else cancels): `);
  terminal.close();
  if (question.typed === null && typed.trim() !== "yes") return { kind: "cancel", operationId };
  return { kind: "confirm", operationId, typed: question.typed === null ? null : typed };
}

function complain(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}

main().then(
  (code) => process.exit(code),
  (error) =>
    process.exit(
      complain(error instanceof ConfigError ? error.message : `say: ${error instanceof Error ? error.message : error}`),
    ),
);
