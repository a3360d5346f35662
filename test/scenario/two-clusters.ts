import type { PrimaryStorage } from "../../src/core/inventory.ts";
import type { Story } from "./story.ts";
import { luns } from "./target.ts";

export const HOST1 = "sharedblock-host1";
export const HOST2 = "sharedblock-host2";
/** The only host of cluster-2 in these stories. */
export const HOST3 = "sharedblock-host3";

/** The third host moves into a second cluster of the zone. */
export const hasTwoClusters = (story: Story, zone = "ZONE-1"): Promise<void> =>
  story.beginsWith(`cluster-2-in-${zone}`, () => movesThirdHost(story, zone), "simulated");

async function movesThirdHost(story: Story, zone: string): Promise<void> {
  const third = story.bot.world.inventory.current().hosts.find((host) => host.name === HOST3);
  if (third === undefined) throw new Error("the third host is not there");
  if (zone !== "ZONE-1") {
    await story.says(`/zstack zone add ${zone}`);
    await story.shows(`Add zone ${zone}: done`);
  }
  await story.says(`/zstack cluster add cluster-2 zone=${zone}`);
  await story.shows(`Add cluster cluster-2 to ${zone}: done`);
  await story.says(`/zstack host remove ${HOST3}`);
  await story.clicks("Confirm");
  await story.shows(`Remove host ${HOST3}: done`);
  const { address, port, user } = third;
  await story.says(`/zstack host add ${HOST3} address=${address} port=${port} user=${user} cluster=cluster-2`);
  await story.clicks("Confirm");
  await story.shows(`Trust ${HOST3} and add it to cluster-2: done`);
}

/** ps-1 on the blank LUN of the array, used by cluster-1. */
export const addsStorage = (story: Story): Promise<void> =>
  story.beginsWith("ps-1-on-blank", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`);
    await story.confirms("");
    await story.shows("Add ps-1 to cluster-1: done");
  });

/** ps-1 is used by cluster-1. cluster-2 exists and does not use it. */
export const addsStorageBesideCluster2 = (story: Story): Promise<void> =>
  story.beginsWith("ps-1-beside-cluster-2", async () => {
    await hasTwoClusters(story);
    await addsStorage(story);
  });

/** Asks for a change and confirms what is shown. */
export async function changes(story: Story, words: string, form = false): Promise<void> {
  await story.says(`/zstack ${words}`);
  await (form ? story.confirms("") : story.clicks("Confirm"));
}

export function storageIn(story: Story, name = "ps-1"): PrimaryStorage {
  const storage = story.bot.world.inventory.current().primaryStorages.find((each) => each.name === name);
  if (storage === undefined) throw new Error(`${name} is not in the inventory`);
  return storage;
}

/** Names of the clusters that the inventory says use it. */
export function clustersOf(story: Story, name = "ps-1"): string[] {
  const { clusterUuids } = storageIn(story, name);
  const { clusters } = story.bot.world.inventory.current();
  return clusterUuids.map((uuid) => clusters.find((cluster) => cluster.uuid === uuid)?.name ?? uuid);
}
