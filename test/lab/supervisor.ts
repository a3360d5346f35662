import { readFile, rm, writeFile } from "node:fs/promises";
import { lockDirectory } from "../../src/store/lock.ts";
import { listenForWords } from "./control.ts";
import { Lab } from "./lab.ts";
import { imageDirectory, imageIn, run, runDirectory } from "./places.ts";

/** What the supervisor tells the one who started it. */
export type News =
  | { readonly kind: "progress" | "failed"; readonly text: string }
  | { readonly kind: "ready" }
  | { readonly kind: "refused"; readonly pid: number };

const tell = (news: News): void => void (process.connected && process.send?.(news));
const standardOutput = 1;

/** Holds a lab until it is told to stop. Runs detached, with its output in a file. */
async function supervise(): Promise<void> {
  const lock = await lockDirectory(runDirectory);
  if ("heldByPid" in lock) return tell({ kind: "refused", pid: lock.heldByPid });
  let lab: Lab | null = null;
  try {
    lab = await Lab.start(imageIn(imageDirectory), standardOutput, (text) => tell({ kind: "progress", text }));
    const running = lab;
    await new Promise<void>((resolve, reject) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
      listenForWords(async (words) => {
        if (words[0] !== "down") return running.perform(words);
        resolve();
        return "the lab stops";
      })
        .then(() => writeFile(run.state, `${JSON.stringify(running.state, null, 1)}\n`))
        .then(() => tell({ kind: "ready" }), reject);
    });
  } catch (error) {
    // The files go, so what the programs said last goes with the message.
    const said = (await readFile(run.log, "utf8").catch(() => "")).trim().split("\n").slice(-15).join("\n");
    tell({ kind: "failed", text: `${error instanceof Error ? error.message : String(error)}\n${said}` });
    process.exitCode = 1;
  } finally {
    await lab?.stop();
    await rm(runDirectory, { recursive: true, force: true });
  }
}

// Connections that hang on purpose must not keep it alive.
await supervise();
process.exit();
