import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { commands, isChange } from "../all-commands.ts";
import { type Config, readConfig } from "../config.ts";
import { errorText, operatorError, Refusal, reason } from "../core/refusal.ts";
import { loadEnvFile } from "../env-file.ts";
import { createFlow } from "../flow/flow.ts";
import type { Permission } from "../flow/ports.ts";
import { fromOtherKeyboards } from "../language/keyboards.ts";
import { understand } from "../language/understand.ts";
import { lineToType } from "../line-to-type.ts";
import { logTo } from "../log.ts";
import { terminalText } from "../text/plain-text.ts";
import { type OpenWorld, openWorld } from "../world.ts";
import { terminalPerson } from "./person.ts";
import { placesOf } from "./places.ts";
import { type FromTerminal, TerminalSession, type ToTerminal } from "./session.ts";
import { connectToBot } from "./socket.ts";

/** Output that goes into a file or a pipe is not folded. */
const WIDE = 1000;
const width = process.stdout.columns ?? WIDE;
const colour = process.stdout.isTTY === true;
const USAGE = `Usage: ${lineToType("say", '"multipath status cluster-1" [--yes]')}`;

type Question = Extract<ToTerminal, { kind: "question" }>;

/** One way to the flow: in this process, or in the running bot. */
interface Way {
  say(said: FromTerminal): void;
  close(): Promise<void>;
}

/** The exit code: 0 if the query was answered or the change was done. */
async function say(args: readonly string[]): Promise<number> {
  const { words, yes } = givenIn(args);
  if (words === "") return complain(USAGE);
  const understood = understand(words, commands);
  if (understood.kind === "misunderstood" || understood.kind === "form")
    return complain(terminalText(understood.reply, width, colour));
  if (yes && destroys(understood)) {
    return complain("--yes is refused here: a person must read and confirm a plan that destroys data.");
  }
  loadEnvFile();
  const config = readConfig(process.env);
  return new Promise((resolve, reject) => converse(config, words, yes, resolve).catch(reject));
}

const destroys = (understood: ReturnType<typeof understand>): boolean =>
  understood.kind === "command" && understood.command.kind === "change" && understood.command.risk === "destructive";

/** `--yes` counts at any place, also at the end inside the quotes. */
function givenIn(given: readonly string[]): { words: string; yes: boolean } {
  const typed = given.filter((word) => word !== "--yes").join(" ");
  const words = typed.replace(/\s+--yes$/, "");
  return { words: fromOtherKeyboards(words.trim()), yes: given.includes("--yes") || words !== typed };
}

async function converse(config: Config, words: string, yes: boolean, end: (code: number) => void): Promise<void> {
  let question: Question | null = null;
  const answered = (answer: ToTerminal) => {
    if (answer.kind === "text") (answer.passing ? process.stderr : process.stdout).write(`${answer.text}\n`);
    else if (answer.kind === "question") question = answer;
    else if (question === null) finish(answer.good ? 0 : 1);
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
  const way = await wayToFlow(config, answered, (why) => finish(complain(`The connection to the bot ended: ${why}`)));
  way.say({ kind: "ask", words, width, colour });
}

async function wayToFlow(
  config: Config,
  answered: (answer: ToTerminal) => void,
  gone: (why: string) => void,
): Promise<Way> {
  const connection = await connectToBot(config.dataDirectory, answered, gone);
  if (connection !== null) return { say: connection.say, close: async () => connection.close() };
  const world = await openWorldWithoutSlack(config);
  const flow = createFlow(commands, world);
  const session = new TerminalSession({ flow, san: null, channel: null, isChange, by: terminalPerson() }, answered);
  const broken = (error: unknown) => gone(error instanceof Error ? error.message : String(error));
  const close = async () => {
    await flow.stop();
    await world.close();
  };
  return { say: (said) => void session.take(said).catch(broken), close };
}

/** If people watch a channel, changes must be visible there. */
async function openWorldWithoutSlack(config: Config): Promise<OpenWorld> {
  const log = logTo(process.stderr, "error");
  const noPlace = () => {
    throw new Error("no Slack here");
  };
  const nowhere = { at: noPlace, inThread: noPlace, withPerson: () => null };
  const world = await openWorld(
    config,
    placesOf(nowhere, log, () => null),
    log,
  );
  const startFirst = operatorError(
    "Nothing can be changed from here now",
    reason(
      "NO_CHANNEL",
      "the bot does not run, so no channel would show the change",
      `run ${lineToType("start")}, then type it again`,
    ),
  );
  const reading: Pick<Permission, "whyNot" | "known"> = {
    whyNot: async (_, { role }) => (role === "viewer" ? null : startFirst),
    known: (_, { role }) => (role === "viewer" ? null : startFirst),
  };
  return config.slack === null && config.hosts.kind === "simulated"
    ? world
    : {
        ...world,
        permission: {
          ...reading,
          peopleWith: (needed) => world.permission.peopleWith(needed),
          holders: (needed) => world.permission.holders(needed),
        },
      };
}

/** The person's answer to a plan. Without a terminal and without --yes, the plan is cancelled. */
async function decide(question: Question, yes: boolean): Promise<FromTerminal> {
  const { operationId } = question;
  if (yes && !question.destructive) return { kind: "confirm", operationId, typed: null, secrets: {} };
  if (!process.stdin.isTTY) {
    complain(
      "Not confirmed: there is no terminal to ask on. Use --yes if the plan destroys nothing, or send the command in the channel.",
    );
    return { kind: "cancel", operationId };
  }
  const typed = await answered(`${question.typed ?? "Type yes to confirm"} (anything else cancels): `, true);
  if (question.typed === null && typed.trim() !== "yes") return { kind: "cancel", operationId };
  const secrets: Record<string, string> = {};
  for (const { name, label } of question.secrets) secrets[name] = await answered(`${label} (not shown): `, false);
  return { kind: "confirm", operationId, typed: question.typed === null ? null : typed, secrets };
}

/** A line typed by the person; a secret is read without the terminal's echo. */
async function answered(question: string, shown: boolean): Promise<string> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (!shown) process.stderr.write(question);
  const terminal = createInterface({ input: process.stdin, output: shown ? process.stderr : silence, terminal: true });
  const line = await terminal.question(shown ? question : "");
  terminal.close();
  if (!shown) process.stderr.write("\n");
  return line;
}

function complain(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}

export async function sayProgram(args: readonly string[]): Promise<void> {
  try {
    process.exit(await say(args));
  } catch (error) {
    const why = error instanceof Refusal ? errorText(error) : `say: ${errorText(error)}`;
    process.exit(complain(why));
  }
}
