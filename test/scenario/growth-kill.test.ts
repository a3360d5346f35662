import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { inventorySchema, type PrimaryStorage } from "../../src/core/inventory.ts";
import { type SanState, sanStateSchema } from "../../src/local/san/san-state.ts";
import { Program } from "./program.ts";
import { Story, textIn } from "./story.ts";
import { itSimulated as it, luns } from "./target.ts";
import { addsStorage, HOST1 } from "./two-clusters.ts";

const TIBIBYTE = 1024 ** 4;
const extend = `sharedblock extend ps-1 wwid=${luns.orphan} wipe=true`;

interface End {
  readonly storage: PrimaryStorage | undefined;
  readonly san: SanState;
}
const lunIn = ({ san }: End, wwid: string) => san.luns.find((lun) => lun.wwid === wwid);
const pathsAndMaps = ({ san }: End, wwid: string) =>
  san.hosts.flatMap(({ paths, maps }) => [...paths, ...maps]).filter((each) => each.wwid === wwid);

interface Case {
  readonly words: string;
  /** What the form asks for; null where a click is enough. */
  readonly typed: string | null;
  /** How the world comes to need it, from ps-1 on the blank LUN on. */
  readonly before: (story: Story) => Promise<void> | void;
  /** The inventory never says that it is done before it is so. */
  readonly isDone: (end: End) => { readonly recorded: boolean; readonly so: boolean };
}
const cases: Readonly<Record<string, Case>> = {
  extend: {
    words: extend,
    typed: "bbe00a",
    before: () => undefined,
    isDone: (end) => ({
      recorded: typeof end.storage?.sharedBlocks[1]?.addedAt === "string",
      so: lunIn(end, luns.orphan)?.content.physicalVolume?.volumeGroupUuid != null,
    }),
  },
  resize: {
    words: "sharedblock resize ps-1",
    typed: null,
    before: (story) => story.san.array.grow(luns.blank, 3 * TIBIBYTE, []),
    isDone: (end) => ({
      recorded: end.storage?.sharedBlocks[0]?.sizeBytes === 3 * TIBIBYTE,
      so:
        lunIn(end, luns.blank)?.content.physicalVolume?.sizeBytes === 3 * TIBIBYTE &&
        pathsAndMaps(end, luns.blank).every(({ sizeBytes }) => sizeBytes === 3 * TIBIBYTE),
    }),
  },
  forget: {
    words: `lun forget cluster-1 ${luns.failedPath}`,
    typed: null,
    before: (story) => {
      for (const { name } of story.san.hosts) story.san.array.unmap(luns.failedPath, name, "dead paths");
    },
    // The inventory knows nothing of such a LUN.
    isDone: (end) => {
      const so = pathsAndMaps(end, luns.failedPath).length === 0;
      return { recorded: so, so };
    },
  },
  rescue: {
    words: `lun rescue ${luns.orphan}`,
    typed: "bbe00a",
    before: async (story) => {
      await story.says(`/zstack ${extend}`);
      await story.clicks("Confirm");
      await story.hosts.fault(HOST1, { kind: "fails", program: "vgextend", exitCode: 5, stderr: "I/O error" });
      await story.sends("bbe00a");
      await story.shows("Extend ps-1: failed");
      await story.hosts.heal(HOST1);
    },
    isDone: (end) => ({
      recorded: end.storage?.sharedBlocks.length === 1,
      so: lunIn(end, luns.orphan)?.content.physicalVolume?.uuid.startsWith("zUbBDF") === true,
    }),
  },
};

/** A data folder for each case, as it is before its words. */
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "zstack-growth-kill-"));
  for (const [name, { before }] of Object.entries(cases)) {
    const story = await Story.begin();
    await addsStorage(story);
    await before(story);
    await story.restartsBot(() => cp(story.directory, join(root, name), { recursive: true }));
    await story.ends();
  }
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const kills = Object.entries(cases).flatMap(([name, of]) => [60, 250].map((delayMs) => ({ name, delayMs, ...of })));

it.each(kills)(
  "$name: the bot is killed $delayMs ms after the confirmation, and the same words finish",
  { timeout: 240_000 },
  async ({ name, delayMs, words, typed, isDone }) => {
    const directory = await mkdtemp(join(root, `${name}-`));
    await cp(join(root, name), directory, { recursive: true });
    let program = await Program.start(directory);
    onTestFinished(() => program.kill());
    const confirms = async () => {
      await program.confirms(`/zstack ${words}`);
      if (typed !== null) await program.sends(typed);
    };
    await confirms();
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await program.kill();
    const left = isDone(await endIn(directory));
    if (left.recorded) expect(left.so).toBe(true);

    program = await Program.start(directory);
    if (!left.recorded) {
      await confirms();
      await program.until("the end", ({ messages }) =>
        messages.find((message) => /(Extend|Resize|Forget|Rescue) .*: done \(op-/.test(textIn(message))),
      );
    }
    expect(isDone(await endIn(directory))).toEqual({ recorded: true, so: true });
  },
);

async function endIn(directory: string): Promise<End> {
  const { inventory } = JSON.parse(await readFile(join(directory, "inventory.json"), "utf8"));
  const san = sanStateSchema.parse(JSON.parse(await readFile(join(directory, "simulated-san.json"), "utf8")));
  return { storage: inventorySchema.parse(inventory).primaryStorages[0], san };
}
