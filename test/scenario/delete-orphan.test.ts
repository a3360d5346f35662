import { describe, expect } from "vitest";
import { physicalVolume } from "../../src/local/san/content.ts";
import { Story } from "./story.ts";
import { itSimulated as it, luns } from "./target.ts";
import { addsStorage, changes, HOST1, storageIn } from "./two-clusters.ts";

const LIMIT_MS = 60_000;

describe.concurrent("a storage is deleted", () => {
  it("with the orphan that an interrupted extension left beside its group", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    const group = storageIn(story).uuid;
    story.san.volumes.create(group, { name: "vol-1", sizeBytes: 1024 ** 3, tags: ["gold"] });
    await story.hosts.fault(HOST1, { kind: "fails", program: "vgextend", exitCode: 5, stderr: "I/O error" });
    await changes(story, `sharedblock extend ps-1 wwid=${luns.failedPath}`, true);
    await story.shows("Extend ps-1: failed");
    await story.hosts.heal(HOST1);
    // vgextend writes the label first and takes the disk into the group after.
    const { sizeBytes } = story.san.array.lun(luns.failedPath);
    const label = "Qm3bDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF";
    story.san.array.write(luns.failedPath, physicalVolume(label, { sizeBytes, dataStartBytes: 1024 ** 2 }, null));
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    await story.says("/zstack sharedblock delete ps-1 volumes=destroy");
    await story.shows("Delete ps-1", "Would be destroyed", "vol-1", label);
    await story.confirms("ps-1");
    await story.shows("Delete ps-1: done");
    expect(story.san.array.lun(luns.failedPath).content.signatures).toEqual([]);
    expect(story.bot.world.inventory.current().primaryStorages).toEqual([]);
  });
});
