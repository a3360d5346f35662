import { rm } from "node:fs/promises";
import { performInLab } from "./control.ts";
import { takeDown } from "./down.ts";
import { keptDirectory } from "./places.ts";
import { bringUp, runningPid } from "./up.ts";

const report = (line: string): void => void process.stdout.write(`lab: ${line}\n`);

/** A fresh lab for the tests: one that runs is reset and goes on afterwards, else one comes up and goes away again. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if ((await runningPid()) !== null) {
    report("resetting the lab that runs");
    await performInLab("reset");
    // What an earlier run kept was made by the bot as it was then.
    await rm(keptDirectory, { recursive: true, force: true });
    return undefined;
  }
  await bringUp(report);
  return async () => report(await takeDown());
}
