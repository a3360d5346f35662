import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { inventorySchema } from "../../src/core/inventory.ts";
import { auditEntrySchema } from "../../src/core/operation.ts";
import { textIn } from "../scenario/message-text.ts";
import { Program } from "../scenario/program.ts";
import { rowsOf } from "../scenario/rows.ts";
import { itSimulated, luns } from "../scenario/target.ts";

const add = `/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;

// The program as its users first start it, with hosts that it simulates itself.
itSimulated.each(rowsOf([0, 30, 80, 150, 300]))(
  "killed %i ms after the confirmation, it loses nothing that it has reported, and the same command finishes",
  { timeout: 480_000 },
  async (delayMs) => {
    const directory = await mkdtemp(join(tmpdir(), "zstack-kill-"));
    let program = await Program.start(directory);
    onTestFinished(async () => {
      await program.kill();
      await rm(directory, { recursive: true, force: true });
    });
    await program.confirms(add);
    await program.sends("bbe00a");
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const shown = (await program.state()).messages.map(textIn).some((text) => text.includes("ps-1 to cluster-1: done"));
    await program.kill();
    const confirmed = (await entriesIn(directory)).some(({ event }) => event.kind === "confirmed");

    program = await Program.start(directory);
    if (shown) expect(await addedAt(directory)).not.toBeNull();
    if (confirmed && !shown) {
      await program.until("news of the confirmed plan", ({ messages }) =>
        messages.find((message) => /Add ps-1 to cluster-1: (unknown|refused|done|failed)/.test(textIn(message))),
      );
    }
    if ((await addedAt(directory)) === null) {
      await program.confirms(add);
      await program.sends("bbe00a");
      await program.until("the end", ({ messages }) =>
        messages.find((message) => textIn(message).includes(": done (op-2)")),
      );
    }
    expect(await addedAt(directory)).not.toBeNull();
    const destroyed = (await entriesIn(directory)).flatMap(({ event }) =>
      event.kind === "began" && event.effect === "destroy" ? event.argv[0] : [],
    );
    expect(destroyed.filter((each) => each === "vgcreate").length).toBeGreaterThanOrEqual(1);
  },
);

/** The audit log's entries. Throws if the chain of hashes is broken. */
async function entriesIn(directory: string) {
  const lines = (await readFile(join(directory, "audit.jsonl"), "utf8")).split("\n").slice(0, -1);
  const entries = lines.map((line) => auditEntrySchema.parse(JSON.parse(line)));
  for (const [index, entry] of entries.entries()) {
    if (index > 0) expect(entry.previousHash).toBe(entries[index - 1]?.hash);
  }
  return entries;
}

async function addedAt(directory: string): Promise<string | null> {
  const { inventory } = JSON.parse(await readFile(join(directory, "inventory.json"), "utf8"));
  return inventorySchema.parse(inventory).primaryStorages[0]?.sharedBlocks[0]?.addedAt ?? null;
}
