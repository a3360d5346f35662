import { describe, expect } from "vitest";
import { commands } from "../../src/bot.ts";
import type { Plan } from "../../src/core/plan.ts";
import { factsFor } from "../../src/flow/facts.ts";
import { understand } from "../../src/language/understand.ts";
import { alice, Story } from "./story.ts";
import { itAtLength, luns, patient } from "./target.ts";
import { addsStorage, addsStorageBesideCluster2, changes, HOST1, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);

/** The plan of these words as the hosts are now; nothing of it is run. */
async function planOf(story: Story, words: string): Promise<Plan> {
  const understood = understand(words, commands);
  if (understood.kind !== "command" || understood.command.kind !== "change")
    throw new Error(`${words} changes nothing`);
  const asked = { words, by: alice, askedAt: new Date().toISOString() };
  return understood.command.plan(understood.args, factsFor(asked, story.bot.world));
}

type Planned = readonly [words: string, plan: Plan];
const plansOf = (story: Story, all: readonly string[]): Promise<Planned[]> =>
  Promise.all(all.map(async (words): Promise<Planned> => [words, await planOf(story, words)]));

/** Pairs of which both would run side by side. */
const unlocked = (plans: readonly Planned[]): string[] =>
  plans.flatMap(([words, { locks }], at) =>
    plans
      .slice(at + 1)
      .filter(([, other]) => !other.locks.some((name) => locks.includes(name)))
      .map(([other]) => `${words} | ${other}`),
  );

async function begun(onTestFinished: (end: () => Promise<void>) => void): Promise<Story> {
  const story = await Story.begin();
  onTestFinished(() => story.ends());
  return story;
}

/** Claims a second LUN for ps-1 and gets no further. */
async function claimsMore(story: Story): Promise<void> {
  await story.hosts.fault(HOST1, { kind: "fails", program: "vgextend", exitCode: 5, stderr: "I/O error" });
  await changes(story, `sharedblock extend ps-1 wwid=${luns.failedPath}`, true);
  await story.shows("Extend ps-1: failed");
  await story.hosts.heal(HOST1);
}

async function isRenamed(story: Story): Promise<void> {
  await story.says("/zstack sharedblock rename ps-1 new=ps-2");
  await story.shows("Rename ps-1 to ps-2: done");
}

describe.concurrent("operation locks: of two operations that could harm each other one waits", () => {
  itAtLength(
    "if both change a storage or its hosts, also after it was renamed",
    {
      timeout: LIMIT_MS,
    },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await addsStorage(story);
      await claimsMore(story);
      const [block] = storageIn(story).sharedBlocks;
      await story.hosts.grows(luns.blank, (block?.sizeBytes ?? 0) + 2 * 1024 ** 3);
      const before = await plansOf(story, [
        `sharedblock extend ps-1 wwid=${luns.failedPath}`,
        "sharedblock detach ps-1 cluster-1",
        "sharedblock maintain ps-1",
        "host prepare cluster-1",
        "multipath enable cluster-1",
      ]);
      await isRenamed(story);
      const after = await plansOf(story, [
        `lun rescue ${luns.failedPath}`,
        "sharedblock resize ps-2",
        "sharedblock disable ps-2",
        "sharedblock reconnect ps-2",
      ]);
      expect(unlocked([...before, ...after])).toEqual([]);
    },
  );

  itAtLength("if both change a storage that no cluster uses", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    await claimsMore(story);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    const before = await plansOf(story, ["sharedblock attach ps-1 cluster-1", "sharedblock delete ps-1"]);
    await isRenamed(story);
    const after = await plansOf(story, [`lun rescue ${luns.failedPath}`]);
    expect(unlocked([...before, ...after])).toEqual([]);
  });

  itAtLength("if both would give a storage the same name", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorageBesideCluster2(story);
    const both = await plansOf(story, [
      "sharedblock rename ps-1 new=ps-9",
      `sharedblock add cluster-2 wwid=${luns.failedPath} name=ps-9`,
    ]);
    expect(unlocked(both)).toEqual([]);
  });
});
