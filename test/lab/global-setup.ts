import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { performInLab } from "./control.ts";
import { takeDown } from "./down.ts";
import { runDirectory } from "./places.ts";
import { bringUp, runningPid } from "./up.ts";

const tell = (line: string): void => void process.stdout.write(`lab: ${line}\n`);

/** A fresh lab for the tests: one that runs is reset and goes on afterwards, else one comes up and goes away again. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if ((await runningPid()) !== null) {
    tell("resetting the lab that runs");
    await performInLab("reset");
    await forgetKept();
    return undefined;
  }
  await bringUp(tell);
  return async () => tell(await takeDown());
}

/** What an earlier run kept was made by the bot as it was then. */
async function forgetKept(): Promise<void> {
  const kept = (await readdir(runDirectory)).filter((name) => name.startsWith("kept-"));
  await Promise.all(kept.map((name) => rm(join(runDirectory, name), { recursive: true })));
}
