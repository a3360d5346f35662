import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { z } from "zod";
import { iscsiOf } from "./iscsi-words.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { ending, graceOf, itAtLength, luns, patient } from "./target.ts";
import { addsStorage, changes, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const HOSTS = [HOST1, HOST2, HOST3];
const MEBIBYTE = 1024 ** 2;
const LIMIT_MS = patient(60_000);
const allConnected = /host1, \S*host2, \S*host3 Connected/;
const inventorySchema = z.looseObject({
  inventory: z.looseObject({ hosts: z.array(z.looseObject({})), primaryStorages: z.array(z.unknown()) }),
});

/** One storage from new hosts to the last dead path. Each part continues from the end of the one before. */
describe("any command: the life of a storage", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let group: string;
  beforeAll(async () => {
    story = await Story.begin();
  }, LIMIT_MS);
  afterAll(() => story.ends(), LIMIT_MS);

  const asks = (words: string, ...shown: (string | RegExp)[]) =>
    story.says(`/zstack ${words}`).then(() => story.shows(...shown));
  /** The end has the number of hosts that serve the storage. Each host's status and the LUNs follow in the thread. */
  const ends = async (end: string, connected: string, ...details: (string | RegExp)[]) => {
    await story.shows(end, `hosts connected: ${connected}`);
    await story.shows("Steps, hosts and LUNs", "Status, observed now", ...details);
  };
  const count = async (program: RegExp) => (await story.hosts.changes()).filter((line) => program.test(line)).length;

  itAtLength("begins with hosts that are prepared once", async () => {
    await changes(story, "host prepare cluster-1");
    await story.shows("Prepare cluster-1: done");
    await asks("host prepare cluster-1", "Nothing was changed", "already prepared");
  });

  itAtLength("and get the same name for a LUN everywhere", async () => {
    await changes(story, "multipath enable cluster-1 names=wwid");
    await story.shows("Enable multipath on cluster-1: done", / maps: 0 lost, /);
    await story.shows("Multipath", new RegExp(`healthy .* ${HOSTS.join(", ")} .* ${luns.blank}`));
    await asks("multipath enable cluster-1 names=wwid", "Nothing was changed");
  });

  itAtLength("leave an iSCSI target and come back to it", async () => {
    const { iqn, portals } = await iscsiOf(story, HOST3);
    await changes(story, `iscsi logout ${HOST3} target=${iqn}`);
    await story.shows(`Log ${HOST3} out of ${iqn}: done`);
    expect(textIn(await asks(`iscsi list ${HOST3}`, "iSCSI sessions"))).not.toContain("logged in");
    await changes(story, `iscsi login ${HOST3} portal=${portals.join(",")} target=${iqn}`);
    await story.shows(`Log ${HOST3} in to ${iqn}: done`);
    const list = textIn(await asks(`iscsi list ${HOST3}`, `${portals.length} iSCSI sessions`));
    expect(list.match(/^logged in /gm)).toHaveLength(portals.length);
  });

  itAtLength("continues with a LUN that becomes a storage, and one more", async () => {
    await addsStorage(story);
    group = storageIn(story).uuid;
    await asks(`sharedblock extend ps-1 wwid=${luns.orphan} wipe=true`, "Extend ps-1", "LVM2_member");
    await story.confirms(ending(luns.orphan));
    await story.shows("Extend ps-1: done", "Backup of", "Capacity");
    expect(await count(/ (vgcreate|vgextend) /)).toBe(2);
    await asks("sharedblock show ps-1", allConnected, luns.blank, luns.orphan);
  });

  itAtLength("and volumes, each with the hosts on which it is active, open and locked", async () => {
    await story.hosts.makesVolume(group, "vol-1", 256 * MEBIBYTE);
    await story.hosts.makesVolume(group, "vol-2", 512 * MEBIBYTE);
    await story.hosts.activates(group, "vol-2", HOST2);
    await story.hosts.opens(group, "vol-2", HOST2);
    await asks(
      "sharedblock volumes ps-1",
      "2 volumes on ps-1",
      "vol-1 none none 268.4 MB",
      `vol-2 ${HOST2} (open 1 ×) ${HOST2} (exclusive) 536.9 MB`,
    );
    await asks("sharedblock detach ps-1 cluster-1", "Nothing was changed", "vol-2", HOST2);
    await asks("sharedblock delete ps-1", "Nothing was changed", "attached to cluster-1");
  });

  itAtLength("accepts no new volumes while it is disabled", async () => {
    await changes(story, "sharedblock disable ps-1");
    await story.shows("Disable ps-1: done", "It takes no new volumes");
    await ends("Disable ps-1: done", "3/3", "desired state: Disabled", allConnected);
    await expect(story.hosts.makesVolume(group, "vol-3", 64 * MEBIBYTE)).rejects.toThrow();
    await asks("sharedblock enable ps-1", "Enable ps-1: done");
    await ends("Enable ps-1: done", "3/3", "desired state: Enabled", allConnected);
    await story.hosts.makesVolume(group, "vol-3", 64 * MEBIBYTE);
  });

  itAtLength("follows its LUN when the array enlarges it", async () => {
    const before = sizeOf(luns.blank);
    const grown = before + 2 * 1024 ** 3;
    await story.hosts.grows(luns.blank, grown);
    await asks("sharedblock resize ps-1", "Resize ps-1", "array offers");
    await story.clicks("Confirm");
    await story.shows("Resize ps-1: done", "Capacity");
    expect(sizeOf(luns.blank)).toBe(grown);
    expect(await count(/ pvresize /)).toBe(1);
    await asks("sharedblock resize ps-1", "Nothing was changed", "nothing grew");
  });

  itAtLength("reconnects a host that lost its power", async () => {
    await story.hosts.powerOff(HOST3);
    await asks("cluster check cluster-1", /Broken +ssh on sharedblock-host3:/);
    await story.hosts.powerOn(HOST3);
    await asks("sharedblock show ps-1", /host3 Disconnected/, "/zstack sharedblock reconnect ps-1");
    await asks(`sharedblock reconnect ps-1 ${HOST3}`, `Reconnect ${HOST3} to ps-1: done`);
    await ends(`Reconnect ${HOST3} to ps-1: done`, "3/3", allConnected);
    await asks("cluster check cluster-1", "joined as host ids 1–3");
  });

  itAtLength("stays while a VM has a disk on it, and names the VM", async () => {
    const vm = { volumeGroup: group, heedsShutdown: true };
    await story.hosts.startsVm(HOST1, { ...vm, name: "web-1", volume: "vol-1" });
    await story.hosts.startsVm(HOST3, { ...vm, name: "router-1", volume: "vol-3", heedsShutdown: false });
    await asks("sharedblock volumes ps-1", `vol-1 ${HOST1} (open 1 ×) ${HOST1} (exclusive) 268.4 MB`);
    await asks("sharedblock detach ps-1 cluster-1", "Nothing was changed", "web-1", "router-1");
  });

  itAtLength("goes into maintenance when nothing else has it open: its VMs stop, and it comes back", async () => {
    const grace = graceOf(3_000);
    await asks(`sharedblock maintain ps-1 grace=${grace}`, "Nothing was changed", `volume vol-2 is open on ${HOST2}`);
    await story.hosts.closes(group, "vol-2", HOST2);
    const shown = [`web-1 on ${HOST1}: vol-1`, `router-1 on ${HOST3}: vol-3`, /vol-2: would be deactivated/];
    await asks(`sharedblock maintain ps-1 grace=${grace}`, "Take ps-1 into maintenance", ...shown);
    await story.confirms("");
    await story.shows("Take ps-1 into maintenance: done", `${HOSTS.join(", ")} Disconnected`);
    await ends("Take ps-1 into maintenance: done", "0/3", "desired state: Maintenance", /host3 Disconnected/);
    for (const host of HOSTS) expect(await story.hosts.vms(host)).toEqual([]);
    // web-1 shut down by itself.
    expect(await count(/ virsh .*destroy /)).toBe(1);
    await asks("sharedblock reconnect ps-1", "Nothing was changed", "in maintenance");
    await asks("sharedblock enable ps-1", "Enable ps-1: done");
    await ends("Enable ps-1: done", "3/3", "desired state: Enabled", allConnected);
  });

  itAtLength("has another name", async () => {
    await asks("sharedblock rename ps-1 new=ps-gold", "Rename ps-1 to ps-gold: done");
    await asks('sharedblock describe ps-gold description="billing"', "Describe ps-gold: done");
    await asks("sharedblock show ps-gold", "billing", group);
    await asks("sharedblock rename ps-gold new=ps-1", ": done");
  });

  itAtLength("is imported by a bot that does not know it", async () => {
    await story.restartsBot(async () => {
      const file = join(story.directory, "inventory.json");
      const state = inventorySchema.parse(JSON.parse(await readFile(file, "utf8")));
      const hosts = state.inventory.hosts.map((host) => ({ ...host, sanlockHostId: null }));
      const inventory = { ...state.inventory, hosts, primaryStorages: [], lastSanlockHostId: 0 };
      await writeFile(file, JSON.stringify({ ...state, inventory }));
    });
    await asks(
      `sharedblock import cluster-1 ${group} name=ps-1`,
      "zs::sharedblock::init::",
      /host1, \S*host2, \S*host3 host ids 1–3 · its locks: held/,
    );
    await story.clicks("Confirm");
    await story.shows("as ps-1: done");
    expect(
      storageIn(story)
        .sharedBlocks.map(({ wwid }) => wwid)
        .sort(),
    ).toEqual([luns.blank, luns.orphan].sort());
    await asks("sharedblock show ps-1", allConnected);
  });

  itAtLength("leaves its cluster and comes back", async () => {
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    await changes(story, "sharedblock attach ps-1 cluster-1");
    await ends("Attach ps-1 to cluster-1: done", "3/3", allConnected);
  });

  itAtLength("ends with its volumes, and the LUNs are free again", async () => {
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    await asks("sharedblock delete ps-1", "Nothing was changed", "3 volumes are on it: vol-1, vol-2, vol-3");
    await asks(
      "sharedblock delete ps-1 volumes=destroy",
      "Delete ps-1",
      "vol-1 none none 268.4 MB",
      "vol-2 none none 536.9 MB",
      "vol-3 none none 67.1 MB",
    );
    await story.confirms("ps-1");
    await story.shows("Delete ps-1: done");
    expect(await count(/ lvremove /)).toBe(3);
    expect(await count(/ vgremove /)).toBe(1);
    const list = textIn(await asks("lun list cluster-1", "LUNs on 3 hosts"));
    for (const wwid of [luns.blank, luns.orphan])
      expect(list).toMatch(new RegExp(`…${wwid.slice(-6)} \\S+ no signature none `));
  });

  itAtLength("of which one gets its wiped data back", async () => {
    await asks(`lun rescue ${luns.orphan}`, `Rescue ${luns.orphan}`, "LVM2_member", "is restored");
    await story.confirms(ending(luns.orphan));
    await story.shows(`Rescue ${luns.orphan}: done`, "Read from the disk");
    await asks("lun list cluster-1", new RegExp(`orphan PV .*${luns.orphan}`));
  });

  itAtLength("and one is removed, without dead paths", async () => {
    for (const host of HOSTS) await story.hosts.unmaps(luns.blank, host);
    const before = await count(/ multipath -f /);
    await asks(`lun forget cluster-1 ${luns.blank}`, `Forget ${luns.blank}`, "dead paths", "multipath -f");
    await story.clicks("Confirm");
    await story.shows(`Forget ${luns.blank} on the hosts of cluster-1: done`);
    expect((await count(/ multipath -f /)) - before).toBe(3);
    await asks("host rescan cluster-1", "No new LUN appeared");
    await asks(`lun show cluster-1 ${luns.blank}`, "no host sees a LUN of that name");
  });

  const sizeOf = (wwid: string): number =>
    storageIn(story).sharedBlocks.find((block) => block.wwid === wwid)?.sizeBytes ?? 0;
});
