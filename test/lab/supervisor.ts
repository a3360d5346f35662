import { readFile, rm, writeFile } from "node:fs/promises";
import { lockDirectory } from "../../src/store/lock.ts";
import { listenForWords } from "./control.ts";
import { Lab } from "./lab.ts";
import { imageDirectory, imageIn, run, runDirectory } from "./places.ts";

/** What the supervisor sends to the process that started it. */
export type News =
  | { readonly kind: "progress" | "failed"; readonly text: string }
  | { readonly kind: "ready" }
  | { readonly kind: "refused"; readonly pid: number };

const report = (news: News): void => void (process.connected && process.send?.(news));
const standardOutput = 1;

let stop = (): void => {};
const stopping = new Promise<null>((resolve) => {
  stop = () => resolve(null);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
// Until the lab is up, the supervisor ends with the process that started it.
process.once("disconnect", stop);

/** Runs a lab until it is stopped. Runs detached, with its output in a file. */
async function supervise(): Promise<void> {
  const lock = await lockDirectory(runDirectory);
  if ("heldByPid" in lock) return report({ kind: "refused", pid: lock.heldByPid });
  try {
    const image = imageIn(imageDirectory);
    const starting = Lab.start(image, standardOutput, (text) => report({ kind: "progress", text }));
    // Guests that are still booting end with this process.
    const lab = await Promise.race([starting, stopping]);
    if (lab !== null) await hold(lab);
  } catch (error) {
    // The files are removed, so the message holds the last lines of the programs.
    const said = (await readFile(run.log, "utf8").catch(() => "")).trim().split("\n").slice(-15).join("\n");
    report({ kind: "failed", text: `${error instanceof Error ? error.message : String(error)}\n${said}` });
    process.exitCode = 1;
  } finally {
    await rm(runDirectory, { recursive: true, force: true });
  }
}

async function hold(lab: Lab): Promise<void> {
  try {
    let finish = () => {};
    const down = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await listenForWords(async (words) => {
      if (words[0] !== "down") return lab.perform(words);
      finish();
      return "the lab stops";
    });
    await writeFile(run.state, `${JSON.stringify(lab.state, null, 1)}\n`);
    process.off("disconnect", stop);
    report({ kind: "ready" });
    await Promise.race([down, stopping]);
  } finally {
    await lab.stop();
  }
}

await supervise();
// Connections that hang on purpose must not keep it alive.
process.exit();
