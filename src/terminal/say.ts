import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { commands, isChange } from "../all-commands.ts";
import { type Config, readConfig } from "../config.ts";
import { errorLines, errorText, operatorError, Refusal, reason } from "../core/refusal.ts";
import { loadEnvFile } from "../env-file.ts";
import { createFlow } from "../flow/flow.ts";
import type { Permission } from "../flow/ports.ts";
import { understand } from "../language/understand.ts";
import { lineToType } from "../line-to-type.ts";
import { logTo } from "../log.ts";
import { whySlackIsAway } from "../slack-away.ts";
import { terminalText } from "../text/plain-text.ts";
import { type OpenWorld, openWorld } from "../world.ts";
import { AnswerFiles } from "./answer-files.ts";
import { terminalPerson } from "./person.ts";
import { placesOf } from "./places.ts";
import { type SayArguments, sayArguments } from "./say-arguments.ts";
import { type FromTerminal, fromTerminalSchema, MOST_REASON, TerminalSession, type ToTerminal } from "./session.ts";
import { connectToBot } from "./socket.ts";

/** Output that goes into a file or a pipe is not folded. */
const WIDE = 1000;
const width = process.stdout.columns ?? WIDE;
const colour = process.stdout.isTTY === true;
const USAGE = `Usage: ${lineToType("say", '"multipath status cluster-1" [--yes] [--folder FOLDER]')}
       ${lineToType("say", '--break-glass "WHY" "COMMAND"')}   a change while Slack can't be reached`;

type Question = Extract<ToTerminal, { kind: "question" }>;

/** One way to the flow: in this process, or in the running bot. */
interface Way {
  say(said: FromTerminal): void;
  close(): Promise<void>;
}

/** The exit code: 0 if the query was answered or the change was done. */
async function say(args: readonly string[]): Promise<number> {
  const given = sayArguments(args);
  if (given === null) return complain(USAGE);
  const { words, yes, breakGlass } = given;
  const understood = understand(words, commands);
  if (understood.kind === "misunderstood" || understood.kind === "form")
    return complain(terminalText(understood.reply, width, colour));
  if (yes && destroys(understood)) {
    return complain("--yes is refused here: a person must read and confirm a plan that destroys data.");
  }
  if (breakGlass !== null && yes) return complain("--yes is refused here: a person must read and confirm the plan.");
  if (breakGlass !== null && breakGlass.length > MOST_REASON)
    return complain(`The reason after --break-glass has more than ${MOST_REASON} characters.`);
  loadEnvFile();
  const config = readConfig(process.env);
  return new Promise((resolve, reject) => converse(config, given, resolve).catch(reject));
}

const destroys = (understood: ReturnType<typeof understand>): boolean =>
  understood.kind === "command" && understood.command.kind === "change" && understood.command.risk === "destructive";

async function converse(config: Config, given: SayArguments, end: (code: number) => void): Promise<void> {
  const { words, yes, breakGlass, folder } = given;
  const files = new AnswerFiles(folder);
  let question: Question | null = null;
  const answered = (answer: ToTerminal) => {
    if (answer.kind === "text") (answer.passing ? process.stderr : process.stdout).write(`${answer.text}\n`);
    else if (answer.kind === "question") question = answer;
    else if (answer.kind === "file") files.take(answer);
    else if (question === null) void written(files).then((isWritten) => finish(answer.good && isWritten ? 0 : 1));
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
  const gone = (why: string) => finish(complain(`The connection to the bot ended: ${why}`));
  const way = await wayToFlow(config, breakGlass !== null, answered, gone);
  way.say({ kind: "ask", words, width, colour, breakGlass });
}

/** Whether the files of the answer are written. Says where they are, or why not. */
async function written(files: AnswerFiles): Promise<boolean> {
  try {
    const paths = await files.write();
    if (paths.length > 0) process.stdout.write(`Written: ${paths.join(" and ")}\n`);
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    complain(errorLines(error.error).join("\n"));
    return false;
  }
}

async function wayToFlow(
  config: Config,
  breaksGlass: boolean,
  answered: (answer: ToTerminal) => void,
  gone: (why: string) => void,
): Promise<Way> {
  const connection = await connectToBot(config.dataDirectory, answered, gone);
  if (connection !== null) return { say: connection.say, close: async () => connection.close() };
  const world = await openWorldWithoutSlack(config, breaksGlass);
  const flow = createFlow(commands, world);
  const [channelId] = config.channels;
  const glass =
    config.slack === null || channelId === undefined ? null : { channelId, whyAway: () => whySlackIsAway(config) };
  const setting = { flow, san: null, channel: null, glass, isChange, by: terminalPerson() };
  const session = new TerminalSession(setting, answered);
  const broken = (error: unknown) => gone(error instanceof Error ? error.message : String(error));
  const close = async () => {
    await flow.stop();
    await world.close();
  };
  return { say: (said) => void session.take(fromTerminalSchema.parse(said)).catch(broken), close };
}

/**
 * If people watch a channel, changes must be visible there. `breaksGlass`: a change is possible, because it is kept on
 * disk. The channel is notified when the bot runs again.
 */
async function openWorldWithoutSlack(config: Config, breaksGlass: boolean): Promise<OpenWorld> {
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
  const startFirst = operatorError("Nothing can be changed from here now", [
    reason(
      "NO_CHANNEL",
      "the bot does not run, so no channel would show the change",
      `run ${lineToType("start")}, then type it again`,
    ),
    ...(config.slack === null
      ? []
      : [
          reason(
            "NO_CHANNEL",
            "in an emergency it is done without the channel, if Slack can't be reached",
            `type ${lineToType("say", '--break-glass "WHY" "COMMAND"')}`,
          ),
        ]),
  ]);
  const reading: Pick<Permission, "whyNot" | "known"> = {
    whyNot: async (_, { role }) => (role === "viewer" ? null : startFirst),
    known: (_, { role }) => (role === "viewer" ? null : startFirst),
  };
  return breaksGlass || (config.slack === null && config.hosts.kind === "simulated")
    ? world
    : {
        ...world,
        permission: {
          ...reading,
          peopleWith: (needed) => world.permission.peopleWith(needed),
          mayAnother: (person, needed, options) => world.permission.mayAnother(person, needed, options),
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
