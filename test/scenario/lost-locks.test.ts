import { afterEach, beforeEach, describe, expect } from "vitest";
import { byHand, lvmlockdDies } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itAtLength, itSimulated, patient } from "./target.ts";
import { addsStorage, addsStorageBesideCluster2, changes, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(120_000);
const MEBIBYTE = 1024 ** 2;
const connected = /host1, \S*host2, \S*host3 Connected/;
/** Longer than the eight I/O time-outs after which sanlock gives a lease up. */
const GIVEN_UP_MS = 100_000;

describe("sharedblock reconnect: leases that lock nothing", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let group: string;
  beforeEach(async () => {
    story = await Story.begin();
    await addsStorage(story);
    group = storageIn(story).uuid;
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  // In the lab nothing keeps one host's sanlock alone from writing for so long.
  itSimulated("are lost if sanlock dropped its lease while a volume was active", async () => {
    await story.hosts.makesVolume(group, "vol-1", 256 * MEBIBYTE);
    await story.hosts.activates(group, "vol-1", HOST2);
    story.san.array.failRenewals(HOST2, GIVEN_UP_MS);
    const before = await story.hosts.changes();

    await story.says("/zstack sharedblock show ps-1");
    await story.shows(`${HOST1}, ${HOST3} Connected`, `${HOST2} Disconnected`);
    await story.says("/zstack cluster check cluster-1");
    const answer = textIn(await story.shows("cluster-1: 1 unsafe", "Other hosts can lock them now"));
    const lines = answer.split("\n").flatMap((line) => /^ *❌ (DATA AT RISK.*)$/.exec(line)?.[1] ?? []);
    expect(lines[0]).toMatch(
      /^DATA AT RISK: +sharedblock-host2 lost its sanlock lease for ps-1 while volumes were active\. Other hosts can lock them now\. On sharedblock-host2: 1\. stop the VMs on ps-1 2\. .*vgchange -an .* 3\. .*lvmlockctl --drop .*, or reboot sharedblock-host2 ?$/,
    );

    const refused = [
      `${HOST2} lost its sanlock lease for ps-1 while volumes were active`,
      `vgchange -an ${group}`,
      `lvmlockctl --drop ${group}`,
    ];
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST2}`);
    await story.shows("Nothing was changed", ...refused);
    await story.says("/zstack sharedblock maintain ps-1");
    await story.shows("Nothing was changed", ...refused);
    await story.says("/zstack sharedblock detach ps-1 cluster-1");
    await story.shows("Nothing was changed", ...refused);
    await story.says(`/zstack host remove ${HOST2}`);
    await story.shows("Nothing was changed", ...refused);
    expect(await story.hosts.changes()).toEqual(before);

    await byHand(story, HOST2, ["vgchange", "-an", group]);
    await byHand(story, HOST2, ["lvmlockctl", "--drop", group]);
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST2}`);
    await story.shows(`Reconnect ${HOST2} to ps-1: done`, connected);
  });

  // Likewise.
  itSimulated("are missing if lvmlockd uses a lockspace that sanlock has left", async () => {
    story.san.array.failRenewals(HOST2, GIVEN_UP_MS);
    await story.says("/zstack cluster check cluster-1");
    await story.shows(/Broken +lockspace on sharedblock-host2: lvmlockd uses the lockspace, but sanlock has no lease/);
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST2}`);
    await story.shows(
      "Nothing was changed",
      "uses the lockspace of ps-1, but sanlock has no lease",
      "lvmlockctl --drop",
    );
    await byHand(story, HOST2, ["lvmlockctl", "--drop", group]);
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST2}`);
    await story.shows(`Reconnect ${HOST2} to ps-1: done`, connected);
  });

  itAtLength("are orphaned if lvmlockd died: sanlock keeps them, and a new lvmlockd can't use them", async () => {
    await lvmlockdDies(story, HOST2);
    await story.says("/zstack sharedblock show ps-1");
    await story.shows(`${HOST1}, ${HOST3} Connected`, `${HOST2} Disconnected`);
    await story.says("/zstack cluster check cluster-1");
    await story.shows(/Broken +lockspace on sharedblock-host2: orphaned lease of an lvmlockd that died/);
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST2}`);
    await story.shows(`Reconnect ${HOST2} to ps-1: done`, "its lvmlockd died", connected);
  });

  itAtLength("are kept after lvmlockd died for active volumes, and released by maintenance", async () => {
    await story.hosts.makesVolume(group, "vol-1", 256 * MEBIBYTE);
    await story.hosts.activates(group, "vol-1", HOST2);
    await lvmlockdDies(story, HOST2);
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST2}`);
    await story.shows(`Reconnect ${HOST2} to ps-1: refused`, "has vol-1 active with locks of an lvmlockd that died");
    await expect(story.hosts.activates(group, "vol-1", HOST1)).rejects.toThrow("locked by other host");
    const before = (await story.hosts.changes()).length;
    await changes(story, "sharedblock maintain ps-1", true);
    await story.shows("Take ps-1 into maintenance: done");
    const on2 = (await story.hosts.changes()).slice(before).filter((line) => line.startsWith(HOST2));
    expect(on2).toEqual([
      expect.stringContaining("lvchange --activate n"),
      expect.stringContaining("sanlock client command"),
      expect.stringContaining("sanlock client rem_lockspace"),
      expect.stringContaining("vgchange --lockstart"),
      expect.stringContaining("vgchange --lockstop"),
    ]);
  });

  itAtLength("are released by detaching after lvmlockd runs again, as the refusal says", async () => {
    await story.hosts.makesVolume(group, "vol-1", 256 * MEBIBYTE);
    await story.hosts.activates(group, "vol-1", HOST2);
    await byHand(story, HOST2, ["systemctl", "kill", "--signal=KILL", "lvmlockd.service"]);
    await story.says("/zstack sharedblock detach ps-1 cluster-1");
    await story.shows(
      "Nothing was changed",
      "no lvmlockd runs there that could release it",
      `/zstack host prepare ${HOST2}`,
    );
    await changes(story, `host prepare ${HOST2}`);
    await story.shows(`Prepare ${HOST2}: done`);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
  });

  itAtLength("are seen before a storage is deleted: sanlock's volume keeps the LUN in use", async () => {
    await story.hosts.makesVolume(group, "vol-1", 256 * MEBIBYTE);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    await byHand(story, HOST2, ["vgchange", "--lockstart", "--", group]);
    await byHand(story, HOST2, ["systemctl", "restart", "sanlock.service", "lvmlockd.service"]);
    await story.says(`/zstack sharedblock delete ps-1 host=${HOST1}`);
    await story.shows(
      "Nothing was changed",
      `sanlock's volume of ps-1 is active on ${HOST2} without a lockspace`,
      "/zstack sharedblock detach ps-1 cluster-1",
    );
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    await story.says(`/zstack sharedblock delete ps-1 host=${HOST1} volumes=destroy`);
    // Who else is in the group is known before a volume is destroyed.
    await story.shows(/No other host is in the group[\s\S]*Destroy the volumes[\s\S]*Remove the volume group/);
    await story.confirms("ps-1");
    await story.shows("Delete ps-1: done");
  });
});

itAtLength("a host is attached once its lvmlockd has joined too", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
  const story = await Story.begin();
  onTestFinished(() => story.ends(), LIMIT_MS);
  await addsStorageBesideCluster2(story);
  const attach = "sharedblock attach ps-1 cluster-2";
  await changes(story, attach);
  await story.shows("Attach ps-1 to cluster-2: done");
  await changes(story, "sharedblock detach ps-1 cluster-2");
  await story.shows("Detach ps-1 from cluster-2: done");
  await byHand(story, HOST3, ["vgchange", "--lockstart", "--", storageIn(story).uuid]);
  await lvmlockdDies(story, HOST3);
  const before = (await story.hosts.changes()).length;
  await changes(story, attach);
  await story.shows("Attach ps-1 to cluster-2: done", `${HOST3} Connected`);
  expect((await story.hosts.changes()).slice(before)).toEqual([
    expect.stringContaining("sanlock client rem_lockspace"),
    expect.stringContaining("vgchange --lockstart"),
  ]);
});
