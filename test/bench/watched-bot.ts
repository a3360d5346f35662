import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { z } from "zod";
import { forNode } from "../../scripts/build.mjs";
import { type LocalWorkspace, startWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { openWorld } from "../../src/world.ts";
import { answerTo, type Hosts, withHosts } from "./hosts-process.ts";
import { configFor, nowhere, quiet } from "./setting.ts";
import { inventoryOf, type SiteSize } from "./watched-san.ts";

const usageSchema = z.object({
  cpuMs: z.number(),
  atMs: z.number(),
  rssBytes: z.number(),
  mostRssBytes: z.number(),
  watched: z.number(),
  longestSliceMs: z.number(),
});
type Usage = z.output<typeof usageSchema>;

/** A bot that watches a site. Hosts, bot and Slack are processes of their own; Slack is this one. */
export interface WatchedSite {
  readonly hosts: Hosts;
  readonly workspace: LocalWorkspace;
  readonly channel: string;
  asks(kind: "usage" | "begin slices" | "end slices"): Promise<Usage>;
}
export interface SiteWish extends SiteSize {
  readonly name: string;
  /** Whether a finding must last before it is posted, as usual. */
  readonly isDamped: boolean;
}

export const OPERATOR = "U0ALICE01";

/** Begins when the bot has observed every host and hears the events of each. */
export function withWatchedSite<T>(
  directory: string,
  { name, isDamped, ...size }: SiteWish,
  use: (site: WatchedSite) => Promise<T>,
): Promise<T> {
  return withHosts({ kind: "site", ...size }, async (hosts) => {
    const [data, keyFile] = [join(directory, name), join(directory, `${name}-key`)];
    await mkdir(data);
    await writeFile(keyFile, hosts.privateKey, { mode: 0o600 });
    const world = await openWorld(configFor(data, keyFile), nowhere, quiet);
    // What is registered is never older than the log.
    await world.audit.append("bot", null, { kind: "begun", reason: "the hosts of the bench are registered" });
    await world.inventory.apply(inventoryOf(size, hosts.hosts));
    await world.close();
    const people = [{ id: OPERATOR, name: "alice" }];
    const workspace = await startWorkspace({ port: 0, people, completions: [], notice: null, rates: null });
    const channel = workspace.channels[0]?.id ?? "";
    const { botToken, appToken, apiUrl } = workspace;
    const slack = { botToken, appToken, apiUrl };
    const setting = {
      ...{ slack, channel, operators: [OPERATOR], dataDirectory: data, privateKeyFile: keyFile },
      isDamped,
    };
    const child = fork(await bundled(directory), [JSON.stringify(setting)], { execArgv: ofNode });
    const ended = once(child, "exit");
    const broke = ended.then(([code]) => Promise.reject(new Error(`the bot ended with ${code}`)));
    broke.catch(() => {});
    const asks = async (kind: string) => usageSchema.parse((await Promise.race([answerTo(child, { kind }), broke]))[0]);
    try {
      await Promise.race([once(child, "message"), broke]);
      await allWatched(() => asks("usage"), hosts.hosts.length);
      return await Promise.race([use({ hosts, workspace, channel, asks }), broke]);
    } finally {
      if (child.connected) child.disconnect();
      await ended;
      await workspace.stop();
    }
  });
}

async function allWatched(usage: () => Promise<Usage>, hosts: number): Promise<void> {
  for (let round = 1; ; round++) {
    const { watched, rssBytes } = await usage();
    if (watched === hosts) return;
    if (round % 50 === 0) process.stderr.write(`  ${watched} of ${hosts} hosts watched, ${rssBytes} bytes\n`);
    await sleep(200);
  }
}

/** What Node is given with each bot: `BENCH_NODE="--cpu-prof --cpu-prof-dir=/tmp/profiles"`. */
const ofNode = (process.env.BENCH_NODE ?? "").split(" ").filter((word) => word !== "");

/** One file, as users run the bot: what reads TypeScript needs memory of its own. */
async function bundled(directory: string): Promise<string> {
  const outfile = join(directory, "bot-process.mjs");
  await build({ ...forNode, entryPoints: ["test/bench/bot-process.ts"], outfile });
  return outfile;
}
