import { describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { textIn } from "./message-text.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { ending, itAtLength, luns, meanwhileMs, patient } from "./target.ts";
import { HOST1, HOST2, HOST3 } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);
const lun = luns.orphan;
const add = `/zstack sharedblock add cluster-1 wwid=${lun} name=ps-1 wipe=true`;
const rescue = `/zstack lun rescue ${lun}`;
const kept = /LVM2_member \w{6}(-\w{4}){5}-\w{6} at byte 536/;
const restores = async (story: Story) =>
  (await story.hosts.changes()).filter((line) => line.includes(": dd if=/var/lib/zstack-chatops/backup/"));

async function begun(onTestFinished: (end: () => Promise<void>) => void): Promise<Story> {
  const story = await Story.begin();
  onTestFinished(() => story.ends());
  return story;
}

/** The LUN is claimed and wiped, and then vgcreate fails. At this moment a person notices that it was the wrong LUN. */
const wiped = (story: Story, words = add): Promise<void> =>
  words === add
    ? story.beginsWith("orphan-wiped-in-vain", () => wipesInVain(story, words), "simulated")
    : wipesInVain(story, words);

async function wipesInVain(story: Story, words: string): Promise<void> {
  await story.says(words);
  await story.clicks("Confirm");
  await story.hosts.fault(HOST1, { kind: "fails", program: "vgcreate", exitCode: 5, stderr: "I/O error" });
  expect(await story.sends(ending(lun))).toEqual({});
  await story.shows("Add ps-1 to cluster-1: failed", "Backup of");
  await story.hosts.heal(HOST1);
}

/** The same on a host with a wipefs that can't make backups. */
async function wipedByOldWipefs(story: Story): Promise<void> {
  await story.hosts.fault(HOST1, {
    kind: "invalid output",
    program: "wipefs",
    argument: "--help",
    stdout: "Usage:\n wipefs [options] <device>\n",
  });
  await wiped(story);
}

const signatures = (story: Story) => story.hosts.signatures(lun);

