import { afterEach, beforeEach, describe, expect } from "vitest";
import { byHand } from "./by-hand.ts";
import { forgets } from "./forgotten-storage.ts";
import type { Story } from "./story.ts";
import { itAtLength, itInFull, itSimulated, luns, patient } from "./target.ts";
import { withStorage } from "./with-storage.ts";

const LIMIT_MS = patient(60_000);
describe("sharedblock import: a shared volume group of other origin", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let uuid: string;
  let sizeBytes: number | undefined;
  beforeEach(async () => {
    story = await withStorage();
    sizeBytes = current().primaryStorages[0]?.sharedBlocks[0]?.sizeBytes;
    uuid = await forgets(story);
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  const current = () => story.bot.world.inventory.current();

  itAtLength("is taken into the inventory as it is, and nothing is changed on the way", async () => {
    const before = await story.hosts.changes();
    await story.says(`/zstack sharedblock import cluster-1 ${uuid} name=old-ps`);
    await story.shows(
      `Import ${uuid} into cluster-1 as old-ps`,
      "zs::sharedblock::init::",
      luns.orphan,
      /host1, \S*host2, \S*host3 ?host ids 1–3 · its locks: held/,
      "sanlock host ids 1, 2, 3 given",
    );
    await story.clicks("Confirm");
    await story.shows("as old-ps: done");
    expect(await story.hosts.changes()).toEqual(before);
    expect(current().hosts.map((host) => host.sanlockHostId)).toEqual([1, 2, 3]);
    expect(current().lastSanlockHostId).toBe(3);
    expect(current().primaryStorages).toMatchObject([
      { uuid, name: "old-ps", state: "Enabled", sharedBlocks: [{ wwid: luns.orphan, sizeBytes }] },
    ]);
    await story.says("/zstack sharedblock show old-ps");
    await story.shows("Primary storage old-ps", /host1, \S*host2, \S*host3 Connected/);
    await story.says("/zstack sharedblock reconnect old-ps");
    await story.shows(
      "Reconnect old-ps: done",
      /host1, \S*host2, \S*host3 ?: nothing was wrong\. Done: only checked\./,
    );
    await story.says(`/zstack sharedblock import cluster-1 ${uuid} name=again`);
    await story.shows("Nothing was changed", "it is in the inventory already, as old-ps");
  });

  // The lab has no host that the bot does not know.
  itSimulated("with host ids of foreign hosts that are never given to a host", async () => {
    story.san.array.foreignHost(uuid, 41, "0b5b5c5e-6f2d-4a8e-9f35-0c2a7c3f7a11.zstack-kvm9");
    await story.says(`/zstack sharedblock import cluster-1 ${uuid}`);
    await story.shows("as sharedblock-cluster-1", "sanlock host ids up to 41 are in use");
    await story.clicks("Confirm");
    await story.shows("as sharedblock-cluster-1: done");
    expect(current().lastSanlockHostId).toBe(41);
  });

  itAtLength("not where a host's ids contradict each other", async () => {
    const settings = "global/use_lvmlockd = 1\nlocal/host_id = 3\n";
    await byHand(story, "sharedblock-host2", ["tee", "--", "/etc/lvm/lvmlocal.conf"], settings);
    await story.says(`/zstack sharedblock import cluster-1 ${uuid}`);
    await story.shows("Nothing was changed", "sharedblock-host2 has host id 2 in sanlock, but 3 in LVM's settings");
  });

  itInFull("not where a host does not see it, or can't be asked", async () => {
    await byHand(story, "sharedblock-host3", ["vgchange", "--lockstop", "--", uuid]);
    await story.hosts.takes(luns.orphan, "sharedblock-host3");
    await story.says(`/zstack sharedblock import cluster-1 ${uuid}`);
    await story.shows("Nothing was changed", `sharedblock-host3 does not see volume group ${uuid}`);
    await story.hosts.fault("sharedblock-host1", { kind: "down" });
    await story.says(`/zstack sharedblock import cluster-1 ${uuid}`);
    await story.shows("Nothing was changed", "sharedblock-host1 can't be read completely");
    expect(current().primaryStorages).toEqual([]);
  });

  itAtLength("not where its host ids can't all be read", async () => {
    const words = `/zstack sharedblock import cluster-1 ${uuid}`;
    const fails = { kind: "fails", exitCode: 5, stderr: "I/O error" } as const;
    await story.hosts.fault("sharedblock-host2", { ...fails, program: "lvmconfig" });
    await story.says(words);
    await story.shows(
      "Nothing was changed",
      "sharedblock-host2 can't be asked for the host id in LVM's settings",
      "I/O error",
    );
    await story.hosts.heal("sharedblock-host2");
    await story.hosts.fault("sharedblock-host2", { ...fails, program: "sanlock", argument: "host_status" });
    await story.says(words);
    await story.shows("Nothing was changed", "sharedblock-host2 can't be asked which host ids are in use there");
  });

  // The lab's array offers no LUN that was not there from the start.
  itSimulated("not where a clone of its LUN is seen", async () => {
    const { content } = story.san.array.lun(luns.orphan);
    story.san.array.offer({ wwid: "36b083fe000daf018000015620abbe999", sizeBytes: sizeBytes ?? 0, content });
    await story.says("/zstack host rescan cluster-1");
    await story.shows("Rescan cluster-1: done");
    await story.says(`/zstack sharedblock import cluster-1 ${uuid}`);
    await story.shows("Nothing was changed", "one is a clone or snapshot");
  });

  itAtLength("as disabled where its disks take no new volumes", async () => {
    const device = `/dev/disk/by-id/dm-uuid-mpath-${luns.orphan}`;
    await byHand(story, "sharedblock-host1", ["pvchange", "--allocatable", "n", "--", device]);
    await story.says(`/zstack sharedblock import cluster-1 ${uuid} name=old-ps`);
    await story.shows("as old-ps", "Disabled: its LUNs take no new volumes");
    await story.clicks("Confirm");
    await story.shows("as old-ps: done");
    expect(current().primaryStorages[0]?.state).toBe("Disabled");
  });

  itAtLength("not one that is no shared storage, or not there at all", async () => {
    await story.says("/zstack sharedblock import cluster-1 vg_archive");
    await story.shows("is not a UUID of 32 hexadecimal digits");
    await story.says(`/zstack sharedblock import cluster-1 ${"0".repeat(32)}`);
    await story.shows("Nothing was changed", "no host of cluster-1 sees a volume group of that name");
  });

  itAtLength("after a fault, by the same command; nothing is recorded before every host has read it", async () => {
    const words = `/zstack sharedblock import cluster-1 ${uuid} name=old-ps`;
    await story.says(words);
    await story.shows("as old-ps", "Confirm before");
    // Slow, so that the fault comes after the plan was made once more at the click.
    await story.hosts.fault("sharedblock-host2", { kind: "slow", ms: 1_500 });
    await story.clicks("Confirm");
    await story.shows("as old-ps: running");
    await story.hosts.fault("sharedblock-host2", { kind: "fails", program: "vgs", exitCode: 1, stderr: "I/O error" });
    await story.shows("as old-ps: failed", "I/O error");
    expect(current().primaryStorages).toEqual([]);
    expect(current().lastSanlockHostId).toBe(0);
    await story.hosts.heal("sharedblock-host2");
    await story.says(words);
    await story.clicks("Confirm");
    await story.shows("as old-ps: done (op-3)");
    expect(current().hosts.map((host) => host.sanlockHostId)).toEqual([1, 2, 3]);
  });
});
