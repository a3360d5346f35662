import { afterEach, beforeEach, describe, expect } from "vitest";
import { hostsOf } from "../../src/core/find.ts";
import { lvmUuid, physicalVolume } from "../../src/simulator/san/content.ts";
import { textIn } from "./message-text.ts";
import { bob, Story } from "./story.ts";
import { ending, itAtLength, itSimulated, luns } from "./target.ts";

const add = `/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
const destroyed = async (story: Story) =>
  (await story.hosts.changes()).filter((line) => /: (wipefs --all -- |vgcreate )/.test(line));

describe("any command: no LUN of another owner is written", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  // Some steps must be slow and others quick, which only the simulation can make so.
  itSimulated("if another volume group takes it while the plan runs", { timeout: 480_000 }, async () => {
    await story.says(add);
    await story.clicks("Confirm");
    await story.hosts.fault("sharedblock-host1", { kind: "slow", ms: 500 });
    expect(await story.sends(ending(luns.orphan))).toEqual({});
    // The wipe is in the log before its guards are read; each exec of this host waits a while before it runs.
    await story.begins("wipefs --all -- ");
    // vgextend keeps the PV's UUID: its signature is to the letter what was shown.
    const size = { sizeBytes: story.san.array.lun(luns.orphan).sizeBytes, dataStartBytes: 1024 ** 2 };
    const taken = physicalVolume("zUbBDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF", size, lvmUuid("vg_archive"));
    story.san.array.write(luns.orphan, taken);
    await story.shows("Add ps-1 to cluster-1: refused", "is a physical volume of volume group vg_archive");
    expect(await destroyed(story)).toEqual([]);
  });

  itAtLength("if a host of another cluster uses it", async () => {
    const { inventory } = story.bot.world;
    await story.says("/zstack cluster add cluster-2 zone=ZONE-1");
    await story.shows("Add cluster cluster-2 to ZONE-1: done");
    const cluster2 = inventory.current().clusters.find((cluster) => cluster.name === "cluster-2");
    const host2 = inventory.current().hosts.find((host) => host.name === "sharedblock-host2");
    if (!cluster2 || !host2) throw new Error("not there");
    await inventory.apply([{ kind: "host added", host: { ...host2, clusterUuid: cluster2.uuid } }]);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${await story.arranges("mounted")} wipe=true`);
    await story.shows("Nothing was changed", "is mounted on sharedblock-host2 at /mnt/backup");
    expect(await destroyed(story)).toEqual([]);
  });

  itAtLength("and a storage of ours never counts as foreign", async () => {
    await story.says(add);
    await story.confirms(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: done");
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-2 wipe=true`);
    const refusal = await story.shows(
      "Nothing was changed",
      "is a shared block of ps-1 since",
      "/zstack sharedblock show ps-1",
    );
    expect(textIn(refusal)).not.toMatch(/take it out|vgreduce/);
  });
});

describe("any command: the bot reports only what is known", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  itAtLength("no backup is named that was not made", async () => {
    await story.says(add);
    await story.clicks("Confirm");
    await story.hosts.fault("sharedblock-host1", {
      kind: "fails",
      program: "dd",
      exitCode: 1,
      stderr: "No space left on device",
    });
    await story.sends(ending(luns.orphan));
    const end = await story.shows("Add ps-1 to cluster-1: failed", "No space left on device");
    expect(textIn(end)).not.toContain("Backup of");
    expect(await destroyed(story)).toEqual([]);
  });

  itAtLength("hosts that could not be read don't count as hosts that see nothing", async () => {
    for (const name of story.hosts.names) await story.hosts.fault(name, { kind: "down" });
    await story.says("/zstack lun list cluster-1");
    expect(textIn(await story.shows("Not known"))).toContain("No host that could be read sees a LUN");
    await story.says("/zstack multipath status cluster-1");
    await story.shows("No multipath map is known; 3 hosts could not be read");
    await story.says(`/zstack lun show cluster-1 ${luns.blank}`);
    await story.shows("HOST_UNREACHABLE", "sharedblock-host2 can't be read completely");
  });

  itAtLength("a claim that never wrote to a disk is replaced by another LUN", async () => {
    await story.says(add);
    await story.clicks("Confirm");
    await story.hosts.fault("sharedblock-host2", {
      kind: "fails",
      program: "systemctl",
      argument: "enable",
      exitCode: 1,
      stderr: "Unit is masked",
    });
    await story.sends(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: failed", "Unit is masked");
    await story.hosts.heal("sharedblock-host2");
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`);
    await story.shows("The unfinished ps-1 is cancelled");
    await story.confirms("");
    await story.shows("Add ps-1 to cluster-1: done");
    const { current } = story.bot.world.inventory;
    expect(current().primaryStorages.flatMap((storage) => storage.sharedBlocks.map((block) => block.wwid))).toEqual([
      luns.blank,
    ]);
    const ids = current()
      .clusters.flatMap((cluster) => hostsOf(current(), cluster))
      .map((host) => host.sanlockHostId);
    expect(ids).toEqual([1, 2, 3]);
  });

  itAtLength("only the asker or an operator cancels a plan", async () => {
    await story.says(add);
    await story.clicks("Cancel", bob);
    await story.shows("cancelled", "Cancelled by");
  });
});
