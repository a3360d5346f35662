import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { inventorySchema } from "../../src/core/inventory.ts";
import { auditEntrySchema } from "../../src/core/operation.ts";
import { sanStateSchema } from "../../src/local/san/san-state.ts";
import { Program } from "./program.ts";
import { Story, textIn } from "./story.ts";
import { itSimulated as it, luns } from "./target.ts";
import { addsStorage, changes, storageIn } from "./two-clusters.ts";

const words = "/zstack sharedblock delete ps-1 volumes=destroy";

/** A data folder with ps-1, which no cluster uses any more and on which volumes are left. */
async function dataFolder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "zstack-delete-kill-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const story = await Story.begin();
  await addsStorage(story);
  const group = storageIn(story).uuid;
  for (const name of ["vol-1", "vol-2", "vol-3"]) story.san.volumes.create(group, { name, sizeBytes: 1024 ** 3 });
  await changes(story, "sharedblock detach ps-1 cluster-1");
  await story.shows("Detach ps-1 from cluster-1: done");
  await story.restartsBot(() => cp(story.directory, directory, { recursive: true }));
  await story.ends();
  return directory;
}

it.each([0, 40, 90, 160, 300])(
  "the bot is killed %i ms after the confirmation, and the same words finish the deletion",
  { timeout: 120_000 },
  async (delayMs) => {
    const directory = await dataFolder();
    let program = await Program.start(directory);
    onTestFinished(() => program.kill());
    await program.confirms(words);
    await program.sends("ps-1");
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await program.kill();
    // The record goes last: without it the LUN is free for certain.
    if ((await storagesIn(directory)) === 0) expect(await signaturesIn(directory)).toEqual([]);

    program = await Program.start(directory);
    if ((await storagesIn(directory)) > 0) {
      await program.confirms(words);
      await program.sends("ps-1");
      await program.until("the end", ({ messages }) =>
        messages.find((message) => /Delete ps-1: done \(op-/.test(textIn(message))),
      );
    }
    expect(await storagesIn(directory)).toBe(0);
    expect(await signaturesIn(directory)).toEqual([]);
    // What ran twice would have failed: there was nothing left to destroy.
    expect(await failedSteps(directory)).toEqual([]);
  },
);

const jsonIn = async (directory: string, file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(directory, file), "utf8"));

async function storagesIn(directory: string): Promise<number> {
  const file = await jsonIn(directory, "inventory.json");
  const inventory = typeof file === "object" && file !== null && "inventory" in file ? file.inventory : file;
  return inventorySchema.parse(inventory).primaryStorages.length;
}

async function signaturesIn(directory: string): Promise<unknown> {
  const san = sanStateSchema.parse(await jsonIn(directory, "simulated-san.json"));
  return san.luns.find((lun) => lun.wwid === luns.blank)?.content.signatures;
}

async function failedSteps(directory: string): Promise<string[]> {
  const lines = (await readFile(join(directory, "audit.jsonl"), "utf8")).split("\n").filter((line) => line !== "");
  return lines
    .map((line) => auditEntrySchema.parse(JSON.parse(line)).event)
    .flatMap((event) => (event.kind === "finished" && event.outcome.kind === "failed" ? [event.stepId] : []));
}