describe.concurrent("lun rescue: a LUN that was wiped by mistake", { timeout: LIMIT_MS }, () => {
  itAtLength("is found by each of its names in /dev/disk/by-id, and by its WWID", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await wiped(story);
    for (const name of [`scsi-${lun}`, `wwn-0x${lun.slice(1)}`, `/dev/disk/by-id/dm-uuid-mpath-${lun}`]) {
      await story.says(`/zstack lun rescue ${name}`);
      await story.shows(`Rescue ${lun}`, kept);
      await story.clicks("Cancel");
      await story.shows(": cancelled");
    }
  });

  itAtLength("gets its signatures back, and its claim is cancelled", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    const before = await signatures(story);
    await wiped(story);
    expect(await signatures(story)).toEqual([]);
    await story.says(rescue);
    const plan = await story.shows(`Rescue ${lun}`, kept, "is restored", "seek=0", "reserved for ps-1");
    expect(textIn(plan)).toContain(`${HOST1}:/var/lib/zstack-chatops/backup/${lun}-`);
    expect(await restores(story)).toEqual([]);
    await story.clicks("Confirm");
    expect(await story.sends("wrong!")).toHaveProperty("typed");
    expect(await story.sends(ending(lun))).toEqual({});
    const end = await story.shows(`Rescue ${lun}: done`, "Read from the disk");
    expect(textIn(end)).toContain(`${HOST1}, ${HOST2}, ${HOST3} signatures: ${before.join()} at byte 536`);
    expect(await signatures(story)).toEqual(before);
    expect(story.bot.world.inventory.current().primaryStorages).toEqual([]);
    await story.says("/zstack lun list cluster-1");
    expect(textIn(await story.shows("LUNs on 3 hosts"))).toMatch(new RegExp(`orphan PV \\w{6}-.*${lun}`));
    await story.says(rescue);
    await story.shows("Nothing was changed", "is on the LUN");
  });

  itAtLength("also if only an extension had claimed it: the storage keeps the rest", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1`);
    await story.confirms("");
    await story.shows("Add ps-1 to cluster-1: done");
    await story.says(`/zstack sharedblock extend ps-1 wwid=${lun} wipe=true`);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, { kind: "fails", program: "vgextend", exitCode: 5, stderr: "I/O error" });
    await story.sends(ending(lun));
    await story.shows("Extend ps-1: failed");
    await story.hosts.heal(HOST1);
    await story.says(rescue);
    await story.confirms(ending(lun));
    await story.shows(`Rescue ${lun}: done`);
    const blocks = story.bot.world.inventory.current().primaryStorages[0]?.sharedBlocks;
    expect(blocks?.map(({ wwid }) => wwid)).toEqual([luns.blank]);
  });

  itAtLength("from the backup that is asked for, or the latest that holds a signature", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await wiped(story);
    // The name of a backup's folder has the second of the command.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    // The second command backs up the beginning of the wiped LUN too. That backup is newer and has no signature.
    await wiped(story);
    await story.says(rescue);
    const plan = textIn(await story.shows(`Rescue ${lun}`, "no signature", kept));
    const folder = /backup\/\S+-(\d{14})/.exec(plan)?.[1];
    await story.says(`${rescue} at=20200101000000`);
    await story.shows("Nothing was changed", "there is no backup of 20200101000000", `${folder} on ${HOST1}`);
    await story.says(`${rescue} at=${folder}`);
    await story.confirms(ending(lun));
    await story.shows(`Rescue ${lun}: done`);
    expect(await signatures(story)).toHaveLength(1);
  });

  itAtLength(
    "also if wipefs was too old to back up signatures: then the beginning is restored",
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await wipedByOldWipefs(story);
      await story.says(rescue);
      const plan = await story.shows(`Rescue ${lun}`, "beginning.bin", "seek=0", `Bytes 0 to 2097151 of ${lun}`);
      expect(textIn(plan)).not.toContain("stays as it is");
      const before = (await story.hosts.changes()).length;
      await story.confirms(ending(lun));
      await story.shows(`Rescue ${lun}: done`, "Backup of");
      expect(await signatures(story)).toHaveLength(1);
      // The present content is backed up first, next to the backup that is written back.
      const [kept, restored] = (await story.hosts.changes()).slice(before).filter((line) => line.includes(": dd "));
      const [, copy] = /: dd if=\/dev\/\S+ of=(\S+beginning\.bin) /.exec(kept ?? "") ?? [];
      const [, source] = /: dd if=(\S+beginning\.bin) of=\/dev\//.exec(restored ?? "") ?? [];
      expect(copy).toBeDefined();
      expect(source).toBeDefined();
      expect(copy).not.toBe(source);
      await story.says(rescue);
      await story.shows("Nothing was changed", "is on the LUN");
    },
  );

  const interruptions: [string, Fault, RegExp][] = [
    ["fails", { kind: "fails", program: "dd", exitCode: 1, stderr: "I/O error" }, /: failed/],
    ["is cut off after it was done", { kind: "cut during", program: "dd", after: "effect" }, /: unknown/],
  ];
  itAtLength.for(rowsOf(interruptions))(
    "also when that copy %s and the words are typed again",
    async ([_what, fault, state], { onTestFinished }) => {
      const story = await begun(onTestFinished);
      await wipedByOldWipefs(story);
      await story.says(rescue);
      await story.clicks("Confirm");
      await story.hosts.fault(HOST1, fault);
      expect(await story.sends(ending(lun))).toEqual({});
      await story.shows(new RegExp(`Rescue ${lun}${state.source}`));
      expect(await restores(story)).toEqual([]);
      await story.hosts.heal(HOST1);
      await story.says(rescue);
      await story.confirms(ending(lun));
      await story.shows(`Rescue ${lun}: done (op-3)`);
      expect(await signatures(story)).toHaveLength(1);
    },
  );
});

describe.concurrent("lun rescue refuses", { timeout: LIMIT_MS }, () => {
  itAtLength("if there is no backup of it, or no host sees it", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await story.says(rescue);
    await story.shows("Nothing was changed", `no host keeps a backup of ${lun}`);
    await wiped(story);
    await story.hosts.takes(lun, HOST1);
    await story.says(rescue);
    await story.shows(
      "Nothing was changed",
      `${HOST1} keeps the backup`,
      "does not see the LUN",
      `host rescan ${HOST1}`,
    );
  });

  itAtLength("if it has become a shared block", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await story.says(add);
    await story.confirms(ending(lun));
    await story.shows("Add ps-1 to cluster-1: done");
    await story.says(rescue);
    await story.shows("Nothing was changed", "is a shared block of ps-1 since");
    expect(await restores(story)).toEqual([]);
  });

  itAtLength("if new data is on it, it is mounted, or a host can't be read", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await wiped(story);
    await story.hosts.fault(HOST3, { kind: "down" });
    await story.says(rescue);
    await story.shows("Nothing was changed", `${HOST3} can't be read`);
    await story.hosts.heal(HOST3);
    await story.hosts.formats(lun, "new");
    // Without a time, only the claim is cancelled, because there is nothing to write back.
    await story.says(rescue);
    const plan = textIn(await story.shows(`Rescue ${lun}`, 'has ext4 "new"', "so it does not change"));
    await story.clicks("Cancel");
    await story.shows(`Rescue ${lun}: cancelled`);
    expect(plan).not.toContain("dd if=");
    const time = JSON.stringify(await story.audit()).match(/backup\/\w+-(\d{14})/)?.[1];
    await story.says(`${rescue} at=${time}`);
    await story.shows("Nothing was changed", 'has ext4 "new"', "made after the backup");
    await story.hosts.mounts(lun, HOST2, "/mnt/new");
    await story.says(`${rescue} at=${time}`);
    await story.shows("Nothing was changed", `mounted on ${HOST2} at /mnt/new`);
    expect(await restores(story)).toEqual([]);
  });

  itAtLength("if something uses it between the plan and the write", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await wiped(story);
    await story.says(rescue);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, { kind: "slow", ms: meanwhileMs });
    expect(await story.sends(ending(lun))).toEqual({});
    await story.begins("dd if=/var/lib/zstack-chatops/backup/");
    await story.hosts.formats(lun, "new");
    await story.shows(`Rescue ${lun}: refused`, 'ext4 "new"');
    expect(await restores(story)).toEqual([]);
  });
});

