import type { Story } from "../../scenario/story.ts";
import {
  addsStorage,
  addsStorageBesideCluster2,
  changes,
  HOST1,
  HOST2,
  HOST3,
  storageIn,
} from "../../scenario/two-clusters.ts";
import { type CrashTable, settingSteps } from "../crash-table.ts";

async function isInTwoClusters(story: Story): Promise<void> {
  await addsStorageBesideCluster2(story);
  await changes(story, "sharedblock attach ps-1 cluster-2");
  await story.shows("Attach ps-1 to cluster-2: done");
}

export const sharedblockAttach: CrashTable = {
  command: "sharedblock attach",
  title: "Attach ps-1 to cluster-2",
  async before(story) {
    await addsStorageBesideCluster2(story);
    return "sharedblock attach ps-1 cluster-2";
  },
  confirms: (story) => story.clicks("Confirm"),
  steps: [...settingSteps(HOST3), { host: HOST3, program: "vgchange", argument: "--lockstart" }],
  nothingOmitted: "cluster-2 has it already",
  once: /vgchange/,
  records: "both",
};

export const sharedblockDetach: CrashTable = {
  command: "sharedblock detach",
  title: "Detach ps-1 from cluster-2",
  async before(story) {
    await isInTwoClusters(story);
    const group = storageIn(story).uuid;
    await story.hosts.makesVolume(group, "vol-1", 1024 ** 3);
    await story.hosts.activates(group, "vol-1", HOST3);
    return "sharedblock detach ps-1 cluster-2";
  },
  confirms: (story) => story.clicks("Confirm"),
  steps: [
    { host: HOST3, program: "lvchange" },
    { host: HOST3, program: "vgchange", argument: "--lockstop" },
  ],
  nothingOmitted: "it is not attached there",
  once: /vgchange|lvchange/,
  records: "last",
};

export const sharedblockMaintain: CrashTable = {
  command: "sharedblock maintain",
  title: "Take ps-1 into maintenance",
  async before(story) {
    await addsStorage(story);
    const group = storageIn(story).uuid;
    for (const [host, name, heedsShutdown] of [
      [HOST1, "web-1", true],
      [HOST2, "router-1", false],
    ] as const) {
      await story.hosts.makesVolume(group, `of-${name}`, 1024 ** 3);
      await story.hosts.startsVm(host, { name, volumeGroup: group, volume: `of-${name}`, heedsShutdown });
    }
    return "sharedblock maintain ps-1 grace=1";
  },
  confirms: (story) => story.confirms(""),
  steps: [
    { host: HOST1, program: "virsh", argument: "shutdown" },
    { host: HOST2, program: "virsh", argument: "destroy" },
    { host: HOST2, program: "lvchange" },
    { host: HOST3, program: "vgchange", argument: "--lockstop" },
  ],
  nothingOmitted: "it is in maintenance already",
  once: /virsh .*destroy|lvchange|vgchange/,
  records: "last",
};
