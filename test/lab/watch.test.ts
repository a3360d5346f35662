import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { usualSettings, type WatchSettings } from "../../src/watch/watcher.ts";
import type { PageMessage } from "../../src/workspace/page-protocol.ts";
import { textIn } from "../scenario/message-text.ts";
import { Story } from "../scenario/story.ts";
import { ending, itAtLength, luns } from "../scenario/target.ts";
import { storageUuid, withStorage } from "../scenario/with-storage.ts";
import { performInLab } from "./control.ts";
import { KernelClock } from "./kernel-clock.ts";
import { lunNamed } from "./luns.ts";

const [host1, host2, host3] = ["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"];
const gib = 1024 ** 3;

/** The usual damping. An incident is over sooner, and LVM is asked more often, so that a story takes less time. */
const labWatch: WatchSettings = {
  ...usualSettings,
  groupsEveryMs: 20_000,
  damping: { ...usualSettings.damping, quietMs: 10_000 },
};

/** Everything is reported at once, and only the kernel's events say when to observe. */
const byEvents: WatchSettings = {
  ...usualSettings,
  ...{ everyMs: 3_600_000, failingEveryMs: 3_600_000 },
  damping: { ...usualSettings.damping, lastsMs: () => 0, quietMs: 1_000 },
};

const isIncident = (message: PageMessage): boolean =>
  (message.threadTs === null || message.threadTs === message.ts) && /^\W*inc-\d+: /m.test(textIn(message));