describe.concurrent("lun rescue, interrupted: the same command finishes it", { timeout: LIMIT_MS }, () => {
  const of = { program: "dd" };
  const interruptions: [string, Fault, RegExp][] = [
    ["fails", { kind: "fails", ...of, exitCode: 1, stderr: "I/O error" }, /: failed/],
    ["is cut off before it began", { kind: "cut during", ...of, after: "before" }, /: unknown/],
    ["is cut off after it was done", { kind: "cut during", ...of, after: "effect" }, /: unknown/],
  ];
  itAtLength.for(rowsOf(interruptions))("dd %s", async ([_what, fault, state], { onTestFinished }) => {
    const story = await begun(onTestFinished);
    await wiped(story);
    await story.says(rescue);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, fault);
    expect(await story.sends(ending(lun))).toEqual({});
    await story.shows(new RegExp(`Rescue ${lun}${state.source}`), "Not done", HOST1);
    expect(story.bot.world.inventory.current().primaryStorages).toHaveLength(1);
    await story.hosts.heal(HOST1);
    await story.says(rescue);
    await story.confirms(ending(lun));
    await story.shows(`Rescue ${lun}: done (op-3)`);
    expect(await restores(story)).toHaveLength(1);
    expect(await signatures(story)).toHaveLength(1);
    expect(story.bot.world.inventory.current().primaryStorages).toEqual([]);
  });
});
