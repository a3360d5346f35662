import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { lockDirectory } from "../../src/store/lock.ts";
import { performInLab } from "./control.ts";
import { labDirectory, runDirectory } from "./places.ts";
import { runningPid } from "./up.ts";

const withinMs = 30_000;

/** Ends the running lab; resolves when its processes and files are gone. */
export async function takeDown(): Promise<string> {
  const pid = await runningPid();
  if (pid === null) {
    const lock = await lockDirectory(labDirectory);
    if ("heldByPid" in lock)
      throw new Error(`process ${lock.heldByPid} is bringing the lab up. Next: wait for it, or kill ${lock.heldByPid}`);
    await lock.release();
    await rm(runDirectory, { recursive: true, force: true });
    return "no lab runs";
  }
  // A lab that is still starting does not listen yet.
  await performInLab("down").catch(() => process.kill(pid, "SIGTERM"));
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(100)) {
    if (isAlive(pid)) continue;
    await rm(runDirectory, { recursive: true, force: true });
    return `the lab (pid ${pid}) is gone`;
  }
  throw new Error(`the lab (pid ${pid}) has not ended after ${withinMs / 1000} s`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
