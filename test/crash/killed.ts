import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { type AuditEntry, auditEntrySchema, runsIn } from "../../src/core/operation.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { type BotProcess, startBotProcess } from "../scenario/bot-process.ts";
import { SimulatedUnderTest } from "../scenario/simulated-under-test.ts";
import { alice, type Story } from "../scenario/story.ts";

/** A command as a fault names it; see `Fault`. */
export interface Command {
  readonly host: string;
  readonly program: string;
  readonly argument?: string;
  readonly without?: string;
}

/** When a bot is killed. */
export type Moment =
  /** While a command runs on a host, before or after its effect. */
  | (Command & { readonly kind: "step"; readonly after: "before" | "effect" })
  /** While a host is only read, for a check. */
  | (Command & { readonly kind: "check" })
  /** While the inventory is written. */
  | { readonly kind: "record" };

const PATIENCE_MS = 60_000;

/** How a command is typed and then confirmed. */
export interface Actions {
  readonly asks: () => Promise<void>;
  readonly confirms: () => Promise<unknown>;
}

/**
 * The bot is killed in the middle of an operation, and started again. It runs in its own process: Slack and the hosts
 * stay alive. Returns what had changed something until then, as `HostsUnderTest.changes` does.
 */
export async function isKilled(story: Story, moment: Moment, { asks, confirms }: Actions): Promise<string[]> {
  let changes: string[] = [];
  await story.restartsBot(async () => {
    const before = (await entriesIn(story.directory)).length;
    const entries = async () => (await entriesIn(story.directory)).slice(before);
    const hosts = await startSimulatedHosts({ directory: story.directory });
    const bot = await botInSlack(story);
    try {
      if (moment.kind === "step") await hosts.fault(moment.host, { ...moment, kind: "hangs" });
      await asks();
      // The host must still be read when the bot is killed.
      if (moment.kind === "check") await hosts.fault(moment.host, { kind: "slow", ms: 1_500 });
      await confirms();
      const logged = async () => (await stat(join(story.directory, "audit.jsonl"))).size;
      await hasCome(moment, { entries, logged }, hosts);
      await bot.kill();
      changes = await new SimulatedUnderTest(hosts).changes();
    } finally {
      await bot.kill();
      await hosts.stop();
    }
    if (moment.kind !== "record")
      expect(openSteps(await entries())).toContainEqual(expect.stringContaining(moment.host));
  });
  return changes;
}

/** A host is lost after all of a command. It does not answer until it is healed. */
export async function losesHost(story: Story, step: Command, { asks, confirms }: Actions): Promise<void> {
  const before = story.san.ran(step.host).length;
  await story.hosts.fault(step.host, { ...step, kind: "hangs", after: "effect" });
  await asks();
  await confirms();
  await comes(`${step.program} on ${step.host}`, async () =>
    story.san
      .ran(step.host)
      .slice(before)
      .some(({ argv }) => isOf(step, argv)),
  );
  await story.hosts.fault(step.host, { kind: "down" });
}

/** The bot runs in its own process while this happens, and is then killed. The next one starts with the same data. */
export async function isKilledAfter(story: Story, happens: (hosts: SimulatedHosts) => Promise<void>): Promise<void> {
  await story.restartsBot(async () => {
    const hosts = await startSimulatedHosts({ directory: story.directory });
    const bot = await botInSlack(story);
    try {
      await happens(hosts);
    } finally {
      await bot.kill();
      await hosts.stop();
    }
  });
}

function botInSlack({ directory, workspace }: Story): Promise<BotProcess> {
  const settings = {
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    SLACK_API_URL: workspace.apiUrl,
    ADMINS: alice,
    HOSTS: "ssh",
    SSH_PRIVATE_KEY_FILE: join(directory, "simulated-keys", "client"),
  };
  return startBotProcess(directory, settings, /Connected to Slack/);
}

/** `logged`: the length of the audit log. The log is read again only if it has grown. */
async function hasCome(
  moment: Moment,
  { entries, logged }: { entries: () => Promise<AuditEntry[]>; logged: () => Promise<number> },
  hosts: SimulatedHosts,
): Promise<void> {
  const hasBegun = ({ event }: AuditEntry) =>
    moment.kind === "record"
      ? event.kind === "recording"
      : event.kind === "began" && event.host === moment.host && isOf(moment, bare(event.argv));
  let read = 0;
  const isLogged = async () => {
    const length = await logged();
    if (length === read) return false;
    read = length;
    return (await entries()).some(hasBegun);
  };
  const hasRun = async (host: string) =>
    hosts.ran(host).some(({ argv }) => moment.kind !== "record" && isOf(moment, argv));
  await comes(JSON.stringify(moment), () =>
    moment.kind === "step" && moment.after === "effect" ? hasRun(moment.host) : isLogged(),
  );
}

async function comes(what: string, isThere: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await isThere()); ) {
    if (Date.now() > end) expect.fail(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export const isOf = ({ program, argument, without }: Command, [name, ...args]: readonly string[]): boolean =>
  name === program &&
  (argument === undefined || args.includes(argument)) &&
  (without === undefined || !args.includes(without));

/** The program itself, without its environment variables. */
export function bare(argv: readonly string[]): readonly string[] {
  if (argv[0] !== "env") return argv;
  return argv.slice(argv.findIndex((word, index) => index > 0 && !word.includes("=")));
}

/** Steps that began and have no end. */
const openSteps = (entries: readonly AuditEntry[]): string[] =>
  runsIn(entries).flatMap(({ began, outcome }) => (outcome === null ? `${began.host}: ${began.argv.join(" ")}` : []));

/** The complete entries of the audit log. Throws if the chain of hashes is broken. */
export async function entriesIn(directory: string): Promise<AuditEntry[]> {
  const lines = (await readFile(join(directory, "audit.jsonl"), "utf8")).split("\n").slice(0, -1);
  const entries = lines.map((line) => auditEntrySchema.parse(JSON.parse(line)));
  for (const [index, entry] of entries.entries()) {
    if (index > 0) expect(entry.previousHash).toBe(entries[index - 1]?.hash);
  }
  return entries;
}
