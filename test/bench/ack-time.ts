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
const COMMANDS = 400;
const EVERY_MS = 50;
const [alice, bob] = ["U0ALICE01", "U0BOB0001"] as const;

/** What a person types meanwhile; the last ones ask 40 hosts. */
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
  const wish = { hosts: 2 * OPERATIONS, luns: 10, slow: OPERATIONS, slowMs: 1_000 };
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
  while (count() < OPERATIONS / 2) await sleep(50);
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
  const times = await Promise.all(acks);
  end.abort();
  await Promise.all(operations);
  return { times, running };
}

/** Each rescan takes about four seconds on a slow host; when it has ended the next begins. */
async function rescanAgainAndAgain(bot: Bot, workspace: LocalWorkspace, host: string, end: AbortSignal) {
  const words = `host rescan ${host}`;
  const latest = () => bot.world.operations.latest(1000).find((each) => each.words === words);
  while (!end.aborted) {
    const before = latest()?.id;
    await workspace.say({ person: alice, text: `/zstack ${words}`, threadTs: null });
    for (let now = latest(); now?.id === before || now?.told === false; now = latest()) await sleep(50);
  }
}
