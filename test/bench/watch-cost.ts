import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { CommandOutput, Gathered, HostCommand, Reads } from "../../src/core/host-command.ts";
import { emptyInventory, type Host, type Inventory } from "../../src/core/inventory.ts";
import { applyChange } from "../../src/core/inventory-change.ts";
import { HostRuntime } from "../../src/simulator/san/host-runtime.ts";
import { runLine } from "../../src/simulator/san/run-line.ts";
import { San } from "../../src/simulator/san/san.ts";
import { outcomeOf } from "../../src/ssh/outcome-of.ts";
import { outputsOf, shellScript } from "../../src/ssh/shell-script.ts";
import { openHistoryStore } from "../../src/store/history-store.ts";
import { openWatchStore } from "../../src/store/watch-store.ts";
import { historyFacts } from "../../src/watch/history-facts.ts";
import { fillReads, groupReads, watchReads } from "../../src/watch/watch-reads.ts";
import { usualSettings, Watcher } from "../../src/watch/watcher.ts";
import { type Figure, ms } from "./figures.ts";
import { quiet } from "./setting.ts";
import { inventoryOf, watchedSan } from "./watched-san.ts";

const SIZE = { clusters: 1, hosts: 50, luns: 10 };
const ROUNDS = 40;
const MARK = "--mark--";

/** What one observation costs the bot once the host's answer is there: it is parsed, compared and kept. */
export async function watchCostFigures(directory: string): Promise<Figure[]> {
  const data = join(directory, "watch-cost");
  await mkdir(data);
  const inventory = siteInventory();
  const answers = await answersOf(inventory);
  const store = await openWatchStore(data);
  const history = await openHistoryStore(data, { days: 90, failed: quiet.error });
  let observations = 0;
  let begun = process.cpuUsage();
  let spentMs = 0;
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const watcher = new Watcher(
    {
      gather: async <R extends Reads>(host: Host, reads: R) => {
        // The first rounds compile the code.
        if (observations === (SIZE.hosts * ROUNDS) / 2) begun = process.cpuUsage();
        observations += 1;
        if (observations === SIZE.hosts * ROUNDS) {
          const { user, system } = process.cpuUsage(begun);
          spentMs = (user + system) / 1000;
          end();
        }
        return answered(host, reads, answers);
      },
      listen: () => ({ stop: () => undefined }),
      inventory: () => inventory,
      coveredBy: () => null,
      take: async () => undefined,
      keepKnown: (uuid, known) => store.keepKnown(uuid, known),
      keepHistory: (observed, known) => history.keep(observed.hostUuid, historyFacts(observed, known), observed.atMs),
      failed: (doing, error) => quiet.error(doing, error),
    },
    { ...usualSettings, everyMs: 0 },
    { incidents: [], known: new Map() },
    () => {
      throw new Error("something is wrong on the hosts of the bench");
    },
  );
  watcher.start();
  await ended;
  await watcher.stop();
  await history.close();
  await store.close();
  const each = spentMs / ((SIZE.hosts * ROUNDS) / 2);
  const what = `watch: CPU of one observation of a host with ${SIZE.luns} LUNs of 4 paths, after SSH`;
  return [{ what, measured: ms(each), aim: "" }];
}

type Answers = ReadonlyMap<string, ReadonlyMap<string, CommandOutput>>;

async function answered<R extends Reads>(host: Host, reads: R, answers: Answers): Promise<Gathered<R>> {
  const named = Object.entries(reads).map(async ([name, read]) => {
    const recorded = answers.get(host.name)?.get(read.argv.join(" "));
    if (recorded === undefined) throw new Error(`no answer to ${read.argv.join(" ")}`);
    const output = name === "clock" ? { ...recorded, stdout: `${Date.now() / 1000}00000000`.slice(0, 20) } : recorded;
    return [name, await outcomeOf(read, output, host.user)] as const;
  });
  // Each name has the outcome of its own read; the type of an entry list can't express it.
  return Object.fromEntries(await Promise.all(named)) as Gathered<R>;
}

function siteInventory(): Inventory {
  const hosts = watchedSan(SIZE).hosts.map(({ name, user }, index) => ({
    name,
    user,
    address: "127.0.0.1",
    port: index + 1,
    hostKeySha256: "SHA256:none",
  }));
  return inventoryOf(SIZE, hosts).reduce(applyChange, emptyInventory);
}

/** What each host answers to each read, by its words. */
async function answersOf({ hosts, primaryStorages }: Inventory): Promise<Answers> {
  const san = new San(watchedSan(SIZE));
  const reads = Object.values<HostCommand<unknown>>({ ...watchReads(primaryStorages), ...fillReads, ...groupReads });
  const answers = new Map<string, Map<string, CommandOutput>>();
  for (const { name, user } of hosts) {
    const runtime = new HostRuntime(san, san.host(name), 0, async () => undefined, null);
    let [stdout, stderr] = ["", ""];
    await runLine(shellScript(reads, user, MARK), runtime, {
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
      stdin: async () => "",
      ended: new AbortController().signal,
      cut: () => undefined,
    });
    const outputs = outputsOf(stdout, stderr, MARK, reads.length);
    answers.set(name, new Map(reads.flatMap(({ argv }, at) => (outputs[at] ? [[argv.join(" "), outputs[at]]] : []))));
  }
  return answers;
}
