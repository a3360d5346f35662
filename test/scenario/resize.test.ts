import { describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { formatBytes } from "../../src/storage/size.ts";
import { mapOf } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { itAtLength, itInFull, itSimulated, luns, patient } from "./target.ts";
import { addsStorage, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);
const HOSTS = [HOST1, HOST2, HOST3];
const resize = "/zstack sharedblock resize ps-1";
const pvresizes = async (story: Story) => (await story.hosts.changes()).filter((line) => line.includes(": pvresize "));
const recordedBytes = (story: Story) => storageIn(story).sharedBlocks[0]?.sizeBytes ?? 0;

/** The LUN's size, its new size on the array, and both as text. */
interface Growth {
  readonly before: number;
  readonly after: number;
  readonly small: string;
  readonly large: string;
}

/** ps-1 on the blank LUN; the array then makes it half as large again, which no host has noticed yet. */
async function grownStorage(story: Story): Promise<Growth> {
  await addsStorage(story);
  const before = recordedBytes(story);
  const after = before * 1.5;
  await story.hosts.grows(luns.blank, after);
  return { before, after, small: formatBytes(before), large: formatBytes(after) };
}

/** The group's capacity that the host is said to read now, as a share of the LUN: LVM keeps a little of it for itself. */
function shareRead(text: string, { large }: Growth): number {
  const [, now] = /Capacity on all 3 hosts: .*? → ([\d.]+) .B /.exec(text) ?? [];
  return Number(now) / Number.parseFloat(large);
}

async function begun(onTestFinished: (end: () => Promise<void>) => void): Promise<Story> {
  const story = await Story.begin();
  onTestFinished(() => story.ends());
  return story;
}

describe.concurrent("sharedblock resize: a storage follows a LUN that the array enlarged", () => {
  itAtLength(
    "on every path and map of every host, and once in the group",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      const growth = await grownStorage(story);
      const { after, small, large } = growth;
      await story.says(resize);
      const plan = textIn(await story.shows("Resize ps-1", "array offers", large, small));
      // On the third host the same LUN has another alias.
      for (const host of HOSTS) {
        const { name } = await mapOf(story, host, luns.blank);
        expect(plan).toMatch(new RegExp(`${host}[\\s\\S]*multipathd resize map ${name}`));
      }
      expect((await story.hosts.changes()).filter((line) => line.includes("/rescan"))).toEqual([]);
      await story.clicks("Confirm");
      const end = await story.shows("Resize ps-1: done", "Capacity");
      expect(shareRead(textIn(end), growth)).toBeCloseTo(1, 1);
      expect(await pvresizes(story)).toHaveLength(1);
      expect(recordedBytes(story)).toBe(after);
      await story.says("/zstack lun list cluster-1");
      expect(textIn(await story.shows("LUNs on 3 hosts"))).toMatch(new RegExp(`…${luns.blank.slice(-6)} .* ${large} `));
      await story.says(resize);
      await story.shows("Nothing was changed", "nothing grew", large);
    },
  );

  itAtLength("also if some hosts have noticed it already", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    const growth = await grownStorage(story);
    for (const host of [HOST1, HOST2]) await story.hosts.learnsSize(luns.blank, host);
    const before = (await story.hosts.changes()).length;
    await story.says(`${resize} ${luns.blank}`);
    await story.clicks("Confirm");
    const end = await story.shows("Resize ps-1: done", "Capacity");
    expect(shareRead(textIn(end), growth)).toBeCloseTo(1, 1);
    const rescans = (await story.hosts.changes()).slice(before).filter((line) => line.includes("/rescan"));
    expect(rescans.map((line) => line.split(":")[0])).toEqual([HOST3]);
    expect(await pvresizes(story)).toHaveLength(1);
  });

  itAtLength("also if multipathd was too busy to answer at once", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await grownStorage(story);
    await story.hosts.fault(HOST2, {
      kind: "fails",
      program: "multipathd",
      argument: "resize",
      exitCode: 1,
      stderr: "timeout receiving packet",
      once: true,
    });
    await story.says(resize);
    await story.clicks("Confirm");
    await story.shows("Resize ps-1: done");
    const tries = (await story.audit()).flatMap(({ event }) =>
      event.kind === "began" && event.argv.slice(0, 2).join(" ") === "multipathd resize" ? [event.host] : [],
    );
    const timesOn = (host: string) => tries.filter((each) => each === host).length;
    expect(timesOn(HOST2)).toBe(timesOn(HOST1) + 1);
  });

  itInFull(
    "and reports if nothing grew, with the next step for a LUN that no host sees",
    {
      timeout: LIMIT_MS,
    },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await addsStorage(story);
      await story.says(`${resize} 36f011af000d5c3e70000166e5ab82174`);
      await story.shows("Nothing was changed", "no host sees a LUN of that name", "/zstack lun list cluster-1");
      await story.says(resize);
      await story.shows(
        "Nothing was changed",
        "nothing grew",
        formatBytes(recordedBytes(story)),
        "sharedblock show ps-1",
      );
    },
  );
});

