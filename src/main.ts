import { join } from "node:path";
import { inspect } from "node:util";
import { commands } from "./all-commands.ts";
import { startBot } from "./bot.ts";
import { type Config, configError, readConfig } from "./config.ts";
import { NotWritten } from "./core/not-written.ts";
import { errorLines, Refusal, reason } from "./core/refusal.ts";
import { loadEnvFile } from "./env-file.ts";
import { completionsOf } from "./language/command-table.ts";
import { logTo } from "./log.ts";
import { visibleLines } from "./text/visible.ts";
import { watchHint } from "./watch-hint.ts";
import { builtPage } from "./workspace/built-page.ts";
import { type LocalWorkspace, startWorkspace } from "./workspace/server/local-workspace.ts";

const notices = {
  simulated: "The SAN and its three hosts are simulated: nothing real is touched.",
  ssh: "The workspace is local; the hosts are real. Only ADMINS and OPERATORS change anything: U0ALICE01 is alice, U0BOB0001 is bob.",
};

/** One for each role: alice is admin, bob operator, carol approver, and dave may read. */
const people = [
  { id: "U0ALICE01", name: "alice" },
  { id: "U0BOB0001", name: "bob" },
  { id: "U0CAROL01", name: "carol" },
  { id: "U0DAVE001", name: "dave" },
];

async function localWorkspace({ port, hosts }: Config): Promise<LocalWorkspace> {
  const page = await builtPage(join(import.meta.dirname, "page"));
  const completions = completionsOf(commands);
  try {
    return await startWorkspace({
      port,
      people,
      completions,
      notice: hosts.kind === "simulated" ? notices.simulated : null,
      page,
    });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw configError(
      `PORT ${port} can't be used: ${error.message}`,
      "set PORT to another port, or to 0 for a free one",
    );
  }
}

async function start(): Promise<void> {
  loadEnvFile();
  const config = readConfig(process.env);
  const log = logTo(process.stderr, config.logLevel);
  const workspace = config.slack === null ? await localWorkspace(config) : null;
  const bot = await startBot(config, workspace, log).catch((error) => {
    throw notWritable(error, config.dataDirectory) ?? error;
  });
  if (bot.world.san) workspace?.offerSan(bot.world.san, watchHint(config));
  process.stdout.write(
    workspace === null ? "Connected to Slack.\n" : `Local workspace: ${workspace.url}\n${notices[config.hosts.kind]}\n`,
  );
  const stop = async () => {
    await bot.stop();
    await workspace?.stop();
  };
  stopOnSignal(stop);
}

/** If something does not close in time, the process ends. The important data is on disk already. */
const STOP_LIMIT_MS = 5_000;

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const begin = () => {
    // One Ctrl-C can arrive twice: from the terminal and from npm.
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, begin);
}

/** What the system answers if the disk is full, over its quota, read-only or broken. */
const DISK_CODES: readonly unknown[] = ["ENOSPC", "EDQUOT", "EROFS", "EIO"];

/** null: the disk did not cause the error. */
function notWritable(error: unknown, directory: string): Refusal | null {
  const cause = error instanceof NotWritten ? error.cause : error;
  if (!(cause instanceof Error && "code" in cause && DISK_CODES.includes(cause.code))) return null;
  const why = `the folder ${directory} can't be written: ${cause.message}`;
  const fix = "make room on the disk of the bot, or repair it, then start the bot again";
  return new Refusal("The bot can't start", reason("DATA_NOT_WRITTEN", why, fix));
}

/** Starts the bot. It runs until a signal ends it. */
export async function startProgram(): Promise<void> {
  try {
    await start();
  } catch (error) {
    const why = error instanceof Error && error.message !== "" ? error.message : `it failed with ${inspect(error)}`;
    const lines = error instanceof Refusal ? errorLines(error.error) : [`The bot can't start: ${why}`];
    process.stderr.write(`${visibleLines(lines.join("\n")).join("\n")}\n`);
    process.exit(1);
  }
}
