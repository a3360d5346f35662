import { byHand, mapOf } from "./by-hand.ts";
import { Story } from "./story.ts";
import { luns, patient } from "./target.ts";
import { HOST1, HOST2, HOST3 } from "./two-clusters.ts";

export const LIMIT_MS = patient(60_000);
export const HOSTS = [HOST1, HOST2, HOST3];
export const gone = luns.blank;
/** What is typed in the stories about forgetting it. */
export const forget = `/zstack lun forget cluster-1 ${gone}`;
export const title = `Forget ${gone} on the hosts of cluster-1`;

export async function begun(onTestFinished: (end: () => Promise<void>) => void): Promise<Story> {
  const story = await Story.begin();
  onTestFinished(() => story.ends());
  return story;
}

/** The array takes the LUN from the hosts, which are left with a map and dead paths. */
export async function unmap(story: Story, hosts: readonly string[] = HOSTS, wwid: string = gone): Promise<void> {
  for (const host of hosts) await story.hosts.unmaps(wwid, host);
}

/**
 * As `unmap`, and the kernel has asked the array again since: the disks have size 0, and udev has lost their names. Nor
 * has the LUN a map any more. Answers the disks.
 */
export async function dies(story: Story, host: string): Promise<string[]> {
  const { disks } = await mapOf(story, host, gone);
  await unmap(story, [host]);
  const attributes = disks.map((disk) => `/sys/block/${disk}/device/rescan`);
  await byHand(story, host, ["tee", "--", ...attributes], "1\n");
  await story.hosts.flushesMap(gone, host);
  return disks;
}

/** The programs that took something away, without their arguments' folders. */
export const removals = async (story: Story) =>
  (await story.hosts.changes()).filter((line) => /: multipath -f |\/device\/delete/.test(line));

/** Where the LUN is no longer seen at all. */
export async function isForgotten(story: Story): Promise<void> {
  await story.says(`/zstack lun show cluster-1 ${gone}`);
  await story.shows("NOT_FOUND", "no host sees a LUN of that name");
}
