import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Bot, startBot } from "../../src/bot.ts";
import { firstInventory } from "../../src/local/first-inventory.ts";
import { type LocalWorkspace, startWorkspace } from "../../src/local/workspace/local-workspace.ts";
import { type Figure, median, ms, quantile } from "./figures.ts";
import { withHosts } from "./hosts-process.ts";
import { configFor, quiet } from "./setting.ts";

const OPERATIONS = 20;
const COMMANDS = 300;
const EVERY_MS = 100;
const [alice, bob] = ["U0ALICE01", "U0BOB0001"] as const;

/** What a person types meanwhile; the last one asks all hosts. */
const typed = [
  "help",
  "operation list",
  "host list",
  "audit list",
  "multipath status bench-host30",
  "lun list cluster-1",
];

/** From typing a command to Slack's "got it", while operations run. */
export async function ackFigures(directory: string): Promise<Figure[]> {
  const wish = { hosts: 2 * OPERATIONS, luns: 10, slow: OPERATIONS, slowMs: 2_500 };
  const { times, running } = await withHosts(wish, async ({ hosts, privateKey }) => {
    const [data, keyFile] = [join(directory, "ack"), join(directory, "ack-key")];
    await mkdir(data);
    await writeFile(keyFile, privateKey, { mode: 0o600 });
    const people = [alice, bob].map((id) => ({ id, name: id }));
    // Without Slack's rates, which would hold the operations back.
    const workspace = await startWorkspace({ port: 0, people, completions: [], notice: null, rates: null });
    const bot = await startBot(configFor(data, keyFile), workspace, quiet);
    await firstInventory(bot.world.inventory, hosts);
    const names = hosts.slice(0, OPERATIONS).map(({ name }) => name);
    const measured = await measure(bot, workspace, names);
    await bot.stop();
    await workspace.stop();
    return measured;
  });
  return [
    {
      what: `ack while ${median(running)} operations run, ${COMMANDS} commands: median`,
      measured: ms(median(times)),
      aim: "",
    },
    { what: "the same: 99th percentile", measured: ms(quantile(times, 0.99)), aim: "≤ 300 ms" },
  ];
}

async function measure(bot: Bot, workspace: LocalWorkspace, slowHosts: readonly string[]) {
  const end = new AbortController();
  const operations = slowHosts.map((host) => rescanAgainAndAgain(bot, workspace, host, end.signal));
  const count = () => bot.world.operations.latest(1000).filter(({ state }) => state === "running").length;
  while (count() < OPERATIONS) await sleep(50);
  const running: number[] = [];
  const begun = performance.now();
  const acks = Array.from({ length: COMMANDS }, async (_, index) => {
    const due = begun + index * EVERY_MS;
    await sleep(due - performance.now());
    running.push(count());
    await workspace.say({ person: bob, text: `/zstack ${typed[index % typed.length]}`, threadTs: null });
    // From when it was due: a busy process must not hide its own lateness.
    return performance.now() - due;
  });
  const times = await Promise.all(acks);console.error("acked", times.length, median(times), quantile(times,0.99), Math.max(...times), median(running));
  end.abort();
  await Promise.all(operations);
  while (!allAnswered(bot, workspace)) { await sleep(1000); const m=workspace.state().messages; console.error(m.length, m.filter(x=>x.text.includes("Looking at the hosts")).length, bot.world.operations.latest(1000).length, JSON.stringify(m).length); }
  return { times, running };
}

/** One message for each command and each operation, and none of them still says that the bot is looking. */
function allAnswered(bot: Bot, workspace: LocalWorkspace): boolean {
  const answers = workspace.state().messages.filter(({ text }) => !text.includes("Looking at the hosts"));
  return answers.length >= COMMANDS + bot.world.operations.latest(1000).length;
}

/** Each rescan takes about ten seconds on a slow host; when it has ended the next begins. */
async function rescanAgainAndAgain(bot: Bot, workspace: LocalWorkspace, host: string, end: AbortSignal) {
  const words = `host rescan ${host}`;
  const latest = () => bot.world.operations.latest(1000).find((each) => each.words === words);
  while (!end.aborted) {
    const before = latest()?.id;
    await workspace.say({ person: alice, text: `/zstack ${words}`, threadTs: null });
    for (let now = latest(); now?.id === before || now?.finishedAt === null; now = latest()) await sleep(50);
  }
}
