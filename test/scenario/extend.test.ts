import { describe, expect } from "vitest";
import { fileSystem } from "../../src/local/san/content.ts";
import type { Fault } from "../../src/local/san/fault.ts";
import { byHand } from "./by-hand.ts";
import { Story, textIn } from "./story.ts";
import { itSimulated as it, luns } from "./target.ts";
import { addsStorage, changes, HOST1, HOST2, HOST3, hasTwoClusters, storageIn } from "./two-clusters.ts";

const LIMIT_MS = 60_000;
const extend = `/zstack sharedblock extend ps-1 wwid=${luns.orphan} wipe=true`;
const destroyed = async (story: Story) =>
  (await story.hosts.changes())
    .filter((line) => /: (wipefs --all -- |vgextend )/.test(line))
    .map((line) => line.split(" ").slice(0, 2).join(" "));
const wwidsOf = (story: Story) => storageIn(story).sharedBlocks.map(({ wwid }) => wwid);

describe.concurrent("a storage grows by a LUN", () => {
  it("that held something: kept, wiped and taken in, seen by every host", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.says(extend);
    const plan = await story.shows("Extend ps-1", "LVM2_member", "zUbBDF-i1Sg", "vgextend --metadatasize 2048m");
    expect(textIn(plan)).toContain("is lost");
    expect(await destroyed(story)).toEqual([]);
    await story.clicks("Confirm");
    expect(await story.sends("wrong!")).toHaveProperty("typed");
    expect(await story.sends("bbe00a")).toEqual({});
    const end = await story.shows("Extend ps-1: done", "Backup of", "Capacity");
    for (const host of [HOST1, HOST2, HOST3]) expect(textIn(end)).toMatch(new RegExp(`${host} 2\\.20 TB.* 4\\.39 TB`));
    expect(await destroyed(story)).toEqual([`${HOST1}: wipefs`, `${HOST1}: vgextend`]);
    expect(wwidsOf(story)).toEqual([luns.blank, luns.orphan]);
    expect(storageIn(story).sharedBlocks.map(({ addedAt }) => addedAt)).not.toContain(null);
    await story.says("/zstack sharedblock show ps-1");
    await story.shows("Primary storage ps-1", luns.orphan, `${HOST3} Connected`);
  });

  it("that is blank, without a form to fill in; and by several at once", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    const another = "36f011af000d5c3e70000166e5ab82199";
    story.san.array.offer({ wwid: another, sizeBytes: 20 * 1024 ** 3 });
    for (const host of [HOST1, HOST2, HOST3]) story.san.array.map(another, host);
    await changes(story, `sharedblock extend ps-1 wwid=${another},${luns.failedPath}`, true);
    // Smaller metadata on a small LUN.
    const end = await story.shows("Extend ps-1: done");
    expect(textIn(end)).not.toContain("Backup of");
    const extended = (await story.hosts.changes()).filter((line) => line.includes(": vgextend "));
    expect(extended).toHaveLength(2);
    expect(extended.filter((line) => line.includes("--metadatasize 1280m"))).toHaveLength(1);
    expect(wwidsOf(story)).toHaveLength(3);
  });

  it("that is in its group already, put there by somebody else: it is recorded", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    const device = `/dev/disk/by-id/dm-uuid-mpath-${luns.failedPath}`;
    await byHand(story, HOST1, ["vgextend", storageIn(story).uuid, device]);
    await changes(story, `sharedblock extend ps-1 wwid=${luns.failedPath}`, true);
    await story.shows("Extend ps-1: done");
    expect(wwidsOf(story)).toEqual([luns.blank, luns.failedPath]);
    expect(storageIn(story).sharedBlocks.map(({ addedAt }) => addedAt)).not.toContain(null);
    expect((await destroyed(story)).filter((line) => line.endsWith("vgextend"))).toHaveLength(1);
  });

  it("of every cluster that it is attached to, not only of the first", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await hasTwoClusters(story);
    await addsStorage(story);
    await changes(story, "sharedblock attach ps-1 cluster-2");
    await story.shows("Attach ps-1 to cluster-2: done");
    await story.says(`/zstack sharedblock extend ps-1 wwid=${luns.notEverywhere}`);
    await story.shows("Refused", `${HOST3} does not see ${luns.notEverywhere}`);
    await changes(story, `sharedblock extend ps-1 wwid=${luns.failedPath}`, true);
    await story.shows("Extend ps-1: done", `${HOST3} 2.20 TB`);
  });
});

