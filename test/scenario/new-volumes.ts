import type { Story } from "./story.ts";
import { storageIn } from "./two-clusters.ts";

/** The changes of what takes new volumes. */
export const pvchanges = async (story: Story, allocatable: "y" | "n") =>
  (await story.hosts.changes()).filter((line) => line.includes(`: pvchange --allocatable ${allocatable} `));

/** Whether new volumes really find room. */
export function takesVolumes(story: Story, name: string): boolean {
  try {
    story.san.volumes.create(storageIn(story).uuid, { name, sizeBytes: 1024 ** 3 });
    return true;
  } catch {
    return false;
  }
}
