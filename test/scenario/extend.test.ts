import { describe, expect } from "vitest";
import { fileSystem } from "../../src/simulator/san/content.ts";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { ending, itAtLength, itSimulated, luns, patient } from "./target.ts";
import { addsStorage, addsStorageBesideCluster2, changes, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);
const extend = `/zstack sharedblock extend ps-1 wwid=${luns.orphan} wipe=true`;
const destroyed = async (story: Story) =>
  (await story.hosts.changes())
    .filter((line) => /: (wipefs --all -- |vgextend )/.test(line))
    .map((line) => line.split(" ").slice(0, 2).join(" "));
const lvmUuid = /\w{6}(-\w{4}){5}-\w{6}/;
/** How many times as large a host reads the group afterwards. */
/** How many times as large the group is as before; all hosts agree where it is said once. */
const grown = (text: string): number => {
  const [, before, now] = /Capacity on all 3 hosts: +([\d.]+) [TG]B .*? ([\d.]+) [TG]B \(/.exec(text) ?? [];
  return Number(now) / Number(before);
};
const wwidsOf = (story: Story) => storageIn(story).sharedBlocks.map(({ wwid }) => wwid);

describe.concurrent("sharedblock extend: a storage grows by a LUN", { timeout: LIMIT_MS }, () => {
  itAtLength("with data: backed up, wiped and added, seen by every host", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.says(extend);
    const plan = await story.shows("Extend ps-1", "LVM2_member", lvmUuid, "vgextend --metadatasize");
    expect(textIn(plan)).toContain("is lost");
    expect(await destroyed(story)).toEqual([]);
    await story.clicks("Confirm");
    expect(await story.sends("wrong!")).toHaveProperty("typed");
    expect(await story.sends(ending(luns.orphan))).toEqual({});
    const end = await story.shows("Extend ps-1: done", "Backup of", "Capacity");
    expect(grown(textIn(end))).toBeGreaterThan(1.9);
    expect(await destroyed(story)).toEqual([`${HOST1}: wipefs`, `${HOST1}: vgextend`]);
    expect(wwidsOf(story)).toEqual([luns.blank, luns.orphan]);
    expect(storageIn(story).sharedBlocks.map(({ addedAt }) => addedAt)).not.toContain(null);
    await story.says("/zstack sharedblock show ps-1");
    await story.shows("Primary storage ps-1", luns.orphan, `${HOST3} Connected`);
  });

  itAtLength("that is blank, without a form to fill in", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await changes(story, `sharedblock extend ps-1 wwid=${luns.failedPath}`, true);
    const end = await story.shows("Extend ps-1: done");
    expect(textIn(end)).not.toContain("Backup of");
    expect(await destroyed(story)).toEqual([`${HOST1}: vgextend`]);
    expect(wwidsOf(story)).toEqual([luns.blank, luns.failedPath]);
  });

  itAtLength("and by several at once, one of them with data", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.says(`/zstack sharedblock extend ps-1 wwid=${luns.orphan},${luns.failedPath} wipe=true`);
    await story.confirms(ending(luns.orphan));
    await story.shows("Extend ps-1: done", "Backup of");
    expect((await destroyed(story)).sort()).toEqual([`${HOST1}: vgextend`, `${HOST1}: vgextend`, `${HOST1}: wipefs`]);
    expect(wwidsOf(story).sort()).toEqual([luns.blank, luns.failedPath, luns.orphan].sort());
  });

  // All LUNs of the lab that are large enough are of one size.
  itSimulated("each with metadata that fits its size", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    const another = "36f011af000d5c3e70000166e5ab82199";
    story.san.array.offer({ wwid: another, sizeBytes: 20 * 1024 ** 3 });
    for (const host of [HOST1, HOST2, HOST3]) story.san.array.map(another, host);
    await changes(story, `sharedblock extend ps-1 wwid=${another},${luns.failedPath}`, true);
    await story.shows("Extend ps-1: done");
    const extended = (await story.hosts.changes()).filter((line) => line.includes(": vgextend "));
    expect(extended).toHaveLength(2);
    expect(extended.filter((line) => line.includes("--metadatasize 1280m"))).toHaveLength(1);
    expect(wwidsOf(story)).toHaveLength(3);
  });

  itAtLength("that another person already added to its group: it is recorded", async ({ onTestFinished }) => {
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

  itAtLength("of every cluster that it is attached to, not only of the first", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorageBesideCluster2(story);
    await changes(story, "sharedblock attach ps-1 cluster-2");
    await story.shows("Attach ps-1 to cluster-2: done");
    await story.arranges("notEverywhere");
    await story.says(`/zstack sharedblock extend ps-1 wwid=${luns.notEverywhere}`);
    await story.shows("Nothing was changed", `${HOST3} does not see ${luns.notEverywhere}`);
    await story.hosts.maps(luns.notEverywhere, HOST3);
    await changes(story, `sharedblock extend ps-1 wwid=${luns.failedPath}`, true);
    await story.shows("Extend ps-1: done", "Capacity on all 3 hosts");
  });
});