describe("on real hosts the watch", () => {
  let story: Story;
  let begun: Promise<Story> | null = null;
  afterEach(async () => {
    const ending = begun;
    begun = null;
    await (await ending?.catch(() => null))?.ends();
  });

  /** The bot watches from now on, with what the hosts have now as its beginning. */
  async function watches(given: Promise<Story>, settings = labWatch): Promise<void> {
    begun = given;
    story = await given;
    await story.isMeddledWith();
    await story.restartsBot(undefined, { watch: { channel: null, settings } });
    const seen = () => story.bot.world.watch()?.hosts() ?? [];
    const isWatched = () =>
      seen().length === 3 &&
      seen().every(({ observedAt, silence, noEvents }) => observedAt !== null && silence === null && noEvents === null);
    await expect.poll(isWatched, { timeout: 300_000 }).toBe(true);
    // What the hosts showed at the beginning is no fault of the story.
    expect(incidents()).toEqual([]);
  }

  /** The incidents' messages, in the order of their posts. Details are in threads. */
  const incidents = (): string[] => story.messages.filter(isIncident).map(textIn);

  /** One message, with this cause. It is called when the fault is done, and prints after how many seconds it is posted. */
  async function reports(cause: RegExp): Promise<void> {
    const faultAt = Date.now() / 1000;
    await expect.poll(() => incidents().join("\n"), { timeout: 300_000 }).toMatch(cause);
    const [incident, ...others] = incidents();
    expect(incident).toMatch(cause);
    expect(others).toEqual([]);
    const posted = story.messages.find(isIncident);
    process.stdout.write(`lab: posted ${(Number(posted?.ts) - faultAt).toFixed(1)} s after the fault\n`);
  }
  /** The same message, and no other one. */
  async function isOver(cause: RegExp): Promise<void> {
    await expect.poll(() => incidents().join("\n"), { timeout: 300_000 }).toMatch(/Resolved/);
    const [incident, ...others] = incidents();
    expect(incident).toMatch(cause);
    expect(others).toEqual([]);
  }

  itAtLength("posts nothing in five minutes in which nothing happens", async () => {
    await watches(Story.begin(), usualSettings);
    const before = story.messages.length;
    await sleep(300_000);
    expect(story.messages.slice(before).map(textIn)).toEqual([]);
    expect(story.logged).toEqual([]);
  });

  itAtLength("posts no incident that the main job causes", async () => {
    await watches(Story.begin(), usualSettings);
    await story.says(`/zstack host prepare ${host2}`);
    await story.clicks("Confirm");
    await story.shows(`Prepare ${host2}: done`);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    await story.confirms(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: done", "Connected");
    // Two observations of each host, and what they find lasts long enough.
    await sleep(90_000);
    expect(incidents()).toEqual([]);
    expect(story.logged).toEqual([]);
  });

  itAtLength("posts a failed path because of the kernel's event, and prints after how many seconds", async () => {
    await watches(Story.begin(), byEvents);
    const seconds: number[] = [];
    for (const [host, lun, path] of [
      ...([
        [host2, "gpt", "1"],
        [host1, "blank-virtio", "2"],
        [host3, "orphan-pv", "1"],
      ] as const),
      ...([
        [host1, "gpt", "2"],
        [host2, "blank-virtio", "1"],
      ] as const),
    ]) {
      const clock = await KernelClock.of(host);
      const before = incidents().length;
      await performInLab("path-fail", host, lun, path);
      await expect.poll(() => incidents().length).toBe(before + 1);
      const posted = story.messages.filter(isIncident).at(-1);
      seconds.push(Number(posted?.ts) - (await clock.secondsOf("Failing path")));
      await performInLab("path-restore", host, lun, path);
      await expect.poll(() => incidents().filter((text) => !text.includes("Resolved"))).toEqual([]);
    }
    const sorted = seconds.map((each) => each.toFixed(1)).sort((a, b) => Number(a) - Number(b));
    process.stdout.write(
      `lab: from the kernel's event to the post took ${sorted[2]} s in the median of ${sorted.join(", ")} s\n`,
    );
  });

  it("reports one path that fails by sysfs, and of its end", async () => {
    await watches(Story.begin());
    const cause = new RegExp(`inc-1: Path sd\\w+ of LUN …${ending(luns.partitioned)} on ${host2} through`);
    await performInLab("path-fail", host2, "gpt", "1");
    await reports(cause);
    await performInLab("path-restore", host2, "gpt", "1");
    await isOver(cause);
  });

  it("reports one portal that a host does not reach, not of three LUNs, and of its end", async () => {
    await watches(Story.begin());
    // Each host of the lab has ports of its own to the array, so that one port is also one adapter of one host.
    const cause = /inc-1: (?:Adapter|Portal) .*: 3 paths of 3 LUNs on 1 host/;
    await performInLab("path-fail", host2, "ext4", "1");
    await reports(cause);
    await performInLab("path-restore", host2, "ext4", "1");
    await isOver(cause);
  });

  itAtLength("reports a host without power, not of its paths, and of its end", async () => {
    await watches(Story.begin());
    const cause = new RegExp(`inc-1: ${host3} does not answer`, "i");
    await performInLab("host-kill", host3);
    await reports(cause);
    await performInLab("host-start", host3);
    await isOver(cause);
  });

  itAtLength("reports a LUN that grew when its hosts have read the new size, and of its end", async () => {
    await watches(Story.begin());
    const cause = new RegExp(`inc-1: LUN …${ending(luns.blank)} .*\\S+ \\S+ before, \\S+ \\S+ now`);
    await story.hosts.grows(luns.blank, 9 * gib);
    for (const host of [host1, host2, host3]) await story.hosts.learnsSize(luns.blank, host);
    await reports(cause);
    // A new size is news for a minute.
    await isOver(cause);
  });

  itAtLength("reports a storage that becomes full, and of its end", async () => {
    await watches(withStorage("as shipped"));
    const group = storageUuid(story);
    const cause = /inc-1: ps-1 is 9[5-9] % full/;
    const free = Number(
      await performInLab("shell", host1, `vgs --noheadings --nosuffix --units b --options vg_free ${group}`),
    );
    const volume = Math.floor((free - 0.03 * lunNamed("orphan-pv").sizeBytes) / gib / 0.125) * 0.125 * gib;
    await story.hosts.makesVolume(group, "filler", volume);
    await reports(cause);
    await performInLab("shell", host1, `lvremove --yes ${group}/filler`);
    await isOver(cause);
  });

  itAtLength("reports a lease that is not renewed, because sanlock is suspended, and of its end", async () => {
    // With an I/O time-out of 2 s the lease would be lost 16 s after its last renewal, and would not come back by itself.
    await watches(withStorage("as shipped"), { ...labWatch, everyMs: 5_000 });
    const cause = new RegExp(`inc-1: .*(?:${host2}.*sanlock|sanlock.*${host2})`, "i");
    await performInLab("shell", host2, "kill -STOP $(pgrep -x sanlock)");
    await reports(cause);
    await performInLab("shell", host2, "kill -CONT $(pgrep -x sanlock)");
    await isOver(cause);
  });
});
