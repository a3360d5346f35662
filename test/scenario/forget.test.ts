import { describe, expect } from "vitest";
import type { Fault } from "../../src/local/san/fault.ts";
import { byHand } from "./by-hand.ts";
import { Story, textIn } from "./story.ts";
import { itSimulated as it, luns } from "./target.ts";
import { addsStorage, HOST1, HOST2, HOST3, hasTwoClusters } from "./two-clusters.ts";

const LIMIT_MS = 60_000;
const HOSTS = [HOST1, HOST2, HOST3];
const gone = luns.failedPath;
const forget = `/zstack lun forget cluster-1 ${gone}`;
const title = `Forget ${gone} on the hosts of cluster-1`;

async function begun(onTestFinished: (end: () => Promise<void>) => void): Promise<Story> {
  const story = await Story.begin();
  onTestFinished(() => story.ends());
  return story;
}

/** The array takes the LUN from the hosts, which are left with a map and dead paths. */
function unmap(story: Story, hosts: readonly string[] = HOSTS, wwid: string = gone): void {
  for (const host of hosts) story.san.array.unmap(wwid, host, "dead paths");
}

/** As `unmap`, and the kernel has asked the array again since: the disks have size 0, and udev has lost their names. */
async function dies(story: Story, host: string): Promise<void> {
  const number = story.san.array.lun(gone).number;
  const links = await byHand(story, host, ["ls", "-l", "/sys/block"]);
  const disks = Array.from(links.matchAll(/:(\d+)\/block\/(sd[a-z]+)$/gm)).filter(([, lun]) => Number(lun) === number);
  unmap(story, [host]);
  const attributes = disks.map(([, , disk]) => `/sys/block/${disk}/device/rescan`);
  await byHand(story, host, ["tee", "--", ...attributes], "1\n");
}

/** The programs that took something away, without their arguments' folders. */
const removals = async (story: Story) =>
  (await story.hosts.changes()).filter((line) => /: multipath -f |\/device\/delete/.test(line));

/** Where the LUN is no longer seen at all. */
async function isForgotten(story: Story): Promise<void> {
  await story.says(`/zstack lun show cluster-1 ${gone}`);
  await story.shows("Not possible", "no host sees a LUN of that name");
}

describe.concurrent("a LUN that the array no longer offers is forgotten", () => {
  it("host by host, the map before its paths, and the proof", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    unmap(story);
    await story.says(forget);
    await story.shows(title, "dead paths", "multipath -f mpath", "/device/delete");
    expect(await removals(story)).toEqual([]);
    await story.clicks("Confirm");
    await story.shows(`${title}: done`);
    const order = (await removals(story)).map((line) => line.replace(/ .*(-f|delete).*/, " $1"));
    expect(order).toEqual(HOSTS.flatMap((host) => [`${host}: -f`, `${host}: delete`]));
    await isForgotten(story);
    // A rescan brings nothing back: the array does not offer it.
    await story.says("/zstack host rescan cluster-1");
    await story.shows("Rescan cluster-1: done", "No new LUN appeared");
    await story.says(forget);
    await story.shows("Refused", "no host sees a LUN of that name");
  });

  it("also where it is a storage's that only another cluster uses", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await begun(onTestFinished);
    await hasTwoClusters(story);
    await addsStorage(story);
    unmap(story, [HOST3], luns.blank);
    await story.says(`/zstack lun forget cluster-2 ${luns.blank}`);
    await story.clicks("Confirm");
    await story.shows(`Forget ${luns.blank} on the hosts of cluster-2: done`);
    expect((await removals(story)).map((line) => line.split(":")[0])).toEqual([HOST3, HOST3]);
  });

  it("where a map without a path is all that is left", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    for (const host of HOSTS) story.san.array.unmap(gone, host, "an empty map");
    await story.says(forget);
    await story.clicks("Confirm");
    await story.shows(`${title}: done`);
    expect(await removals(story)).toHaveLength(3);
    await isForgotten(story);
  });

  const kernels: [string, (story: Story) => Promise<void>][] = [
    ["also where its dead paths have size 0 and udev no longer knows whose they are", async () => undefined],
    [
      "also there where the kernel has no attribute wwid, as in RHEL 7",
      async (story) => {
        for (const host of HOSTS) {
          const stderr = "grep: /sys/block/sdt/device/wwid: No such file or directory";
          await story.hosts.fault(host, { kind: "fails", program: "grep", exitCode: 2, stderr });
        }
      },
    ],
  ];
  it.for(kernels)("%s", { timeout: LIMIT_MS }, async ([_where, begins], { onTestFinished }) => {
    const story = await begun(onTestFinished);
    await begins(story);
    for (const host of HOSTS) await dies(story, host);
    for (const host of HOSTS) story.san.array.flushMap(gone, host);
    await story.says(forget);
    await story.shows(title, new RegExp(`${HOST3} none sd[a-z]+, sd[a-z]+, sd[a-z]+`));
    await story.clicks("Confirm");
    await story.shows(`${title}: done`);
    expect((await removals(story)).map((line) => line.split(":")[0])).toEqual(HOSTS);
    for (const host of HOSTS) {
      const links = await byHand(story, host, ["ls", "-l", "/sys/block"]);
      expect(links).not.toMatch(new RegExp(`:${story.san.array.lun(gone).number}/block/`));
    }
    await story.says(forget);
    await story.shows("Refused", "no host sees a LUN of that name");
  });

  it("on the hosts that answer, while LVM waits for ever and one host is down", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await begun(onTestFinished);
    unmap(story);
    await story.hosts.fault(HOST1, { kind: "hangs", program: "pvs" });
    await story.hosts.fault(HOST1, { kind: "hangs", program: "vgs" });
    await story.hosts.fault(HOST2, { kind: "down" });
    await story.says(forget);
    await story.shows(title, "Left out", HOST2);
    await story.clicks("Confirm");
    await story.shows(`${title}: done`);
    await story.hosts.heal(HOST2);
    await story.says(forget);
    await story.clicks("Confirm");
    await story.shows(`${title}: done (op-2)`);
    expect((await removals(story)).map((line) => line.split(":")[0])).toEqual([
      HOST1,
      HOST1,
      HOST3,
      HOST3,
      HOST2,
      HOST2,
    ]);
    await story.hosts.heal(HOST1);
    await isForgotten(story);
  });
});

