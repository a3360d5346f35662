import { describe, expect } from "vitest";
import type { Fault } from "../../src/local/san/fault.ts";
import { Story, textIn } from "./story.ts";
import { itSimulated as it, luns } from "./target.ts";
import { addsStorage, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = 60_000;
const HOSTS = [HOST1, HOST2, HOST3];
const TIBIBYTE = 1024 ** 4;
const resize = "/zstack sharedblock resize ps-1";
const pvresizes = async (story: Story) => (await story.hosts.changes()).filter((line) => line.includes(": pvresize "));
const recordedBytes = (story: Story) => storageIn(story).sharedBlocks[0]?.sizeBytes;

/** ps-1 on the blank LUN of 2 TiB; the array then makes it 3, which no host has noticed yet. */
async function grownStorage(story: Story): Promise<void> {
  await addsStorage(story);
  story.san.array.grow(luns.blank, 3 * TIBIBYTE, []);
}

async function begun(onTestFinished: (end: () => Promise<void>) => void): Promise<Story> {
  const story = await Story.begin();
  onTestFinished(() => story.ends());
  return story;
}

describe.concurrent("a storage follows a LUN that the array enlarged", () => {
  it("on every path and map of every host, and once in the group", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await begun(onTestFinished);
    await grownStorage(story);
    await story.says(resize);
    const plan = await story.shows("Resize ps-1", "array offers", "3.30 TB", "2.20 TB", "multipathd resize map mpathb");
    // On the third host the same LUN has another alias.
    expect(textIn(plan)).toMatch(/sharedblock-host3[\s\S]*multipathd resize map mpatha/);
    expect((await story.hosts.changes()).filter((line) => line.includes("/rescan"))).toEqual([]);
    await story.clicks("Confirm");
    const end = await story.shows("Resize ps-1: done", "Capacity");
    for (const host of HOSTS) expect(textIn(end)).toMatch(new RegExp(`${host} 2\\.20 TB.* 3\\.30 TB`));
    expect(await pvresizes(story)).toHaveLength(1);
    expect(recordedBytes(story)).toBe(3 * TIBIBYTE);
    await story.says("/zstack lun list cluster-1");
    expect(textIn(await story.shows("LUNs on 3 hosts"))).toMatch(new RegExp(`${luns.blank} 3\\.30 TB`));
    await story.says(resize);
    await story.shows("Refused", "nothing grew", "3.30 TB");
  });

  it("also where some hosts have noticed it already", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    story.san.array.grow(luns.blank, 3 * TIBIBYTE, [HOST1, HOST2]);
    await story.says(`${resize} ${luns.blank}`);
    await story.clicks("Confirm");
    await story.shows("Resize ps-1: done", `${HOST3} 2.20 TB`);
    const rescans = (await story.hosts.changes()).filter((line) => line.includes("/rescan"));
    expect(rescans.map((line) => line.split(":")[0])).toEqual([HOST3]);
    expect(await pvresizes(story)).toHaveLength(1);
  });

  it("and says where to look for a LUN that nobody sees", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    await story.says(`${resize} 36f011af000d5c3e70000166e5ab82174`);
    await story.shows("Refused", "no host sees a LUN of that name", "/zstack lun list cluster-1");
  });

  it("and says so where nothing grew", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    await story.says(resize);
    await story.shows("Refused", "nothing grew", "2.20 TB", "sharedblock show ps-1");
  });
});

describe.concurrent("a storage is not resized", () => {
  it("while a path does not answer, which would keep the old size", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await begun(onTestFinished);
    await grownStorage(story);
    story.san.array.pathState(HOST2, "sdf", "failed");
    await story.says(resize);
    await story.shows("Refused", `${HOST2} gets no answer on sdf of ${luns.blank}`);
    expect(await pvresizes(story)).toEqual([]);
  });

  it("when the array has made the LUN smaller", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    story.san.array.grow(luns.blank, TIBIBYTE, []);
    await story.says(resize);
    await story.shows("Refused", "the array offers less", "1.10 TB, not 2.20 TB");
    // Also when every host has noticed it.
    story.san.array.grow(luns.blank, TIBIBYTE);
    await story.says(resize);
    await story.shows("Refused", "less of", "than is recorded or in the group (1.10 TB, not 2.20 TB)");
    expect(recordedBytes(story)).toBe(2 * TIBIBYTE);
  });

  it("by a LUN that is not of it, or without the tool that asks the array", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await begun(onTestFinished);
    await grownStorage(story);
    await story.says(`${resize} ${luns.orphan}`);
    await story.shows("Refused", `${luns.orphan} is no shared block of ps-1`);
    await story.hosts.fault(HOST3, { kind: "lacks", program: "sg_readcap" });
    await story.says(resize);
    await story.shows("Refused", `${HOST3}: sg_readcap is not installed`, "sg3_utils");
  });

  it("in the group while one path of one host keeps the old size", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await begun(onTestFinished);
    await grownStorage(story);
    await story.says(resize);
    await story.shows("Resize ps-1");
    await story.hosts.fault(HOST2, { kind: "fails", program: "tee", exitCode: 1, stderr: "tee: Input/output error" });
    await story.clicks("Confirm");
    await story.shows("Resize ps-1: failed", "Input/output error");
    expect(await pvresizes(story)).toEqual([]);
    expect(recordedBytes(story)).toBe(2 * TIBIBYTE);
  });
});

describe.concurrent("whatever interrupts a resize, the same words finish it", () => {
  const steps: [host: string, program: string][] = [
    [HOST2, "tee"],
    [HOST2, "udevadm"],
    [HOST3, "multipathd"],
    [HOST1, "pvresize"],
  ];
  const interruptions: [string, (program: string) => Fault, RegExp][] = [
    ["fails", (program) => ({ kind: "fails", program, exitCode: 5, stderr: "I/O error" }), /: failed/],
    ["is cut off before it began", (program) => ({ kind: "cut during", program, after: "before" }), /: unknown/],
    ["is cut off after it was done", (program) => ({ kind: "cut during", program, after: "effect" }), /: unknown/],
  ];
  const cases = steps.flatMap(([host, program]) =>
    interruptions.map(([what, fault, state]) => ({ title: `${program} ${what}`, host, fault: fault(program), state })),
  );
  it.for(cases)("$title", { timeout: LIMIT_MS }, async ({ host, fault, state }, { onTestFinished }) => {
    const story = await begun(onTestFinished);
    await grownStorage(story);
    await story.says(resize);
    await story.shows("Resize ps-1");
    await story.hosts.fault(host, fault);
    await story.clicks("Confirm");
    await story.shows(new RegExp(`Resize ps-1${state.source}`), "Not done", host);
    expect(recordedBytes(story)).toBe(2 * TIBIBYTE);
    await story.hosts.heal(host);
    await story.says(resize);
    await story.clicks("Confirm");
    const end = await story.shows("Resize ps-1: done (op-3)");
    for (const each of HOSTS) expect(textIn(end)).toMatch(new RegExp(`${each} .* 3\\.30 TB`));
    expect(await pvresizes(story)).toHaveLength(1);
    expect(recordedBytes(story)).toBe(3 * TIBIBYTE);
  });
});
