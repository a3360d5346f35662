import { afterEach, beforeEach, describe, expect } from "vitest";
import { byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itAtLength, itInFull, luns, patient } from "./target.ts";
import {
  addsStorage,
  addsStorageBesideCluster2,
  changes,
  clustersOf,
  HOST1,
  HOST3,
  hasTwoClusters,
  storageIn,
} from "./two-clusters.ts";

const LIMIT_MS = patient(90_000);

describe("sharedblock attach: a storage is shared with a second cluster", { timeout: LIMIT_MS }, () => {
  let story: Story;
  const sizeNow = () => storageIn(story).sharedBlocks[0]?.sizeBytes ?? 0;
  beforeEach(async () => {
    story = await Story.begin();
    await addsStorageBesideCluster2(story);
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  itAtLength("after its LUNs are seen there; its hosts get their own ids, and no other host changes", async () => {
    const elsewhere = async () => (await story.hosts.changes()).filter((line) => !line.startsWith(`${HOST3}: `));
    const before = (await story.hosts.changes()).length;
    const beforeElsewhere = await elsewhere();
    await story.says("/zstack sharedblock attach ps-1 cluster-2");
    const plan = await story.shows(
      "Attach ps-1 to cluster-2",
      "sanlock host ids 3 given",
      "vgchange --lockstart",
      luns.blank,
    );
    expect(textIn(plan)).toContain(`# on ${HOST3}`);
    expect(await story.hosts.changes()).toHaveLength(before);
    await story.clicks("Confirm");
    await story.shows("Attach ps-1 to cluster-2: done", /sharedblock-host3 Connected · sanlock host ids 1–3/);
    expect(clustersOf(story)).toEqual(["cluster-1", "cluster-2"]);
    expect(await elsewhere()).toEqual(beforeElsewhere);
    const writes = (await story.hosts.changes()).filter((line) => /: (wipefs|vgcreate|vgextend|pv\w+) /.test(line));
    expect(writes.filter((line) => line.startsWith(`${HOST3}: `))).toEqual([]);
  });

  itAtLength("and taken from it again, with what is active there but not open", async () => {
    await changes(story, "sharedblock attach ps-1 cluster-2");
    await story.shows("Attach ps-1 to cluster-2: done");
    const group = storageIn(story).uuid;
    await story.hosts.makesVolume(group, "vol-1", 1024 ** 3);
    await story.hosts.activates(group, "vol-1", HOST3);
    const before = (await story.hosts.changes()).length;
    await story.says("/zstack sharedblock detach ps-1 cluster-2");
    await story.shows(
      "Detach ps-1 from cluster-2",
      "vol-1: would be deactivated",
      "vgchange --lockstop",
      "cluster-1 would continue",
    );
    await story.clicks("Confirm");
    await story.shows("Detach ps-1 from cluster-2: done", /sharedblock-host1, \S*host2 Connected/);
    expect((await story.hosts.changes()).slice(before)).toEqual([
      `${HOST3}: lvchange --activate n -- ${group}/vol-1`,
      `${HOST3}: vgchange --lockstop -- ${group}`,
    ]);
    expect(clustersOf(story)).toEqual(["cluster-1"]);
    await story.says("/zstack sharedblock detach ps-1 cluster-2");
    await story.shows("Nothing was changed", "it is not attached there");
    // The last cluster may go too; the storage waits for another one, with all that is on it.
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    expect(clustersOf(story)).toEqual([]);
    await story.says("/zstack sharedblock maintain ps-1");
    await story.shows("Take ps-1 into maintenance", /sharedblock-host1, \S*host2, \S*host3: locks not held/);
    await story.clicks("Cancel");
    await story.shows("cancelled", "No step was run");
    await changes(story, "sharedblock attach ps-1 cluster-2");
    await story.shows("Attach ps-1 to cluster-2: done", "sharedblock-host3 Connected · sanlock host id 3");
    expect(await story.hosts.volumes(group)).toEqual(["vol-1"]);
  });

  itAtLength("also after its LUN grew while no cluster had it: it is resized afterwards", async () => {
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    const grown = sizeNow() + 2 * 1024 ** 3;
    await story.hosts.grows(luns.blank, grown);
    for (const host of story.hosts.names) await story.hosts.learnsSize(luns.blank, host);
    await story.says("/zstack sharedblock resize ps-1");
    await story.shows("Nothing was changed", "attached to no cluster");
    await story.says("/zstack sharedblock attach ps-1 cluster-2");
    await story.shows("Attach ps-1 to cluster-2", "has enlarged", "/zstack sharedblock resize ps-1 follows it");
    await story.clicks("Confirm");
    await story.shows("Attach ps-1 to cluster-2: done");
    await changes(story, "sharedblock resize ps-1");
    await story.shows("Resize ps-1: done");
    expect(sizeNow()).toBe(grown);
  });

  itAtLength("is not detached while a volume is open there: the volume, its host and its VM are named", async () => {
    await changes(story, "sharedblock attach ps-1 cluster-2");
    await story.shows("Attach ps-1 to cluster-2: done");
    const group = storageIn(story).uuid;
    for (const name of ["vol-1", "vol-2"]) await story.hosts.makesVolume(group, name, 1024 ** 3);
    const machine = { name: "web-1", volumeGroup: group, volume: "vol-1", heedsShutdown: true };
    await story.hosts.startsVm(HOST3, machine);
    await story.hosts.activates(group, "vol-2", HOST3);
    await story.hosts.opens(group, "vol-2", HOST3);
    await story.says("/zstack sharedblock detach ps-1 cluster-2");
    await story.shows(
      "Nothing was changed",
      `volume vol-1 is open on ${HOST3} by VM web-1`,
      `volume vol-2 is open on ${HOST3} by a user that is no VM`,
      "/zstack sharedblock volumes ps-1",
    );
    // Without libvirt the open volume is enough.
    await story.hosts.fault(HOST3, { kind: "lacks", program: "virsh" });
    await story.says("/zstack sharedblock detach ps-1 cluster-2");
    await story.shows("Nothing was changed", `volume vol-1 is open on ${HOST3} by a user that is no VM`);
    await story.hosts.heal(HOST3);
    const stderr = "error: failed to connect to the hypervisor";
    await story.hosts.fault(HOST3, { kind: "fails", program: "virsh", exitCode: 1, stderr });
    await story.says("/zstack sharedblock detach ps-1 cluster-2");
    await story.shows("Nothing was changed", `volume vol-1 is open on ${HOST3} by something unknown`, stderr);
    expect(clustersOf(story)).toEqual(["cluster-1", "cluster-2"]);
  });

  itAtLength(
    "is not detached from a host that lost its lockspace with active volumes: reconnect comes first",
    async () => {
      const group = storageIn(story).uuid;
      await story.hosts.makesVolume(group, "vol-1", 1024 ** 3);
      await story.hosts.activates(group, "vol-1", HOST1);
      await byHand(story, HOST1, ["systemctl", "kill", "--signal=KILL", "lvmlockd.service", "sanlock.service"]);
      await byHand(story, HOST1, ["systemctl", "start", "sanlock.service"]);
      await story.says("/zstack sharedblock detach ps-1 cluster-1");
      await story.shows(
        "Nothing was changed",
        `${HOST1} has vol-1 active without ps-1's lockspace`,
        `/zstack sharedblock reconnect ps-1 ${HOST1}`,
      );
    },
  );

  itInFull("is not detached from hosts that can't be asked; the fix is named", async () => {
    await story.hosts.fault(HOST1, { kind: "down" });
    await story.says("/zstack sharedblock detach ps-1 cluster-1");
    await story.shows(
      "Nothing was changed",
      `${HOST1} can't be asked what it uses of ps-1`,
      `/zstack host show ${HOST1}`,
    );
  });

  itAtLength("is not attached to a host that sees no map or no LUN of it, or can't be read", async () => {
    const attach = "/zstack sharedblock attach ps-1 cluster-2";
    await story.hosts.takes(luns.blank, HOST3);
    await story.says(attach);
    await story.shows("Nothing was changed", `${HOST3} does not see ${luns.blank}`);
    await story.hosts.maps(luns.blank, HOST3);
    await story.hosts.flushesMap(luns.blank, HOST3);
    await story.says(attach);
    await story.shows("Nothing was changed", "without a multipath map");
    await byHand(story, HOST3, ["multipath"]);
    await story.hosts.fault(HOST3, { kind: "down" });
    await story.says(attach);
    await story.shows("Nothing was changed", `${HOST3} can't be read completely`);
    await story.hosts.heal(HOST3);
    await changes(story, "sharedblock attach ps-1 cluster-2");
    await story.shows("Attach ps-1 to cluster-2: done");
    await story.says(attach);
    await story.shows("Nothing was changed", "cluster-2 has it already", "/zstack sharedblock reconnect ps-1");
  });

  itAtLength("is not attached to a host that sees another size than the others", async () => {
    const attach = "/zstack sharedblock attach ps-1 cluster-2";
    const grown = sizeNow() + 2 * 1024 ** 3;
    await story.hosts.grows(luns.blank, grown);
    await story.hosts.learnsSize(luns.blank, HOST3);
    await story.says(attach);
    await story.shows("Nothing was changed", `has ${grown} bytes on ${HOST3}`, "sharedblock resize ps-1");
    await changes(story, "sharedblock resize ps-1");
    await story.shows("Resize ps-1: done");
    await changes(story, "sharedblock attach ps-1 cluster-2");
    await story.shows("Attach ps-1 to cluster-2: done");
  });

  itAtLength(
    "is not attached to a host that an interrupted attach left in another storage, and that host is not removed",
    async () => {
      const before = storageIn(story).clusterUuids;
      await changes(story, `sharedblock add cluster-2 wwid=${luns.failedPath} name=ps-2`, true);
      await story.shows("Add ps-2 to cluster-2: done");
      await changes(story, "sharedblock detach ps-2 cluster-2");
      await story.shows("Detach ps-2 from cluster-2: done");
      await story.hosts.fault(HOST3, {
        kind: "cut during",
        program: "vgchange",
        argument: "--lockstart",
        after: "effect",
      });
      await changes(story, "sharedblock attach ps-1 cluster-2");
      await story.shows("Attach ps-1 to cluster-2: unknown");
      expect(storageIn(story).clusterUuids).toEqual(before);
      await story.says("/zstack sharedblock attach ps-2 cluster-2");
      await story.shows(
        "Nothing was changed",
        `${HOST3} holds the lease of ps-1, and a cluster has at most one`,
        "/zstack sharedblock detach ps-1 cluster-2",
      );
      await story.hosts.fault(HOST3, { kind: "down" });
      await story.says(`/zstack host remove ${HOST3}`);
      await story.shows("Nothing was changed", `${HOST3} may hold leases of ps-1, ps-2 and can't be asked`);
      await story.says("/zstack inventory");
      await story.shows("Storages attached to no cluster", "ps-2 Enabled, zone ZONE-1", luns.failedPath);
      await story.says("/zstack inventory ZONE-1");
      await story.shows("Storages attached to no cluster", "ps-2 Enabled, zone ZONE-1");
    },
  );

  itAtLength("is not attached to a cluster that has a storage", async () => {
    await changes(story, `sharedblock add cluster-2 wwid=${luns.failedPath} name=ps-2`, true);
    await story.shows("Add ps-2 to cluster-2: done");
    await story.says("/zstack sharedblock attach ps-1 cluster-2");
    await story.shows("Nothing was changed", "cluster-2 has the storage ps-2, and a cluster has at most one");
  });
});

itAtLength("a cluster of another zone can't share a storage", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
  const story = await Story.begin();
  onTestFinished(() => story.ends());
  await hasTwoClusters(story, "ZONE-2");
  await addsStorage(story);
  await story.says("/zstack sharedblock attach ps-1 cluster-2");
  await story.shows("Nothing was changed", "ps-1 is in zone ZONE-1, cluster-2 in ZONE-2");
});
