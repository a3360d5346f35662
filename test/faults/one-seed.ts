import { resourceUsage } from "node:process";
import { oneRun } from "./one-run.ts";

// One seed in its own process. `cli.ts` bundles this, starts it and reads its last line.
const [number = "", directory = "", bot = "", disk = "", ...words] = process.argv.slice(2);

// The parent may be killed. Then this process ends too.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(-process.pid, "SIGKILL");
}, 1_000).unref();

const onLine = words.includes("verbose") ? (line: string) => process.stdout.write(`${line}\n`) : null;
const kind = { isWatched: words.includes("watch"), isCalm: words.includes("calm") };
const verdict = await oneRun(Number(number), directory, { bot, disk }, kind, onLine);
const { userCPUTime, systemCPUTime } = resourceUsage();
process.stdout.write(`${JSON.stringify({ ...verdict, cpuMs: Math.round((userCPUTime + systemCPUTime) / 1000) })}\n`);
process.exit(0);