describe.concurrent("sharedblock resize refuses", () => {
  itSimulated("if a map has joined two LUNs with one WWID", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await grownStorage(story);
    story.san.array.offerClone(luns.blank, HOST2);
    await story.says(resize);
    await story.shows("Nothing was changed", `${HOST2} has ${luns.blank} behind one target port as`);
    expect(await pvresizes(story)).toEqual([]);
  });

  itInFull(
    "while a path does not answer, which would keep the old size",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await grownStorage(story);
      await story.hosts.failsPath(luns.blank, HOST2);
      await story.says(resize);
      await story.shows("Nothing was changed", new RegExp(`${HOST2} gets no answer on sd[a-z]+ of ${luns.blank}`));
      expect(await pvresizes(story)).toEqual([]);
    },
  );

  // The lab's LUNs only grow.
  itInFull("if the array has made the LUN smaller", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    const before = recordedBytes(story);
    story.san.array.grow(luns.blank, before / 2, []);
    await story.says(resize);
    await story.shows("Nothing was changed", "the array offers less", "1.10 TB, not 2.20 TB");
    // Also when every host has noticed it.
    story.san.array.grow(luns.blank, before / 2);
    await story.says(resize);
    await story.shows("Nothing was changed", "less of", "than is in use (1.10 TB, not 2.20 TB)");
    expect(recordedBytes(story)).toBe(before);
  });

  itInFull(
    "with another storage's LUN, or without the tool that asks the array",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await grownStorage(story);
      await story.says(`${resize} ${luns.orphan}`);
      await story.shows("Nothing was changed", `${luns.orphan} is not a shared block of ps-1`);
      await story.hosts.fault(HOST3, { kind: "lacks", program: "sg_readcap" });
      await story.says(resize);
      await story.shows("Nothing was changed", `${HOST3}: sg_readcap is not installed`, "sg3_utils");
    },
  );

  itAtLength(
    "to resize the group while one path of one host keeps the old size",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      const { before } = await grownStorage(story);
      await story.says(resize);
      await story.shows("Resize ps-1");
      await story.hosts.fault(HOST2, { kind: "fails", program: "tee", exitCode: 1, stderr: "tee: Input/output error" });
      await story.clicks("Confirm");
      await story.shows("Resize ps-1: failed", "Input/output error");
      expect(await pvresizes(story)).toEqual([]);
      expect(recordedBytes(story)).toBe(before);
    },
  );
});

describe.concurrent("host rescan: a map takes its new size on each host alone", () => {
  itSimulated(
    "the other hosts continue if one host can't resize its map",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await story.hosts.grows(luns.partitioned, 5 * 1024 ** 4);
      await story.hosts.fault(HOST2, {
        kind: "fails",
        program: "multipathd",
        argument: "resize",
        exitCode: 1,
        stderr: "fail",
      });
      await story.says("/zstack host rescan cluster-1");
      const end = textIn(
        await story.shows("Rescan cluster-1: done", "Not done, and optional", "No new LUN appeared.", "5.50 TB now on"),
      );
      expect(end).toContain(`has 5.50 TB now on ${HOST1}, ${HOST3}.`);
    },
  );
});

describe.concurrent("sharedblock resize, interrupted: the same command finishes it", () => {
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
  itAtLength.for(rowsOf(cases))("$title", { timeout: LIMIT_MS }, async ({ host, fault, state }, { onTestFinished }) => {
    const story = await begun(onTestFinished);
    const growth = await grownStorage(story);
    const { before, after } = growth;
    await story.says(resize);
    await story.shows("Resize ps-1");
    await story.hosts.fault(host, fault);
    await story.clicks("Confirm");
    await story.shows(new RegExp(`Resize ps-1${state.source}`), "Not done", host);
    expect(recordedBytes(story)).toBe(before);
    await story.hosts.heal(host);
    await story.says(resize);
    await story.clicks("Confirm");
    const end = await story.shows("Resize ps-1: done (op-3)");
    expect(shareRead(textIn(end), growth)).toBeCloseTo(1, 1);
    expect(await pvresizes(story)).toHaveLength(1);
    expect(recordedBytes(story)).toBe(after);
  });
});
