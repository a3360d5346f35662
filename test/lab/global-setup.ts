import { rm } from "node:fs/promises";
import { performInLab } from "./control.ts";
import { takeDown } from "./down.ts";
import { keptDirectory } from "./places.ts";
import { bringUp, runningPid } from "./up.ts";

const report = (line: string): void => void process.stdout.write(`lab: ${line}\n`);

/** A fresh lab for the tests. A running lab is reset and stays up afterwards. Else one starts and stops with the tests. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if ((await runningPid()) !== null) {
    report("resetting the lab that runs");
    await performInLab("reset");
    // An earlier version of the bot may have made what an earlier run kept.
    await rm(keptDirectory, { recursive: true, force: true });
    return undefined;
  }
  await bringUp(report);
  return async () => report(await takeDown());
}
