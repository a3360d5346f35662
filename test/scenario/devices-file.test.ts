import { describe, expect } from "vitest";
import { byHand } from "./by-hand.ts";
import { Story } from "./story.ts";
import { itAtLength, luns, patient } from "./target.ts";
import { addsStorage, changes, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(90_000);
const extend = `sharedblock extend ps-1 wwid=${luns.failedPath}`;
const inMap = (wwid: string) => `dm-uuid-mpath-${wwid}`;

/** As RHEL 9 is installed: LVM uses what its devices file lists, and that is what it was installed on. */
async function keepsToDevicesFile(story: Story, host: string, file = "lvm.conf", listed = ""): Promise<void> {
  const before = await byHand(story, host, ["cat", `/etc/lvm/${file}`]);
  await byHand(story, host, ["mkdir", "-p", "/etc/lvm/devices"]);
  await byHand(story, host, ["tee", "--", "/etc/lvm/devices/system.devices"], `VERSION=1.1.1\n${listed}`);
  const text = `${before.replace(/^.*use_devicesfile = .*$/m, "")}devices/use_devicesfile = 1\n`;
  await byHand(story, host, ["tee", "--", `/etc/lvm/${file}`], text);
}

async function begun(onTestFinished: (end: () => Promise<void>) => void): Promise<Story> {
  const story = await Story.begin();
  onTestFinished(() => story.ends());
  return story;
}

const addedAt = (story: Story) => storageIn(story).sharedBlocks.map((block) => block.addedAt);

describe.concurrent("sharedblock add: LVM has a devices file or a filter", () => {
  itAtLength(
    "hosts are set to use every LUN before a storage is made",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      for (const host of [HOST1, HOST2, HOST3]) await keepsToDevicesFile(story, host);
      await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`);
      await story.shows("Add ps-1 to cluster-1", "use_devicesfile 1 → 0");
      await story.confirms("");
      await story.shows("Add ps-1 to cluster-1: done");
      await changes(story, extend, true);
      await story.shows("Extend ps-1: done");
      expect(addedAt(story)).not.toContain(null);
    },
  );

  itAtLength(
    "a storage is not extended before reconnect has set its hosts",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await addsStorage(story);
      const listed = `IDTYPE=mpath_uuid IDNAME=mpath-${luns.blank} DEVNAME=/dev/mapper/mpathb PVID=none\n`;
      await keepsToDevicesFile(story, HOST2, "lvmlocal.conf", listed);
      await story.says(`/zstack ${extend}`);
      await story.shows(
        "Nothing was changed",
        `LVM on ${HOST2} uses its devices file`,
        "/zstack sharedblock reconnect ps-1",
      );
      await story.says("/zstack sharedblock reconnect ps-1");
      await story.shows("Reconnect ps-1: done");
      await changes(story, extend, true);
      await story.shows("Extend ps-1: done");
    },
  );

  itAtLength(
    "an extension is not done before LVM itself reads the LUN on every host",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await addsStorage(story);
      const before = await byHand(story, HOST2, ["cat", "/etc/lvm/lvm.conf"]);
      const filter = `devices {\n\tfilter = [ "a|${inMap(luns.blank)}|", "r|.*|" ]\n}\n`;
      await byHand(story, HOST2, ["tee", "--", "/etc/lvm/lvm.conf"], `${before}${filter}`);
      await changes(story, extend, true);
      await story.shows("Extend ps-1: refused", HOST2, "reads 1 of 2 physical volumes", "with LVM's own settings");
      expect(addedAt(story)[1]).toBeNull();
      await byHand(story, HOST2, ["tee", "--", "/etc/lvm/lvm.conf"], before);
      await changes(story, extend, true);
      await story.shows("Extend ps-1: done");
      expect(addedAt(story)).not.toContain(null);
    },
  );

  itAtLength(
    "a resize is not done before LVM itself reads the LUN on every host",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await addsStorage(story);
      const before = await byHand(story, HOST3, ["cat", "/etc/lvm/lvm.conf"]);
      const filter = `devices {\n\tglobal_filter = [ "r|.*|" ]\n}\n`;
      await byHand(story, HOST3, ["tee", "--", "/etc/lvm/lvm.conf"], `${before}${filter}`);
      const size = () => storageIn(story).sharedBlocks[0]?.sizeBytes ?? 0;
      const grown = size() + 2 * 1024 ** 3;
      await story.hosts.grows(luns.blank, grown);
      await changes(story, "sharedblock resize ps-1");
      await story.shows("Resize ps-1: refused", HOST3, "as a physical volume", "with LVM's own settings");
      expect(size()).not.toBe(grown);
      await byHand(story, HOST3, ["tee", "--", "/etc/lvm/lvm.conf"], before);
      await changes(story, "sharedblock resize ps-1");
      await story.shows("Resize ps-1: done");
      expect(size()).toBe(grown);
    },
  );
});
