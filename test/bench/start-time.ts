import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, buildIfStale } from "../../scripts/build.mjs";
import { type Figure, median, ms, timed } from "./figures.ts";

const ROUNDS = 5;
const WORDS = "multipath status cluster-1";

/** What a person waits for at a shell: the page after `npm start`, the answer of `npm run say`. */
export async function startFigures(directory: string): Promise<Figure[]> {
  const building = await timed(() => build());
  await buildIfStale();
  const pages: number[] = [];
  const alone: number[] = [];
  const toBot: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const data = await mkdtemp(join(directory, "start-"));
    const env = { ...process.env, DATA_DIR: data, PORT: "0", LOG_LEVEL: "error" };
    alone.push(await timed(() => say(env)));
    const begun = performance.now();
    // A group of its own: npm starts the bot as its child.
    const npm = spawn("npm", ["start"], { env, stdio: ["ignore", "pipe", "inherit"], detached: true });
    await loadPage(await addressOf(npm));
    pages.push(performance.now() - begun);
    toBot.push(await timed(() => say(env)));
    const closed = once(npm, "close");
    if (npm.pid !== undefined) process.kill(-npm.pid, "SIGTERM");
    await closed;
  }
  return [
    { what: "npm run build", measured: ms(building), aim: "" },
    { what: "npm start until the page is loaded", measured: ms(median(pages)), aim: "3 s" },
    { what: "npm run say without a running bot", measured: ms(median(alone)), aim: "1.5 s" },
    { what: "npm run say to a running bot", measured: ms(median(toBot)), aim: "1.5 s" },
  ];
}

async function say(env: NodeJS.ProcessEnv): Promise<void> {
  const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "say", "--", WORDS], { env });
  assert.match(stdout, /mpath/);
}

function addressOf(npm: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    npm.stdout?.on("data", (chunk) => {
      printed += chunk;
      const [, address] = /^Local workspace: (\S+)$/m.exec(printed) ?? [];
      if (address !== undefined) resolve(address);
    });
    npm.once("close", () => reject(new Error(`the bot did not start: ${printed}`)));
  });
}

/** As a browser loads it. */
async function loadPage(address: string): Promise<void> {
  const html = await (await fetch(address)).text();
  const files = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name]) => name ?? "");
  assert.equal(files.length, 2);
  for (const name of files) assert.ok((await (await fetch(new URL(name, address))).text()).length > 1000);
}
