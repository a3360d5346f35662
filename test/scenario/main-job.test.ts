import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { listLockspaces } from "../../src/host/lvmlockctl.ts";
import { buttonsIn, decisionsIn, textIn } from "./message-text.ts";
import { alice, bob, Story } from "./story.ts";
import { ending, itAtLength, itSimulated, luns, pathsEach } from "./target.ts";

describe("sharedblock add: a LUN becomes shared block storage", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  itAtLength("from the Slack command to the disk, visible to all in the channel", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    const plan = await story.shows(
      "Add ps-1 to cluster-1",
      pathsEach,
      "LVM2_member",
      /\w{6}(-\w{4}){5}-\w{6}/,
      "wipefs --all",
      "vgcreate --shared",
    );
    expect(textIn(plan)).toContain("is lost");
    expect(await story.hosts.changes()).toEqual([]);

    await story.clicks("Confirm", bob);
    expect(await story.sends("wrong!", bob)).toHaveProperty("typed");
    expect(await story.sends(ending(luns.orphan), bob)).toEqual({});

    const end = await story.shows(
      "Add ps-1 to cluster-1: done",
      new RegExp(`Confirmed by\\s+<@${bob}>`),
      "Connected",
      "Backup of",
    );
    expect(end.ts).toBe(plan.ts);
    for (const host of ["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"]) {
      expect(await lockspaces(story, host)).toHaveLength(1);
    }
    await story.says("/zstack sharedblock show ps-1");
    await story.shows("Primary storage ps-1", "Enabled", "sharedblock-host3 Connected · sanlock host ids 1–3");

    const steps = (await story.audit()).map((entry) => entry.event).filter((event) => event.kind === "began");
    const destroying = steps.filter((step) => step.effect === "destroy").map((step) => step.argv[0]);
    expect(destroying).toEqual(["wipefs", "vgcreate"]);
  });

  itAtLength("without a form if the LUN is blank", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Add sharedblock-cluster-1 to cluster-1", "Blank");
    await story.clicks("Confirm");
    expect(await story.sends(null)).toEqual({});
    await story.shows("sharedblock-cluster-1 to cluster-1: done");
    expect((await story.audit()).some(({ event }) => event.kind === "began" && event.argv.includes("wipefs"))).toBe(
      false,
    );
  });

  itAtLength("of several LUNs at once", async () => {
    const failedPath = await story.arranges("failedPath");
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan},${luns.blank},${failedPath} wipe=true`);
    await story.shows("Add sharedblock-cluster-1 to cluster-1", "has only 2 of 3 paths", luns.blank);
    await story.confirms(ending(luns.orphan));
    await story.shows("sharedblock-cluster-1 to cluster-1: done");
    expect(story.bot.world.inventory.current().primaryStorages[0]?.sharedBlocks).toHaveLength(3);
  });

  // Real hosts don't count what they are asked.
  itSimulated("observed in three round trips a host (LUNs, users, content), with any number of LUNs", async () => {
    const execs = () => story.san.hosts.map(({ name }) => story.san.execs(name));
    const before = execs();
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan},${luns.blank} wipe=true`);
    await story.shows("Add sharedblock-cluster-1 to cluster-1", luns.blank);
    // The user of the third host is not root: a new connection begins with the question for the root helper.
    expect(execs().map((now, index) => now - (before[index] ?? 0))).toEqual([3, 3, 4]);
  });

  itAtLength("not if it is cancelled", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.clicks("Cancel");
    const message = await story.shows("cancelled", "No step was run");
    expect(buttonsIn(message).map(({ actionId }) => actionId)).not.toContain("confirm");
    expect((await story.audit()).some(({ event }) => event.kind === "began")).toBe(false);
  });

  itAtLength("runs once, with any number of clicks", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.clicks("Confirm", alice);
    await story.clicks("Confirm", bob);
    await Promise.all([story.sends(null, alice), story.sends(null, bob)]);
    await story.shows(": done");
    const vgcreates = (await story.audit()).filter(
      ({ event }) => event.kind === "began" && event.argv[0] === "vgcreate",
    );
    expect(vgcreates).toHaveLength(1);
  });

  itAtLength("survives a restart of the bot between the plan and the click", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Add sharedblock-cluster-1");
    await story.restartsBot();
    await story.clicks("Confirm");
    expect(await story.sends(null)).toEqual({});
    await story.shows(": done");
  });

  itAtLength("not if nobody confirms in time: the plan expires, says so, and can't be confirmed any more", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Confirm before");
    await restartsWithPlanThatLapsesIn(story, 1_000);
    const message = await story.shows(
      ": expired",
      "nobody confirmed it in time",
      `/zstack sharedblock add cluster-1 wwid=${luns.blank}`,
    );
    expect(decisionsIn(message)).toEqual([]);
    expect(story.bot.world.operations.get("op-1")?.state).toBe("expired");
  });

  itAtLength("while the bot that showed it is gone: the next bot lets only this plan expire", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank}`);
    await story.shows("Confirm before");
    await restartsWithPlanThatLapsesIn(story, 5_000);
    await story.restartsBot();
    await story.shows(": expired");
    expect(story.logged).toEqual([]);
  });

  itAtLength("is refused with the difference if the LUN changed after the plan was read", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} wipe=true`);
    await story.clicks("Confirm");
    await story.hosts.formats(luns.blank, "precious");
    expect(await story.sends(null)).toEqual({});
    await story.shows(": refused", "What changed since the plan was shown", "precious", "No step was run");
    expect((await story.audit()).some(({ event }) => event.kind === "began")).toBe(false);
  });
});

/** Ten minutes are too long for a test: while the bot is away, the plan's end is moved. */
async function restartsWithPlanThatLapsesIn(story: Story, milliseconds: number): Promise<void> {
  const file = join(story.directory, "operations.json");
  await story.restartsBot(async () => {
    const text = await readFile(file, "utf8");
    const soon = new Date(Date.now() + milliseconds).toISOString();
    await writeFile(file, text.replace(/"expiresAt": ?"[^"]+"/, `"expiresAt":"${soon}"`));
  });
}

async function lockspaces(story: Story, host: string): Promise<string[]> {
  const { inventory, hosts } = story.bot.world;
  const registered = inventory.current().hosts.find((each) => each.name === host);
  if (!registered) throw new Error(`${host} is not registered`);
  const answer = await hosts.run(registered, listLockspaces);
  return answer.kind === "done" ? (answer.value ?? []).map((lockspace) => lockspace.volumeGroup) : [];
}
