import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { type Inventory, inventorySchema } from "../../src/core/inventory.ts";
import { type SanHost, sanStateSchema } from "../../src/local/san/san-state.ts";
import { Program } from "./program.ts";
import { Story, textIn } from "./story.ts";
import { itSimulated as it } from "./target.ts";
import { addsStorage, changes, HOST1, HOST3, hasTwoClusters, storageIn } from "./two-clusters.ts";

/** Data folders in which ps-1 has a machine on it: used by cluster-1, and by cluster-2 too. */
let folders: { readonly root: string; readonly once: string; readonly twice: string };
beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "zstack-life-kill-"));
  folders = { root, once: join(root, "once"), twice: join(root, "twice") };
  const story = await Story.begin();
  await hasTwoClusters(story);
  await addsStorage(story);
  const group = storageIn(story).uuid;
  story.san.volumes.create(group, { name: "vol-1", sizeBytes: 1024 ** 3 });
  story.san.machines.start(HOST1, { name: "web-1", volumeGroup: group, volumes: ["vol-1"], heedsShutdown: false });
  await story.restartsBot(() => cp(story.directory, folders.once, { recursive: true }));
  await changes(story, words.attach);
  await story.shows("Attach ps-1 to cluster-2: done");
  await story.restartsBot(() => cp(story.directory, folders.twice, { recursive: true }));
  await story.ends();
}, 120_000);
afterAll(() => rm(folders.root, { recursive: true, force: true }));

const words = {
  attach: "sharedblock attach ps-1 cluster-2",
  detach: "sharedblock detach ps-1 cluster-2",
  maintain: "sharedblock maintain ps-1 grace=0",
} as const;

interface End {
  readonly inventory: Inventory;
  readonly hosts: readonly SanHost[];
}
const hasLock = ({ hosts }: End, name: string) =>
  hosts.some((host) => host.name === name && host.lockspaces.length > 0);
const attachedTo = ({ inventory }: End) => inventory.primaryStorages[0]?.clusterUuids.length;
/** What holds once the words have done all; the inventory never says it before the hosts are so. */
const isDone: Readonly<Record<keyof typeof words, (end: End) => { readonly recorded: boolean; readonly so: boolean }>> =
  {
    attach: (end) => ({ recorded: attachedTo(end) === 2, so: hasLock(end, HOST3) }),
    detach: (end) => ({ recorded: attachedTo(end) === 1, so: !hasLock(end, HOST3) }),
    maintain: (end) => ({
      recorded: end.inventory.primaryStorages[0]?.state === "Maintenance",
      so: end.hosts.every((host) => host.lockspaces.length === 0 && host.machines.length === 0),
    }),
  };

const cases = (["attach", "detach", "maintain"] as const).flatMap((what) =>
  [60, 250].map((delayMs) => ({ what, delayMs })),
);

it.each(cases)(
  "$what: the bot is killed $delayMs ms after the confirmation, and the same words finish",
  {
    timeout: 120_000,
  },
  async ({ what, delayMs }) => {
    const directory = await mkdtemp(join(folders.root, `${what}-`));
    await cp(what === "detach" ? folders.twice : folders.once, directory, { recursive: true });
    let program = await Program.start(directory);
    onTestFinished(() => program.kill());
    const confirms = async () => {
      await program.confirms(`/zstack ${words[what]}`);
      if (what === "maintain") await program.sends("");
    };
    await confirms();
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await program.kill();
    const left = isDone[what](await endIn(directory));
    if (left.recorded) expect(left.so).toBe(true);

    program = await Program.start(directory);
    if (!left.recorded) {
      await confirms();
      await program.until("the end", ({ messages }) =>
        messages.find((message) => /ps-1.*: done \(op-/.test(textIn(message))),
      );
    }
    expect(isDone[what](await endIn(directory))).toEqual({ recorded: true, so: true });
  },
);

async function endIn(directory: string): Promise<End> {
  const { inventory } = JSON.parse(await readFile(join(directory, "inventory.json"), "utf8"));
  const san = sanStateSchema.parse(JSON.parse(await readFile(join(directory, "simulated-san.json"), "utf8")));
  return { inventory: inventorySchema.parse(inventory), hosts: san.hosts };
}
