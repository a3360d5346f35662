import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { lockDirectory } from "../../src/store/lock.ts";
import { ensureImage } from "./build.ts";
import { labDirectory, run, runDirectory } from "./places.ts";
import { type LabState, readState } from "./state.ts";
import type { News } from "./supervisor.ts";

const newsSchema: z.ZodType<News> = z.union([
  z.object({ kind: z.literal(["progress", "failed"]), text: z.string() }),
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("refused"), pid: z.int() }),
]);

/** The pid of the lab that runs or starts; null if there is none. */
export async function runningPid(): Promise<number | null> {
  if (!existsSync(runDirectory)) return null;
  const lock = await lockDirectory(runDirectory);
  if ("heldByPid" in lock) return lock.heldByPid;
  await lock.release();
  return null;
}

/** Builds what is missing and starts a lab, which outlives this process. Refused if a lab runs already. */
export async function bringUp(report: (line: string) => void): Promise<LabState> {
  await mkdir(labDirectory, { recursive: true });
  const lock = await lockDirectory(labDirectory);
  if ("heldByPid" in lock) throw new Error(`another process is bringing the lab up (pid ${lock.heldByPid})`);
  try {
    const pid = await runningPid();
    if (pid !== null) throw new Error(`a lab runs already (pid ${pid}). Next: npm run lab status, or npm run lab down`);
    await ensureImage(report);
    // Files that a killed supervisor left. Its guests died with it.
    await rm(runDirectory, { recursive: true, force: true });
    await mkdir(runDirectory, { mode: 0o700 });
    report("starting three guests");
    await startSupervisor(report);
    const state = await readState();
    if (state === null) throw new Error("the lab came up without saying how it is reached");
    return state;
  } finally {
    await lock.release();
  }
}

async function startSupervisor(report: (line: string) => void): Promise<void> {
  const log = await open(run.log, "w");
  const script = fileURLToPath(new URL("supervisor.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script], {
    detached: true,
    stdio: ["ignore", log.fd, log.fd, "ipc"],
  });
  await log.close();
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the lab's supervisor ended with ${code}`)));
    child.on("message", (message) => {
      const news = newsSchema.parse(message);
      if (news.kind === "progress") report(news.text);
      else if (news.kind === "ready") resolve();
      else reject(new Error(news.kind === "refused" ? `a lab runs already (pid ${news.pid})` : news.text));
    });
  });
  child.removeAllListeners();
  child.disconnect();
  child.unref();
}
