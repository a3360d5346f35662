import type { Leases } from "../lab/leases.ts";
import { Story } from "./story.ts";
import { ending, luns } from "./target.ts";

/** A story in which cluster-1 has the storage ps-1 on all its hosts. */
export async function withStorage(leases: Leases = "quick"): Promise<Story> {
  const story = await Story.begin(leases);
  await story.beginsWith("ps-1-on-orphan", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    await story.confirms(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: done");
  });
  return story;
}

/** The storage's UUID, which is the name of its volume group. */
export function storageUuid(story: Story): string {
  const [storage] = story.bot.world.inventory.current().primaryStorages;
  if (storage === undefined) throw new Error("there is no storage");
  return storage.uuid;
}
