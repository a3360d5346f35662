import { afterEach, beforeEach, describe, expect } from "vitest";
import { byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itAtLength, patient } from "./target.ts";
import { addsStorage, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);
const GIBIBYTE = 1024 ** 3;

describe("sharedblock volumes", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await addsStorage(story);
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  itAtLength("is listed with size, tags, the hosts on which it is active and open, and its locks", async () => {
    await story.says("/zstack sharedblock volumes ps-1");
    await story.shows("0 volumes on ps-1", "There is no volume on it");

    const group = storageIn(story).uuid;
    await story.hosts.makesVolume(group, "vol-10", 3 * GIBIBYTE, ["zs::sharedblock::volume", "gold"]);
    await story.hosts.makesVolume(group, "vol-2", GIBIBYTE);
    await story.hosts.makesVolume(group, "image-1", GIBIBYTE, ["zs::sharedblock::image"]);
    await story.hosts.activates(group, "vol-10", HOST2);
    await story.hosts.opens(group, "vol-10", HOST2);
    for (const host of [HOST1, HOST3]) await byHand(story, host, ["lvchange", "--activate", "sy", `${group}/image-1`]);
    await story.says("/zstack sharedblock volumes ps-1");
    const answer = await story.shows(
      "3 volumes on ps-1",
      `vol-10 ${HOST2} (open 1 ×) ${HOST2} (exclusive) 3.22 GB gold, zs::sharedblock::volume`,
      `image-1 ${HOST1}, ${HOST3} ${HOST1}, ${HOST3} (shared) 1.07 GB zs::sharedblock::image`,
      "vol-2 none none 1.07 GB none",
      "5.37 GB in all",
    );
    // sanlock's own volume is not the user's; names are in the order in which a person counts.
    expect(textIn(answer)).not.toContain("lvmlock");
    expect(textIn(answer)).toMatch(/image-1[\s\S]*vol-2[\s\S]*vol-10/);
  });

  itAtLength("is listed with what could not be asked, and a host that is down is named", async () => {
    await story.hosts.makesVolume(storageIn(story).uuid, "vol-1", GIBIBYTE);
    await story.hosts.fault(HOST1, { kind: "down" });
    await story.hosts.fault(HOST2, { kind: "lacks", program: "lvs" });
    await story.says("/zstack sharedblock volumes ps-1");
    await story.shows("1 volume on ps-1", "Not known", HOST1, /lvs is not installed; package lvm2/);
    for (const name of story.hosts.names) await story.hosts.fault(name, { kind: "down" });
    await story.says("/zstack sharedblock volumes ps-1");
    const answer = await story.shows("Volumes of ps-1", "No host that could be read sees the volume group");
    expect(textIn(answer)).not.toContain("There is no volume on it");
  });

  itAtLength("has the name and the description that people give it", async () => {
    await story.says("/zstack sharedblock rename ps-1 new=ps-gold");
    await story.shows("Rename ps-1 to ps-gold: done");
    await story.says('/zstack sharedblock describe ps-gold description="billing, do not touch"');
    await story.shows("Describe ps-gold: done");
    await story.says("/zstack sharedblock show ps-gold");
    await story.shows("Primary storage ps-gold", "billing, do not touch");
    await story.says("/zstack sharedblock rename ps-gold new=ps-gold");
    await story.shows("Nothing was changed", "that is its name already");
    await story.says("/zstack sharedblock rename ps-1 new=ps-2");
    await story.shows("Nothing was changed", "new=ps-2", "does not exist");
    await story.says('/zstack sharedblock describe ps-gold description=""');
    await story.shows("Describe ps-gold: done", "none");
    expect(storageIn(story, "ps-gold").description).toBe("");
  });
});
