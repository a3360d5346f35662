import { afterEach, beforeEach, describe, expect } from "vitest";
import { Story } from "./story.ts";
import { itEverywhere as it, itInFull, luns } from "./target.ts";

describe("sharedblock add refuses", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(async () => {
    // After any refusal, nothing was written.
    expect((await story.audit()).some(({ event }) => event.kind === "began" || event.kind === "recorded")).toBe(false);
    await story.ends();
  });
  it("an orphan PV without wipe=true, and shows its content", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan}`);
    await story.shows("Nothing was changed", "LVM2_member", /\w{6}(-\w{4}){5}-\w{6}/, "add wipe=true");
  });
  itInFull("a PV of another volume group, even with wipe=true", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.ofAnotherGroup} wipe=true`);
    await story.shows("Nothing was changed", "physical volume of volume group");
  });
  itInFull("a LUN that the array has replaced by a clone, which no host has noticed", async () => {
    await story.hosts.clones(luns.orphan, luns.blank);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} wipe=true`);
    await story.shows(
      "Nothing was changed",
      new RegExp(`PV UUID \\S+ also on ${luns.orphan}: one is a clone or snapshot`),
    );
    await story.says("/zstack lun list cluster-1");
    await story.shows(/copy of PV \w{6}-/);
  });
  itInFull("a mounted LUN, and names the host and the mount point", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${await story.arranges("mounted")} wipe=true`);
    await story.shows("Nothing was changed", "is mounted on sharedblock-host2 at");
  });
  itInFull("a LUN with partitions", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.partitioned} wipe=true`);
    await story.shows("Nothing was changed", "has partitions");
  });
  itInFull("a LUN that one host does not see", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${await story.arranges("notEverywhere")} wipe=true`);
    await story.shows("Nothing was changed", "sharedblock-host3 does not see");
  });
  itInFull("a LUN with different sizes on hosts", async () => {
    await story.hosts.grows(luns.blank, 3_000_000_000_000);
    await story.hosts.learnsSize(luns.blank, "sharedblock-host1");
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Nothing was changed", "report different sizes");
  });
  itInFull("anything while a host can't be read", async () => {
    await story.hosts.fault("sharedblock-host2", { kind: "down" });
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Nothing was changed", "sharedblock-host2 can't be read completely");
  });
  itInFull("a host without a needed tool, and names the package", async () => {
    await story.hosts.fault("sharedblock-host1", { kind: "lacks", program: "lvmconfig" });
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Nothing was changed", "sharedblock-host1", "lvmconfig is not installed", "lvm2");
  });
});
