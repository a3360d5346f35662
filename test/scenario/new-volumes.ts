import type { Story } from "./story.ts";
import { storageIn } from "./two-clusters.ts";

/** The changes of what takes new volumes. */
export const pvchanges = async (story: Story, allocatable: "y" | "n") =>
  (await story.hosts.changes()).filter((line) => line.includes(`: pvchange --allocatable ${allocatable} `));

/** Whether new volumes really find room. */
export const takesVolumes = (story: Story, name: string): Promise<boolean> =>
  story.hosts.makesVolume(storageIn(story).uuid, name, 64 * 1024 ** 2).then(
    () => true,
    () => false,
  );
