import { describe, expect } from "vitest";
import { startLockspace } from "../../src/host/lvmlockctl.ts";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { ending, itAtLength, luns, meanwhileMs, patient } from "./target.ts";
import { addsStorage, changes, HOST1, HOST2, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);
const GIBIBYTE = 1024 ** 3;
const destroyed = async (story: Story) =>
  (await story.hosts.changes()).flatMap(
    (line) => /: (lvremove|vgremove|pvremove) .*?(\S+)$/.exec(line)?.slice(1, 3).join(" ") ?? [],
  );
const storages = (story: Story) => story.bot.world.inventory.current().primaryStorages;

/** ps-1 with two volumes and without a cluster. Returns its UUID. */
async function isDetached(story: Story, volumes: readonly string[] = ["vol-1", "vol-2"]): Promise<string> {
  const detaches = async () => {
    await addsStorage(story);
    const group = storageIn(story).uuid;
    for (const name of volumes) await story.hosts.makesVolume(group, name, GIBIBYTE, ["gold"]);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
  };
  await story.beginsWith(`ps-1-detached-with-${volumes.join("-")}`, detaches, "simulated");
  return storageIn(story).uuid;
}

describe.concurrent("sharedblock delete", { timeout: LIMIT_MS }, () => {
  itAtLength("when it is detached and empty, and its LUN is free again", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const group = await isDetached(story, []);
    await story.says("/zstack sharedblock delete ps-1");
    const plan = await story.shows(
      "Delete ps-1",
      new RegExp(`done by:\\s+${HOST1}`),
      "vgremove",
      "pvremove",
      "no LVM label",
    );
    expect(textIn(plan)).not.toContain("Would be destroyed");
    expect(await destroyed(story)).toEqual([]);
    await story.clicks("Confirm");
    expect(await story.sends("ps-2")).toHaveProperty("typed");
    expect(await story.sends("ps-1")).toEqual({});
    await story.shows("Delete ps-1: done");
    expect(await destroyed(story)).toEqual([`vgremove ${group}`, expect.stringContaining("pvremove ")]);
    expect(storages(story)).toEqual([]);
    expect(await story.hosts.signatures(luns.blank)).toEqual([]);
    await story.says("/zstack sharedblock delete ps-1");
    await story.shows("Nothing was changed", 'Storage "ps-1" does not exist');
    // LVM leaves some bytes: the LUN is free, but not blank.
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1 wipe=true`);
    await story.confirms(ending(luns.blank));
    await story.shows("Add ps-1 to cluster-1: done");
  });

  itAtLength("with its volumes, each shown in the plan with size and tags", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const group = await isDetached(story);
    await story.says("/zstack sharedblock delete ps-1");
    await story.shows(
      "Nothing was changed",
      "2 volumes are on it: vol-1, vol-2",
      "/zstack sharedblock delete ps-1 volumes=destroy",
    );
    await story.says("/zstack sharedblock volumes ps-1");
    await story.shows("2 volumes on ps-1");
    await story.says(`/zstack sharedblock delete ps-1 volumes=destroy host=${HOST2}`);
    await story.shows(
      "Delete ps-1",
      new RegExp(`done by:\\s+${HOST2}`),
      "vol-1 none none 1.07 GB gold",
      "vol-2 none none 1.07 GB",
    );
    await story.confirms("ps-1");
    await story.shows("Delete ps-1: done");
    expect((await destroyed(story)).slice(0, 3)).toEqual([
      `lvremove ${group}/vol-1`,
      `lvremove ${group}/vol-2`,
      `vgremove ${group}`,
    ]);
    const steps = (await story.audit()).flatMap(({ event }) => (event.kind === "began" ? [event] : []));
    const hosts = steps.filter((step) => step.effect === "destroy").map((step) => step.host);
    // The first host ran vgcreate.
    expect(new Set(hosts.slice(1))).toEqual(new Set([HOST2]));
  });

  itAtLength("not while it is attached, open, or in use by a host", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.says("/zstack sharedblock delete ps-1 volumes=destroy");
    await story.shows(
      "Nothing was changed",
      "it is attached to cluster-1",
      "/zstack sharedblock detach ps-1 cluster-1",
    );
    const group = storageIn(story).uuid;
    await story.hosts.makesVolume(group, "vol-1", GIBIBYTE);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    // A person starts the locks and a VM without the bot.
    await byHand(story, HOST2, startLockspace(group).argv);
    const machine = { name: "web-1", volumeGroup: group, volume: "vol-1", heedsShutdown: true };
    await story.hosts.startsVm(HOST2, machine);
    await story.says("/zstack sharedblock delete ps-1 volumes=destroy");
    await story.shows("Nothing was changed", `vol-1 is active on ${HOST2}, open 1 × by web-1`);
    await story.says(`/zstack sharedblock delete ps-1 volumes=destroy host=${HOST1}`);
    await story.shows(
      "Nothing was changed",
      `${HOST2} is still in the lockspace of ps-1`,
      "/zstack sharedblock detach ps-1 cluster-1",
    );
    expect(await destroyed(story)).toEqual([]);
  });

  itAtLength("not if a LUN can't be seen, and data of other owners is not touched", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await isDetached(story, []);
    await story.hosts.takes(luns.blank, HOST1);
    await story.says(`/zstack sharedblock delete ps-1 host=${HOST1}`);
    await story.shows("Nothing was changed", `${HOST1} does not see ${luns.blank}`);
    await story.says("/zstack sharedblock delete ps-1");
    await story.shows("Delete ps-1", new RegExp(`done by:\\s+${HOST2}`));
    await story.hosts.maps(luns.blank, HOST1);
    // Another person has made a file system there since then: only our record is removed.
    await story.hosts.formats(luns.blank, "theirs");
    await story.says("/zstack sharedblock delete ps-1");
    await story.shows("Delete ps-1", "gone already", "stays as it is");
    await story.confirms("");
    await story.shows("Delete ps-1: done");
    expect(await destroyed(story)).toEqual([]);
    expect(storages(story)).toEqual([]);
    expect(await story.hosts.signatures(luns.blank)).toEqual([expect.stringMatching(/^ext4 /)]);
  });

  itAtLength("is refused at the last moment if a volume was made after the plan", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const group = await isDetached(story, ["vol-1"]);
    await story.says("/zstack sharedblock delete ps-1 volumes=destroy");
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, { kind: "slow", ms: meanwhileMs });
    expect(await story.sends("ps-1")).toEqual({});
    await story.begins("lvremove ");
    await story.hosts.makesVolume(group, "vol-9", GIBIBYTE);
    await story.shows(/Delete ps-1: (failed|refused)/, "vol-9");
    expect((await destroyed(story)).some((line) => line.startsWith("vgremove"))).toBe(false);
    expect(await story.hosts.volumes(group)).toEqual(["vol-9"]);
  });

  itAtLength("also if it was only claimed, and the content of its LUN stays", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const before = await story.hosts.signatures(luns.orphan);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, { kind: "fails", program: "dd", exitCode: 1, stderr: "No space left on device" });
    await story.sends(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: failed");
    await story.hosts.heal(HOST1);
    await changes(story, "sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1: done");
    await story.says("/zstack sharedblock delete ps-1");
    await story.shows("Delete ps-1", "stays as it is");
    await story.confirms("");
    await story.shows("Delete ps-1: done");
    expect(storages(story)).toEqual([]);
    expect(await story.hosts.signatures(luns.orphan)).toEqual(before);
  });
});

describe.concurrent("sharedblock delete, interrupted: the same command finishes it", { timeout: LIMIT_MS }, () => {
  const words = "/zstack sharedblock delete ps-1 volumes=destroy";
  const steps: readonly [program: string, argument?: string][] = [
    ["vgchange", "--lockstart"],
    ["lvremove"],
    ["vgremove"],
    ["pvremove"],
  ];
  const interruptions: readonly (readonly [string, (program: string, argument: object) => Fault, string])[] = [
    [
      "fails",
      (program, argument) => ({ kind: "fails", program, ...argument, exitCode: 5, stderr: "I/O error" }),
      "failed",
    ],
    [
      "is cut off before",
      (program, argument) => ({ kind: "cut during", program, ...argument, after: "before" }),
      "unknown",
    ],
    [
      "is cut off after",
      (program, argument) => ({ kind: "cut during", program, ...argument, after: "effect" }),
      "unknown",
    ],
  ];
  const interrupted = steps.flatMap(([program, argument]) =>
    interruptions.map(([what, fault, state]) => ({
      title: `${program} ${what}`,
      fault: fault(program, argument === undefined ? {} : { argument }),
      state,
    })),
  );
  const unproven: Fault = { kind: "fails", program: "wipefs", argument: "--json", exitCode: 1, stderr: "I/O error" };
  const cases = [...interrupted, { title: "the proof that the label is gone fails", fault: unproven, state: "failed" }];
  itAtLength.for(rowsOf(cases))("$title", async ({ fault, state }, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const group = await isDetached(story);
    await story.says(words);
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, fault);
    expect(await story.sends("ps-1")).toEqual({});
    await story.shows(`Delete ps-1: ${state}`, "Not done", HOST1);
    expect(storages(story)).toHaveLength(1);
    await story.hosts.heal(HOST1);
    await story.says(words);
    await story.confirms("ps-1");
    await story.shows("Delete ps-1: done");
    expect(await destroyed(story)).toEqual([
      `lvremove ${group}/vol-1`,
      `lvremove ${group}/vol-2`,
      `vgremove ${group}`,
      expect.stringMatching(/^pvremove /),
    ]);
    expect(storages(story)).toEqual([]);
    expect(await story.hosts.signatures(luns.blank)).toEqual([]);
  });
});
