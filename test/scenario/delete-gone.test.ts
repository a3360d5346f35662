import { describe, expect } from "vitest";
import { startLockspace } from "../../src/host/lvmlockctl.ts";
import type { Leases } from "../lab/leases.ts";
import { byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { ending, itAtLength, itSimulated, luns, meanwhileMs, patient } from "./target.ts";
import { addsStorage, changes, clustersOf, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(90_000);
const HOSTS = [HOST1, HOST2, HOST3];
const deletes = "/zstack sharedblock delete ps-1";
const storages = (story: Story) => story.bot.world.inventory.current().primaryStorages;

/**
 * ps-1 with a volume is in service. Then the array removes its LUN permanently while the hosts are off. Returns its
 * UUID.
 */
async function losesItsLun(story: Story): Promise<string> {
  await addsStorage(story);
  const group = storageIn(story).uuid;
  await story.hosts.makesVolume(group, "vol-1", 1024 ** 3);
  for (const host of HOSTS) await story.hosts.powerOff(host);
  for (const host of HOSTS) await story.hosts.unmaps(luns.blank, host);
  await Promise.all(HOSTS.map((host) => story.hosts.powerOn(host)));
  return group;
}

/** The same, and no cluster uses it any more. */
async function isDetached(story: Story): Promise<string> {
  const group = await losesItsLun(story);
  await changes(story, "sharedblock detach ps-1 cluster-1");
  await story.shows("Detach ps-1 from cluster-1: done");
  return group;
}

async function begun(onTestFinished: (end: () => Promise<void>) => void, leases?: Leases): Promise<Story> {
  const story = await Story.begin(leases);
  onTestFinished(() => story.ends());
  return story;
}

describe.concurrent("sharedblock delete: a storage with permanently lost LUNs", { timeout: LIMIT_MS }, () => {
  itAtLength("is detached and deleted, and its name and its cluster are free", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    const group = await losesItsLun(story);
    await story.says(deletes);
    await story.shows("Nothing was changed", "it is attached to cluster-1");
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    expect(clustersOf(story)).toEqual([]);
    const before = await story.hosts.changes();
    await story.says(deletes);
    const plan = await story.shows(
      "Delete ps-1",
      "None of the 3 hosts of ZONE-1 sees any of its LUNs",
      "nothing on any disk is changed",
      new RegExp(`${luns.blank} [\\d.]+ [GT]B \\d{4}-\\d\\d-\\d\\d`),
      "can't be counted",
      `/zstack sharedblock import CLUSTER ${group}`,
    );
    expect(textIn(plan)).not.toContain("vgremove");
    await story.clicks("Confirm");
    expect(await story.sends("ps-2")).toHaveProperty("typed");
    expect(await story.sends("ps-1")).toEqual({});
    await story.shows("Delete ps-1: done");
    expect(storages(story)).toEqual([]);
    expect(await story.hosts.changes()).toEqual(before);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    await story.confirms(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: done");
  });

  itAtLength("is imported with all its data when the array offers its LUN again", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    const group = await isDetached(story);
    await story.says(deletes);
    await story.confirms("ps-1");
    await story.shows("Delete ps-1: done");
    for (const host of HOSTS) await story.hosts.maps(luns.blank, host);
    await story.says(`/zstack sharedblock import cluster-1 ${group} name=ps-1`);
    await story.shows(`Import ${group} into cluster-1 as ps-1`);
    await story.clicks("Confirm");
    await story.shows(`Import ${group} into cluster-1 as ps-1: done`);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done");
    await story.says("/zstack sharedblock volumes ps-1");
    await story.shows("vol-1");
  });

  itAtLength("stays while one host sees it, or still has dead paths of it", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    await changes(story, `sharedblock extend ps-1 wwid=${luns.failedPath}`);
    await story.sends(null);
    await story.shows("Extend ps-1: done");
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    for (const host of HOSTS) await story.hosts.takes(luns.failedPath, host);
    for (const host of [HOST1, HOST2]) await story.hosts.takes(luns.blank, host);
    await story.says(deletes);
    await story.shows(
      "Nothing was changed",
      "no host of its zone sees all its LUNs",
      `hosts still see ${luns.blank} on ${HOST3}`,
    );
    await story.hosts.unmaps(luns.blank, HOST3);
    await story.says(deletes);
    await story.shows("Nothing was changed", `${luns.blank} on ${HOST3}`, `/zstack lun forget cluster-1 ${luns.blank}`);
    await changes(story, `lun forget cluster-1 ${luns.blank}`);
    await story.shows(`Forget ${luns.blank} on the hosts of cluster-1: done`);
    await story.says(deletes);
    await story.shows("None of the 3 hosts of ZONE-1 sees any of its LUNs", luns.blank, luns.failedPath);
  });

  itAtLength("does not count as gone while no host can be read", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    for (const host of HOSTS) await story.hosts.fault(host, { kind: "hangs", program: "multipath" });
    await story.says(deletes);
    const refused = textIn(
      await story.shows("Nothing was changed", `${HOST3} can't be read completely`, `/zstack host show ${HOST1}`),
    );
    expect(refused).not.toMatch(/sees all its LUNs|lun forget|force=true/);
    for (const host of HOSTS) await story.hosts.heal(host);
    await story.says(deletes);
    await story.shows("Delete ps-1", "vgremove");
  });

  itAtLength("stays while a host does not answer, until that host is removed", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await isDetached(story);
    await story.hosts.powerOff(HOST3);
    await story.says(deletes);
    const force = `/zstack host remove ${HOST3} force=true reason="…"`;
    await story.shows(
      "Nothing was changed",
      `${HOST3} can't be read completely`,
      "let every host of the zone answer first",
      force,
    );
    await story.says(force.replace("…", "it is switched off"));
    await story.clicks("Confirm");
    await story.shows(`Remove host ${HOST3}, which is dead: done`);
    await story.says(deletes);
    await story.shows("None of the 2 hosts of ZONE-1 sees any of its LUNs");
  });

  itAtLength("stays when the array shows the LUN again between the plan and the click", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await isDetached(story);
    await story.says(deletes);
    await story.shows("None of the 3 hosts");
    await story.hosts.maps(luns.blank, HOST2);
    await story.confirms("ps-1");
    await story.shows(/Delete ps-1: (refused|expired|changed)/);
    expect(storages(story)).toHaveLength(1);
  });

  itAtLength("stays if a host sees the LUN directly before the record is removed", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await isDetached(story);
    await story.says(deletes);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST2, { kind: "slow", ms: meanwhileMs });
    expect(await story.sends("ps-1")).toEqual({});
    await story.begins("multipath -ll");
    await story.hosts.maps(luns.blank, HOST2);
    await story.shows("Delete ps-1: refused", `${HOST2} sees ${luns.blank}`);
    expect(storages(story)).toHaveLength(1);
  });

  // In the lab, a host with a lease keeps a map of the LUN, which is in use.
  itSimulated("stays while a host is in its lockspace, though it is detached", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    const group = storageIn(story).uuid;
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    // A person starts the locks without the bot.
    await byHand(story, HOST2, startLockspace(group).argv);
    for (const host of HOSTS) await story.hosts.takes(luns.blank, host);
    await story.says(deletes);
    await story.shows(
      "Nothing was changed",
      `${HOST2} is still in the lockspace`,
      "/zstack sharedblock detach ps-1 cluster-1",
    );
    await story.says("/zstack sharedblock detach ps-1 cluster-1");
    await story.shows("Nothing was changed", `${HOST2} does not see the volume group`, "if the LUNs don't come back");
    await story.hosts.powerOff(HOST2);
    await story.hosts.powerOn(HOST2);
    await story.says(deletes);
    await story.shows("None of the 3 hosts of ZONE-1 sees any of its LUNs");
  });

  itAtLength(
    "is not detached while a host still has its locks; the refusal names the fix",
    async ({ onTestFinished }) => {
      // sanlock drops a lease some time after its LUN is gone.
      const story = await begun(onTestFinished, "as shipped");
      await addsStorage(story);
      for (const host of HOSTS) await story.hosts.unmaps(luns.blank, host);
      await story.says("/zstack sharedblock detach ps-1 cluster-1");
      await story.shows("Nothing was changed", `${HOST1} does not see the volume group`, "if the LUNs don't come back");
      for (const host of HOSTS) {
        await story.hosts.powerOff(host);
        await story.hosts.powerOn(host);
      }
      await changes(story, "sharedblock detach ps-1 cluster-1");
      await story.shows("Detach ps-1 from cluster-1: done");
    },
  );
});
