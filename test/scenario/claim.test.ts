import { describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { ending, itAtLength, luns, patient } from "./target.ts";
import {
  addsStorage,
  addsStorageBesideCluster2,
  changes,
  clustersOf,
  HOST1,
  HOST2,
  HOST3,
  storageIn,
} from "./two-clusters.ts";

const LIMIT_MS = patient(90_000);
const blank = luns.failedPath;
const extend = `sharedblock extend ps-1 wwid=${blank}`;
const rescue = `/zstack lun rescue ${blank}`;
const label = "Qm3bDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF";
const vgextend = { program: "vgextend" };

async function begun(onTestFinished: (end: () => Promise<void>) => void): Promise<Story> {
  const story = await Story.begin();
  onTestFinished(() => story.ends());
  return story;
}

/** ps-1 of cluster-1. Its extension by a blank LUN was interrupted. */
async function interrupted(story: Story, fault: Fault, begins = addsStorage): Promise<void> {
  await begins(story);
  await story.hosts.fault(HOST1, fault);
  await changes(story, extend, true);
  await story.shows(/Extend ps-1: (failed|unknown)/);
  await story.hosts.heal(HOST1);
}

const fails: Fault = { kind: "fails", ...vgextend, exitCode: 5, stderr: "I/O error" };
const cutAfter: Fault = { kind: "cut during", ...vgextend, after: "effect" };
const wwidsOf = (story: Story) => storageIn(story).sharedBlocks.map(({ wwid }) => wwid);
const extended = async (story: Story) =>
  (await story.hosts.changes()).filter((line) => line.includes(": vgextend ")).length;

describe.concurrent("sharedblock extend: a storage with an interrupted extension", { timeout: LIMIT_MS }, () => {
  itAtLength(
    "shows how to finish and how to cancel it, may change clusters, and is finished there",
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await interrupted(story, cutAfter, addsStorageBesideCluster2);
      await story.says("/zstack sharedblock show ps-1");
      await story.shows("Reserved, but not finished", `/zstack ${extend}`, rescue);
      await story.says(rescue);
      await story.shows("Nothing was changed", `${blank} is in the volume group of ps-1 already`, `/zstack ${extend}`);
      await changes(story, "sharedblock detach ps-1 cluster-1");
      await story.shows("Detach ps-1 from cluster-1: done", "Reserved, but not finished");
      // The LUN is in the group, so a cluster that does not see it can't load the storage.
      await story.hosts.takes(blank, HOST3);
      await story.says("/zstack sharedblock attach ps-1 cluster-2");
      await story.shows(
        "Nothing was changed",
        `${HOST3} does not see 1 disk of the volume group`,
        `may have added ${blank}`,
      );
      await story.hosts.maps(blank, HOST3);
      await changes(story, "sharedblock attach ps-1 cluster-2");
      await story.shows("Attach ps-1 to cluster-2: done");
      expect(clustersOf(story)).toEqual(["cluster-2"]);
      await changes(story, extend, true);
      await story.shows(/Extend ps-1: done/);
      expect(storageIn(story).sharedBlocks.map(({ addedAt }) => addedAt)).not.toContain(null);
      expect(await extended(story)).toBe(1);
    },
  );

  itAtLength(
    "is attached also if the claimed LUN is in no group and no host of the cluster sees it",
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await interrupted(story, fails, addsStorageBesideCluster2);
      await story.hosts.takes(blank, HOST3);
      await changes(story, "sharedblock attach ps-1 cluster-2");
      await story.shows("Attach ps-1 to cluster-2: done");
    },
  );
});

