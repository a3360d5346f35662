import { describe, expect } from "vitest";
import { textIn } from "./message-text.ts";
import { pvchanges, takesVolumes } from "./new-volumes.ts";
import { Story } from "./story.ts";
import { itAtLength, luns, patient } from "./target.ts";
import { addsStorage, changes, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);

/** ps-1, which was disabled before. */
async function isInMaintenance(story: Story): Promise<void> {
  await addsStorage(story);
  await changes(story, "sharedblock disable ps-1");
  await story.shows("Disable ps-1: done");
  await changes(story, "sharedblock maintain ps-1", true);
  await story.shows("Take ps-1 into maintenance: done");
}

describe.concurrent("sharedblock enable: a storage in maintenance", { timeout: LIMIT_MS }, () => {
  itAtLength.for(["enable", "reconnect"] as const)(
    "is enabled again; if a host is interrupted, %s finishes",
    async (finish, { onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await isInMaintenance(story);
      await story.says("/zstack sharedblock disable ps-1");
      await story.shows("Nothing was changed", "ps-1 is in maintenance", "/zstack sharedblock enable ps-1");

      await story.hosts.fault(HOST3, {
        kind: "cut during",
        program: "vgchange",
        argument: "--lockstart",
        after: "before",
      });
      await story.says("/zstack sharedblock enable ps-1");
      // A host that can't connect does not stop the others, and the desired state stays recorded.
      await story.shows(
        "Enable ps-1: unknown",
        "Not done",
        `${HOST1}, ${HOST2} Connected`,
        `${HOST3} Disconnected`,
        `${HOST3} did not come in. What brings it in: /zstack sharedblock reconnect ps-1 ${HOST3}`,
      );
      expect(storageIn(story).state).toBe("Enabled");
      expect(await takesVolumes(story, "vol-1")).toBe(true);
      const before = (await story.hosts.changes()).length;
      if (finish === "enable") await story.says("/zstack sharedblock enable ps-1");
      else await story.says(`/zstack sharedblock reconnect ps-1 ${HOST3}`);
      const end = await story.shows(": done", `${HOST1}, ${HOST2}, ${HOST3} Connected`);
      expect(textIn(end)).not.toContain("left out");
      expect((await story.hosts.changes()).slice(before)).toEqual([
        expect.stringContaining(`${HOST3}: vgchange --lockstart`),
      ]);
      await story.says("/zstack sharedblock enable ps-1");
      await story.shows("Nothing was changed", "ps-1 is enabled already");
    },
  );

  itAtLength(
    "is enabled although the writing host does not connect: the same command finishes",
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await isInMaintenance(story);
      const stderr = "  VG start failed: I/O error";
      await story.hosts.fault(HOST1, {
        kind: "fails",
        program: "vgchange",
        argument: "--lockstart",
        exitCode: 5,
        stderr,
      });
      await story.says("/zstack sharedblock enable ps-1");
      await story.shows("Enable ps-1: failed", `${HOST1} did not come in`, `${HOST2}, ${HOST3} Connected`);
      expect(await takesVolumes(story, "vol-1")).toBe(false);
      await story.says("/zstack sharedblock enable ps-1");
      await story.shows("Enable ps-1: failed", `${HOST1} did not come in`);
      expect(await takesVolumes(story, "vol-1")).toBe(true);
      expect(await pvchanges(story, "y")).toEqual([expect.stringContaining(`${HOST2}: pvchange`)]);
    },
  );

  itAtLength("names the fix for a host, because reconnecting would start its locks", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await changes(story, "sharedblock maintain ps-1", true);
    await story.shows("Take ps-1 into maintenance: done");
    for (const host of [HOST1, HOST2, HOST3]) await story.hosts.takes(luns.blank, host);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Nothing was changed", "so its locks are stopped", "/zstack sharedblock enable ps-1");
    await story.says("/zstack sharedblock enable ps-1");
    const refused = textIn(await story.shows("Nothing was changed", "no host of ps-1 can serve it"));
    // It does not lead back to the command that was refused.
    expect(refused).toContain("/zstack host rescan cluster-1");
    expect(refused).not.toContain("/zstack sharedblock reconnect");
    await story.says("/zstack cluster check cluster-1");
    const check = textIn(await story.shows(/Broken +LUN \S+: not seen on sharedblock-host1/));
    expect(check).not.toContain("sharedblock reconnect");
  });

  itAtLength("leaves it without a cluster too, with the state that its LUNs show", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await isInMaintenance(story);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    await story.says("/zstack sharedblock enable ps-1");
    await story.shows("Enable ps-1: done", "attach it, then enable it");
    expect(storageIn(story).state).toBe("Disabled");
    await story.says("/zstack sharedblock enable ps-1");
    await story.shows("Nothing was changed", "is attached to no cluster");
    await story.says("/zstack sharedblock disable ps-1");
    await story.shows("Nothing was changed", "no volume can be created on it");
  });
});