describe.concurrent("sharedblock extend refuses", { timeout: LIMIT_MS }, () => {
  // All LUNs of the lab have sectors of 512 bytes.
  itSimulated(
    "by a LUN with another sector size, which LVM would reject only after the wipe",
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      const large = "36f011af000d5c3e70000166e5ab82199";
      const content = fileSystem("xfs", "old");
      story.san.array.offer({ wwid: large, sizeBytes: 20 * 1024 ** 3, logicalSectorBytes: 4096, content });
      for (const host of [HOST1, HOST2, HOST3]) story.san.array.map(large, host);
      await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.failedPath},${large} name=ps-1 wipe=true`);
      await story.shows(
        "Nothing was changed",
        "LUNs with different sector sizes can't be one volume group",
        `${luns.failedPath} 512 bytes`,
        `${large} 4096 bytes`,
      );
      await addsStorage(story);
      await story.says(`/zstack sharedblock extend ps-1 wwid=${large} wipe=true`);
      await story.shows(
        "Nothing was changed",
        "LUNs with different sector sizes can't be one volume group",
        `${luns.blank} 512 bytes`,
        `${large} 4096 bytes`,
      );
      expect(story.san.array.lun(large).content.signatures).toHaveLength(1);
      expect(await destroyed(story)).toEqual([]);
    },
  );

  itAtLength("while it is disabled, or a host can't be read, or no host has its locks", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.hosts.fault(HOST2, { kind: "down" });
    await story.says(extend);
    await story.shows("Nothing was changed", `${HOST2} can't be read`, "sharedblock reconnect ps-1");
    await story.hosts.heal(HOST2);
    await changes(story, "sharedblock disable ps-1");
    await story.shows("Disable ps-1: done");
    await story.says(extend);
    await story.shows("Nothing was changed", "the desired state of ps-1 is Disabled", "sharedblock enable ps-1");
    expect(await destroyed(story)).toEqual([]);
  });

  itAtLength("if the LUN changed after the plan was read", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.says(extend);
    await story.clicks("Confirm");
    await story.hosts.formats(luns.orphan, "new");
    await story.hosts.mounts(luns.orphan, HOST2, "/mnt/new");
    await story.sends(ending(luns.orphan));
    await story.shows(": refused", "mounted on");
    expect(await destroyed(story)).toEqual([]);
  });

  itAtLength("a storage with an unfinished extension", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.says(extend);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, { kind: "fails", program: "vgextend", exitCode: 5, stderr: "I/O error" });
    await story.sends(ending(luns.orphan));
    await story.shows("Extend ps-1: failed");
    await story.hosts.heal(HOST1);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-2 wipe=true`);
    await story.shows("Nothing was changed", "has the storage ps-1 already");
  });
});

describe.concurrent("sharedblock extend, interrupted: the same command finishes it", { timeout: LIMIT_MS }, () => {
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
  itAtLength.for(rowsOf(cases))("$title", async ({ fault, state }, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.says(extend);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, fault);
    await story.sends(ending(luns.orphan));
    await story.shows(new RegExp(`Extend ps-1${state.source}`), "Not done", HOST1);
    expect(storageIn(story).sharedBlocks[1]?.addedAt).toBeNull();
    await story.hosts.heal(HOST1);
    await story.says(extend);
    await story.confirms(ending(luns.orphan));
    await story.shows("Extend ps-1: done (op-3)");
    expect(await destroyed(story)).toEqual([`${HOST1}: wipefs`, `${HOST1}: vgextend`]);
    expect(storageIn(story).sharedBlocks[1]?.addedAt).not.toBeNull();
  });
});

const of = (program: string, argument: string | undefined) =>
  argument === undefined ? { program } : { program, argument };