describe.concurrent("lun rescue: a claim is cancelled", { timeout: LIMIT_MS }, () => {
  itAtLength(
    "of a LUN that is still blank: nothing is written, and another storage may take it",
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await interrupted(story, fails, addsStorageBesideCluster2);
      const add = `sharedblock add cluster-2 wwid=${blank} name=ps-2`;
      await story.says(`/zstack ${add}`);
      await story.shows("Nothing was changed", `${blank} is reserved for ps-1`, rescue);
      const before = (await story.hosts.changes()).length;
      await story.says(rescue);
      await story.shows(`Rescue ${blank}`, "reserved for ps-1, but not part of it", "Nothing is written on it");
      await story.confirms("");
      await story.shows(`Rescue ${blank}: done`);
      expect(await story.hosts.changes()).toHaveLength(before);
      expect(wwidsOf(story)).toEqual([luns.blank]);
      await story.says(rescue);
      await story.shows("Nothing was changed", `no host keeps a backup of ${blank}`);
      await changes(story, add, true);
      await story.shows("Add ps-2 to cluster-2: done");
    },
  );

  itAtLength("of a LUN that the array removed, before the hosts forget it", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await interrupted(story, fails);
    for (const host of [HOST1, HOST2, HOST3]) await story.hosts.takes(blank, host);
    await story.says(rescue);
    await story.shows(`Rescue ${blank}`, "No host sees it, and the volume group of ps-1 is whole without it");
    await story.confirms("");
    await story.shows(`Rescue ${blank}: done`);
    expect(wwidsOf(story)).toEqual([luns.blank]);
  });

  itAtLength("not of one that no host sees and that the group misses", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await interrupted(story, cutAfter);
    for (const host of [HOST1, HOST2, HOST3]) await story.hosts.takes(blank, host);
    await story.says(rescue);
    await story.shows("Nothing was changed", `no host sees ${blank}, and the volume group of ps-1 may be on it`);
    expect(wwidsOf(story)).toEqual([luns.blank, blank]);
  });

  itAtLength("with the label that an interrupted vgextend left, which is removed", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await interrupted(story, fails);
    await story.hosts.labels(blank, label);
    await story.says(rescue);
    await story.shows(`Rescue ${blank}`, "Only the label of the interrupted try is removed", label);
    await story.clicks("Confirm");
    expect(await story.sends("wrong!")).toHaveProperty("typed");
    await story.hosts.fault(HOST1, { kind: "cut during", program: "pvremove", after: "effect" });
    expect(await story.sends(ending(blank))).toEqual({});
    await story.shows(`Rescue ${blank}: unknown`);
    expect(wwidsOf(story)).toEqual([luns.blank, blank]);
    await story.hosts.heal(HOST1);
    await story.says(rescue);
    await story.confirms("");
    await story.shows(`Rescue ${blank}: done (op-4)`);
    expect(await story.hosts.signatures(blank)).toEqual([]);
    expect((await story.hosts.changes()).filter((line) => line.includes(": pvremove "))).toHaveLength(1);
    expect(wwidsOf(story)).toEqual([luns.blank]);
  });

  itAtLength("with data that another person has written since, which stays", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await interrupted(story, fails);
    await story.hosts.formats(blank, "new");
    await story.says(rescue);
    const plan = await story.shows(`Rescue ${blank}`, 'has ext4 "new"', "so it does not change");
    expect(textIn(plan)).not.toContain("dd if=");
    await story.confirms("");
    await story.shows(`Rescue ${blank}: done`);
    expect(await story.hosts.signatures(blank)).toEqual([expect.stringMatching(/^ext4 /)]);
  });

  itAtLength("not while a host that shares the storage can't be read", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await interrupted(story, fails);
    await story.hosts.fault(HOST3, { kind: "down" });
    await story.says(rescue);
    await story.shows("Nothing was changed", `${HOST3} can't be read completely`);
  });
});

describe.concurrent("lun rescue: a claimed LUN that was wiped gets back", { timeout: LIMIT_MS }, () => {
  const full = luns.orphan;

  /** ps-1. Its extension wiped the LUN and then ended with only its label on it. */
  async function wipes(story: Story): Promise<void> {
    await story.hosts.fault(HOST1, fails);
    await story.says(`/zstack sharedblock extend ps-1 wwid=${full} wipe=true`);
    await story.confirms(ending(luns.orphan));
    await story.shows("Extend ps-1: failed");
    await story.hosts.heal(HOST1);
    await story.hosts.labels(full, label);
  }

  itAtLength("its earlier content, with any remainders and backups of our own tries", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    const before = await story.hosts.signatures(full);
    await addsStorage(story);
    await wipes(story);
    // The name of a backup's folder has the second of the command. This backup has our own label.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await wipes(story);
    await story.says(`/zstack lun rescue ${full}`);
    await story.shows(`Rescue ${full}`, before.join(), `removes the label ${label} from`, "seek=0");
    await story.confirms(ending(luns.orphan));
    await story.shows(`Rescue ${full}: done`);
    expect(await story.hosts.signatures(full)).toEqual(before);
    expect(wwidsOf(story)).toEqual([luns.blank]);
  });

  itAtLength("nothing while its backup can't be read", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    await wipes(story);
    const argument = (await story.hosts.changes()).join("\n").match(/of=(\S+beginning\.bin)/)?.[1] ?? "";
    await story.hosts.fault(HOST1, { kind: "invalid output", program: "wipefs", argument, stdout: "?" });
    await story.says(`/zstack lun rescue ${full}`);
    await story.shows("Nothing was changed", `no kept backup of ${full} has a signature`, "not asked", HOST1);
    expect(wwidsOf(story)).toEqual([luns.blank, full]);
  });
});

describe.concurrent("sharedblock add: a storage with an interrupted creation", { timeout: LIMIT_MS }, () => {
  itAtLength("that was detached since then can only be deleted, as every refusal says", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await story.hosts.fault(HOST1, { kind: "fails", program: "vgcreate", exitCode: 5, stderr: "I/O error" });
    await changes(story, `sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`, true);
    await story.shows("Add ps-1 to cluster-1: failed");
    await story.hosts.heal(HOST1);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    await story.says("/zstack sharedblock attach ps-1 cluster-1");
    await story.shows("Nothing was changed", "was reserved for it only", "/zstack sharedblock delete ps-1");
    await changes(story, "sharedblock delete ps-1", true);
    await story.shows("Delete ps-1: done");
    await addsStorage(story);
  });

  itAtLength("is removed with the claim of its only LUN", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await story.hosts.fault(HOST1, { kind: "fails", program: "vgcreate", exitCode: 5, stderr: "I/O error" });
    await changes(story, `sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`, true);
    await story.shows("Add ps-1 to cluster-1: failed");
    await story.hosts.heal(HOST1);
    await story.says(`/zstack lun rescue ${luns.blank}`);
    await story.confirms("");
    await story.shows(`Rescue ${luns.blank}: done`);
    expect(story.bot.world.inventory.current().primaryStorages).toEqual([]);
  });
});
