import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Bot, startBot } from "../../src/bot.ts";
import { type LocalWorkspace, startWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { type Figure, median, ms, quantile } from "./figures.ts";
import { withHosts } from "./hosts-process.ts";
import { configFor, quiet, register } from "./setting.ts";

const OPERATIONS = 20;
/** A rescan asks its host three times before it ends: to plan, to scan and to wait for udev. */
const SLOW_MS = 9_000;
const COMMANDS = 240;
const EVERY_MS = 60;
/** Each has one operation and asks a part of the commands: one person may have only a few open. */
const operators = Array.from({ length: OPERATIONS }, (_, index) => `U0OPER${String(index).padStart(3, "0")}`);
const whose = (index: number): string => operators[index % OPERATIONS] ?? "";

/** The commands that a person sends during it. The last one asks 20 hosts. */
const typed = ["help", "operation list", "host list", "audit list", "multipath status bench-host30", "lun list quick"];

/** From typing a command to Slack's "got it", while operations run. */
export async function ackFigures(directory: string): Promise<Figure[]> {
  const wish = { kind: "blank LUNs" as const, hosts: 2 * OPERATIONS, luns: 10, slow: OPERATIONS, slowMs: SLOW_MS };
  const { times, running } = await withHosts(wish, async ({ hosts, privateKey }) => {
    const [data, keyFile] = [join(directory, "ack"), join(directory, "ack-key")];
    await mkdir(data);
    await writeFile(keyFile, privateKey, { mode: 0o600 });
    const people = operators.map((id) => ({ id, name: id }));
    // Without Slack's rate limits, which would delay the operations.
    const workspace = await startWorkspace({ port: 0, people, completions: [], notice: null, rates: null });
    const bot = await startBot(configFor(data, keyFile, operators), workspace, quiet);
    const [slow, quick] = [hosts.slice(0, OPERATIONS), hosts.slice(OPERATIONS)];
    await register(bot.world.inventory, { slow, quick });
    const measured = await measure(
      bot,
      workspace,
      slow.map(({ name }) => `/zstack host rescan ${name}`),
    );
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

async function measure(bot: Bot, workspace: LocalWorkspace, rescans: readonly string[]) {
  const operations = () => bot.world.operations.latest(OPERATIONS);
  const count = () => operations().filter(({ state }) => state === "running").length;
  for (const [index, text] of rescans.entries()) {
    await workspace.say({ person: whose(index), text, threadTs: null });
  }
  while (count() < OPERATIONS) await sleep(10);
  const running: number[] = [];
  const begun = performance.now();
  const acks = Array.from({ length: COMMANDS }, async (_, index) => {
    const due = begun + index * EVERY_MS;
    await sleep(due - performance.now());
    running.push(count());
    await workspace.say({ person: whose(index), text: `/zstack ${typed[index % typed.length]}`, threadTs: null });
    // From when it was due: a busy process must not hide its own lateness.
    return performance.now() - due;
  });
  const times = await Promise.all(acks);
  // The last updates wait for Slack's budget of them.
  while (!operations().every(({ notified }) => notified)) await sleep(100);
  return { times, running };
}
