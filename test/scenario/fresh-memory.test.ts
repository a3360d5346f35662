import { describe, expect } from "vitest";
import { reprobeDevices } from "../../src/host/udev.ts";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { ending, itAtLength, luns, patient } from "./target.ts";
import { changes, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);

async function begun(onTestFinished: (end: () => Promise<void>) => void): Promise<Story> {
  const story = await Story.begin();
  onTestFinished(() => story.ends());
  return story;
}

/** ps-1 without a cluster, on a LUN that every host's udev has known as a physical volume since its boot. */
async function isDetached(story: Story): Promise<void> {
  await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
  await story.confirms(ending(luns.orphan));
  await story.shows("Add ps-1 to cluster-1: done");
  expect(storageIn(story).name).toBe("ps-1");
  await changes(story, "sharedblock detach ps-1 cluster-1");
  await story.shows("Detach ps-1 from cluster-1: done");
}

/** The content and the owner of a LUN in the list. */
async function listed(story: Story, wwid: string): Promise<string> {
  await story.says("/zstack lun list cluster-1");
  const list = textIn(await story.shows("LUNs on 3 hosts"));
  return (
    new RegExp(`…${wwid.slice(-6)} \\S+ (.*?) none [\\d.]+ .B (?:mpath|sd|not seen|unknown)`).exec(list)?.[1] ?? list
  );
}

describe.concurrent("sharedblock delete: udev's data about a LUN is refreshed", () => {
  itAtLength("on every host after its storage is deleted", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await isDetached(story);
    await story.says("/zstack sharedblock delete ps-1");
    await story.confirms("ps-1");
    const end = textIn(await story.shows("Delete ps-1: done"));
    expect(end).not.toContain("optional");
    expect(await listed(story, luns.orphan)).toBe("no signature");
  });

  /** An ext4 file system was wiped from the LUN for a volume group that was not created. */
  async function losesFileSystem(story: Story): Promise<void> {
    await story.hosts.formats(luns.blank, "data");
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1 wipe=true`);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, { kind: "fails", program: "vgcreate", exitCode: 5, stderr: "I/O error" });
    await story.sends(ending(luns.blank));
    await story.shows("Add ps-1 to cluster-1: failed");
    await story.hosts.heal(HOST1);
  }
  const rescue = `/zstack lun rescue ${luns.blank}`;

  itAtLength("on every host after its file system is restored", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await losesFileSystem(story);
    await story.says(rescue);
    await story.confirms(ending(luns.blank));
    await story.shows(`Rescue ${luns.blank}: done`);
    expect(await listed(story, luns.blank)).toBe('ext4 "data"');
  });

  itAtLength(
    "also if the rescue was interrupted after the writes: the same command refreshes the hosts",
    {
      timeout: LIMIT_MS,
    },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await losesFileSystem(story);
      await story.says(rescue);
      await story.confirms(ending(luns.blank));
      await story.shows(`Rescue ${luns.blank}: done`);
      const device = `/dev/disk/by-id/dm-uuid-mpath-${luns.blank}`;
      await byHand(story, HOST1, ["wipefs", "--all", "--", device]);
      for (const host of [HOST2, HOST3]) await byHand(story, host, reprobeDevices([device]).argv);
      await story.says(rescue);
      await story.clicks("Confirm");
      await story.hosts.fault(HOST1, {
        kind: "cut during",
        program: "dd",
        argument: "oflag=seek_bytes",
        after: "effect",
      });
      await story.sends(ending(luns.blank));
      await story.shows(`Rescue ${luns.blank}: unknown`);
      await story.hosts.heal(HOST1);
      await story.says(rescue);
      await story.shows(`Rescue ${luns.blank}`, "On the LUN already is what is kept in");
      await story.confirms("");
      await story.shows(`Rescue ${luns.blank}: done`);
      expect(await listed(story, luns.blank)).toBe('ext4 "data"');
      await story.says(rescue);
      await story.shows("Nothing was changed", "is on the LUN");
    },
  );

  itAtLength.for<[string, Fault]>([
    [
      "can't",
      { kind: "fails", program: "udevadm", argument: "trigger", exitCode: 1, stderr: "Failed to open the device" },
    ],
    ["is cut off", { kind: "cut during", program: "udevadm", argument: "trigger", after: "before" }],
    ["is not done with it in time", { kind: "fails", program: "udevadm", argument: "settle", exitCode: 1, stderr: "" }],
  ])("and the storage is deleted if a host %s", { timeout: LIMIT_MS }, async ([what, fault], { onTestFinished }) => {
    const story = await begun(onTestFinished);
    await isDetached(story);
    await story.hosts.fault(HOST2, fault);
    await story.says("/zstack sharedblock delete ps-1");
    await story.confirms("ps-1");
    await story.shows("Delete ps-1: done", "Not done, and optional", HOST2, "udevadm");
    expect(story.bot.world.inventory.current().primaryStorages).toEqual([]);
    await story.hosts.heal(HOST2);
    const differs = `no signature (${HOST1}, ${HOST3}); LVM2_member (${HOST2})`;
    expect(await listed(story, luns.orphan)).toBe(what.includes("in time") ? "no signature" : differs);
    await story.says("/zstack operation list");
    await story.shows("1 optional step is not done");
  });
});