describe.concurrent("a LUN is not forgotten", () => {
  it("while the array offers it to one of the hosts", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    unmap(story, [HOST1, HOST3]);
    await story.says(forget);
    await story.shows("Refused", `the array still offers ${gone} to ${HOST2}`, "answers");
    expect(await removals(story)).toEqual([]);
  });

  it("while it is mounted, held or a storage's", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    unmap(story, HOSTS, luns.mounted);
    await story.says(`/zstack lun forget cluster-1 ${luns.mounted}`);
    await story.shows("Refused", `mounted on ${HOST2} at /mnt/backup`);
    unmap(story, HOSTS, luns.ofAnotherGroup);
    await story.says(`/zstack lun forget cluster-1 ${luns.ofAnotherGroup}`);
    await story.shows("Refused", `held on ${HOST1} by vg_archive-lv_archive`);
    await addsStorage(story);
    unmap(story, HOSTS, luns.blank);
    await story.says(`/zstack lun forget cluster-1 ${luns.blank}`);
    await story.shows("Refused", `${luns.blank} belongs to ps-1`, "sharedblock show ps-1");
    expect(await removals(story)).toEqual([]);
  });

  it("while a disk of it is mounted, also where lsblk does not list it by itself", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await begun(onTestFinished);
    await dies(story, HOST2);
    story.san.array.flushMap(gone, HOST2);
    story.san.array.mount(gone, HOST2, "/mnt/data");
    unmap(story, [HOST1, HOST3]);
    await story.says(forget);
    await story.shows("Refused", `mounted on ${HOST2} at /mnt/data`);
  });

  it("when it came back after the plan was shown, not even in the middle of it", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await begun(onTestFinished);
    unmap(story);
    await story.says(forget);
    await story.shows(title);
    await story.hosts.fault(HOST1, { kind: "slow", ms: 500 });
    await story.clicks("Confirm");
    await story.begins("multipath -f");
    story.san.array.map(gone, HOST1);
    await story.shows(`${title}: refused`, "the array still offers");
    expect(await removals(story)).toEqual([]);
  });

  it("where multipath can't flush its map: no path is taken from under it", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await begun(onTestFinished);
    unmap(story);
    await story.says(forget);
    await story.shows(title);
    await story.hosts.fault(HOST2, {
      kind: "fails",
      program: "multipath",
      argument: "-f",
      exitCode: 1,
      stderr: "map in use",
    });
    await story.clicks("Confirm");
    const end = await story.shows(`${title}: failed`, "map in use", HOST2);
    expect(textIn(end)).not.toContain(`${HOST3} deleted`);
    expect((await removals(story)).map((line) => line.split(":")[0])).toEqual([HOST1, HOST1]);
  });
});

describe.concurrent("whatever interrupts it, the same words finish the forgetting", () => {
  const steps: [program: string, argument?: string][] = [["multipath", "-f"], ["tee"], ["udevadm"]];
  const interruptions: [string, (of: { program: string; argument?: string }) => Fault, RegExp][] = [
    ["fails", (of) => ({ kind: "fails", ...of, exitCode: 5, stderr: "I/O error" }), /: failed/],
    ["is cut off before it began", (of) => ({ kind: "cut during", ...of, after: "before" }), /: unknown/],
    ["is cut off after it was done", (of) => ({ kind: "cut during", ...of, after: "effect" }), /: unknown/],
  ];
  const cases = steps.flatMap(([program, argument]) =>
    interruptions.map(([what, fault, state]) => ({
      title: `${program} ${what}`,
      fault: fault(argument === undefined ? { program } : { program, argument }),
      state,
    })),
  );
  it.for(cases)("$title", { timeout: LIMIT_MS }, async ({ fault, state }, { onTestFinished }) => {
    const story = await begun(onTestFinished);
    unmap(story);
    await story.says(forget);
    await story.shows(title);
    await story.hosts.fault(HOST2, fault);
    await story.clicks("Confirm");
    await story.shows(new RegExp(`${title}${state.source}`), "Not done", HOST2);
    await story.hosts.heal(HOST2);
    await story.says(forget);
    await story.clicks("Confirm");
    await story.shows(`${title}: done (op-2)`);
    // Nothing was taken away twice.
    expect((await removals(story)).map((line) => line.split(":")[0])).toEqual(HOSTS.flatMap((host) => [host, host]));
    await isForgotten(story);
  });
});
