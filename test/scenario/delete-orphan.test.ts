import { describe, expect } from "vitest";
import { Story } from "./story.ts";
import { itAtLength, luns, patient } from "./target.ts";
import { addsStorage, changes, HOST1, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);

describe.concurrent("sharedblock delete: orphaned leases", { timeout: LIMIT_MS }, () => {
  itAtLength("with the orphan that an interrupted extension left next to its group", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    const group = storageIn(story).uuid;
    await story.hosts.makesVolume(group, "vol-1", 1024 ** 3);
    await story.hosts.fault(HOST1, { kind: "fails", program: "vgextend", exitCode: 5, stderr: "I/O error" });
    await changes(story, `sharedblock extend ps-1 wwid=${luns.failedPath}`, true);
    await story.shows("Extend ps-1: failed");
    await story.hosts.heal(HOST1);
    // vgextend writes the label first and adds the disk to the group second.
    const label = "Qm3bDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF";
    await story.hosts.labels(luns.failedPath, label);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    await story.says("/zstack sharedblock delete ps-1 volumes=destroy");
    await story.shows("Delete ps-1", "Would be destroyed", "vol-1", label);
    await story.confirms("ps-1");
    await story.shows("Delete ps-1: done");
    expect(await story.hosts.signatures(luns.failedPath)).toEqual([]);
    expect(story.bot.world.inventory.current().primaryStorages).toEqual([]);
  });
});