describe.concurrent("a storage is not extended", () => {
  const refusals: [what: string, words: string, ...why: (string | RegExp)[]][] = [
    ["by a LUN that holds something", `wwid=${luns.orphan}`, "LVM2_member", "add wipe=true"],
    ["by a mounted LUN", `wwid=${luns.mounted} wipe=true`, `mounted on ${HOST2} at /mnt/backup`],
    ["by a LUN of another volume group", `wwid=${luns.ofAnotherGroup} wipe=true`, "volume group vg_archive"],
    ["by a LUN with partitions", `wwid=${luns.partitioned} wipe=true`, "has partitions"],
    ["by a LUN that a host does not see", `wwid=${luns.notEverywhere}`, `${HOST3} does not see`],
    ["by its own LUN", `wwid=${luns.blank} wipe=true`, "is a shared block since", "sharedblock show ps-1"],
    ["by a LUN that nobody sees", "wwid=36f011af000d5c3e70000166e5ab82174", "no host sees a LUN", "nearest"],
  ];
  it.for(refusals)("%s", { timeout: LIMIT_MS }, async ([_what, words, ...why], { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.says(`/zstack sharedblock extend ps-1 ${words}`);
    await story.shows(/Refused|Not possible/, ...why);
    expect(await destroyed(story)).toEqual([]);
    expect(wwidsOf(story)).toEqual([luns.blank]);
  });

  it("nor made of LUNs with sectors of different sizes, which LVM would refuse once they were wiped", {
    timeout: LIMIT_MS,
  }, async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const large = "36f011af000d5c3e70000166e5ab82199";
    const content = fileSystem("xfs", "old");
    story.san.array.offer({ wwid: large, sizeBytes: 20 * 1024 ** 3, logicalSectorBytes: 4096, content });
    for (const host of [HOST1, HOST2, HOST3]) story.san.array.map(large, host);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.failedPath},${large} name=ps-1 wipe=true`);
    await story.shows("Refused", "sectors of different sizes", `${luns.failedPath} 512 bytes`, `${large} 4096 bytes`);
    await addsStorage(story);
    await story.says(`/zstack sharedblock extend ps-1 wwid=${large} wipe=true`);
    await story.shows("Refused", "sectors of different sizes", `${luns.blank} 512 bytes`, `${large} 4096 bytes`);
    expect(story.san.array.lun(large).content.signatures).toHaveLength(1);
    expect(await destroyed(story)).toEqual([]);
  });

  it("while it shall take no volumes, or a host can't be read, or none holds its locks", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.hosts.fault(HOST2, { kind: "down" });
    await story.says(extend);
    await story.shows("Refused", `${HOST2} can't be read`, "sharedblock reconnect ps-1");
    await story.hosts.heal(HOST2);
    await changes(story, "sharedblock disable ps-1");
    await story.shows("Disable ps-1: done");
    await story.says(extend);
    await story.shows("Refused", "ps-1 is in state Disabled", "sharedblock enable ps-1");
    expect(await destroyed(story)).toEqual([]);
  });

  it("when the LUN changed after the plan was read", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.says(extend);
    await story.clicks("Confirm");
    story.san.array.mount(luns.orphan, HOST2, "/mnt/x");
    await story.sends("bbe00a");
    await story.shows(": refused", "mounted on");
    expect(await destroyed(story)).toEqual([]);
  });

  it("and a storage that an extension left half done is no place for another", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.says(extend);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, { kind: "fails", program: "vgextend", exitCode: 5, stderr: "I/O error" });
    await story.sends("bbe00a");
    await story.shows("Extend ps-1: failed");
    await story.hosts.heal(HOST1);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-2 wipe=true`);
    await story.shows("Refused", "has the Shared Block storage ps-1 already");
  });
});

describe.concurrent("whatever interrupts an extension, the same words finish it", () => {
  const steps: [program: string, argument?: string][] = [
    ["mkdir"],
    ["dd"],
    ["wipefs", "--no-act"],
    ["wipefs", "--all"],
    ["vgextend"],
  ];
  const interruptions: [string, (program: string, argument: string | undefined) => Fault, RegExp][] = [
    [
      "fails",
      (program, argument) => ({ kind: "fails", ...of(program, argument), exitCode: 5, stderr: "I/O error" }),
      /: failed/,
    ],
    [
      "is cut off before it began",
      (program, argument) => ({ kind: "cut during", ...of(program, argument), after: "before" }),
      /: unknown/,
    ],
    [
      "is cut off after it was done",
      (program, argument) => ({ kind: "cut during", ...of(program, argument), after: "effect" }),
      /: unknown/,
    ],
  ];
  const cases = steps.flatMap(([program, argument]) =>
    interruptions.map(([what, fault, state]) => ({
      title: [program, argument, what].filter(Boolean).join(" "),
      fault: fault(program, argument),
      state,
    })),
  );
  it.for(cases)("$title", { timeout: LIMIT_MS }, async ({ fault, state }, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.says(extend);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, fault);
    await story.sends("bbe00a");
    await story.shows(new RegExp(`Extend ps-1${state.source}`), "Not done", HOST1);
    expect(storageIn(story).sharedBlocks[1]?.addedAt).toBeNull();
    await story.hosts.heal(HOST1);
    await story.says(extend);
    await story.confirms("bbe00a");
    await story.shows("Extend ps-1: done (op-3)");
    expect(await destroyed(story)).toEqual([`${HOST1}: wipefs`, `${HOST1}: vgextend`]);
    expect(storageIn(story).sharedBlocks[1]?.addedAt).not.toBeNull();
  });
});

const of = (program: string, argument: string | undefined) =>
  argument === undefined ? { program } : { program, argument };
