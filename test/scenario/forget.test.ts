import { describe, expect } from "vitest";
import { byHand } from "./by-hand.ts";
import { begun, dies, forget, gone, HOSTS, isForgotten, LIMIT_MS, removals, title, unmap } from "./forget-words.ts";
import { textIn } from "./message-text.ts";
import { itAtLength, itInFull, itSimulated, luns, meanwhileMs, target } from "./target.ts";
import { addsStorage, addsStorageBesideCluster2, HOST1, HOST2, HOST3 } from "./two-clusters.ts";

describe.concurrent("lun forget: a LUN that the array no longer offers", () => {
  itAtLength(
    "host by host, the map before its paths, and the proof",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await unmap(story);
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
      await story.shows("Nothing was changed", "no host sees a LUN of that name");
    },
  );

  itAtLength(
    "also if its storage is used only by another cluster",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await addsStorageBesideCluster2(story);
      await unmap(story, [HOST3], luns.blank);
      await story.says(`/zstack lun forget cluster-2 ${luns.blank}`);
      await story.clicks("Confirm");
      await story.shows(`Forget ${luns.blank} on the hosts of cluster-2: done`);
      expect((await removals(story)).map((line) => line.split(":")[0])).toEqual([HOST3, HOST3]);
    },
  );

  // multipathd takes away a map that loses its last path, and in the lab nothing keeps it from that.
  itSimulated("if only a map without a path is left", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    for (const host of HOSTS) story.san.array.unmap(gone, host, "an empty map");
    await story.says(forget);
    await story.clicks("Confirm");
    await story.shows(`${title}: done`);
    expect(await removals(story)).toHaveLength(3);
    await isForgotten(story);
  });

  itAtLength(
    "also if its dead paths have size 0, with any answer of the array",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      const disks = new Map<string, string[]>();
      for (const host of HOSTS) disks.set(host, await dies(story, host));
      const before = (await removals(story)).length;
      await story.says(forget);
      await story.shows(title, new RegExp(`${HOST3} none sd[a-z]+(, sd[a-z]+)+`));
      await story.clicks("Confirm");
      await story.shows(`${title}: done`);
      expect((await removals(story)).slice(before).map((line) => line.split(":")[0])).toEqual(HOSTS);
      for (const host of HOSTS) {
        const links = await byHand(story, host, ["ls", "-l", "/sys/block"]);
        for (const disk of disks.get(host) ?? []) expect(links).not.toMatch(new RegExp(`/block/${disk}$`, "m"));
      }
      await story.says(forget);
      await story.shows("Nothing was changed", "no host sees a LUN of that name");
    },
  );

  itAtLength(
    "on the hosts that answer, while LVM hangs and one host is down",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await unmap(story);
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
    },
  );
});

describe.concurrent("lun forget refuses", () => {
  itInFull("while the array offers it to one of the hosts", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await unmap(story, [HOST1, HOST3]);
    await story.says(forget);
    await story.shows("Nothing was changed", `the array still offers ${gone} to ${HOST2}`, "answers");
    expect(await removals(story)).toEqual([]);
  });

  itInFull("while it is mounted, in use or owned by a storage", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    const mounted = await story.arranges("mounted");
    // The tutorial's group has a volume from the start.
    const archive = ["--yes", "-Wn", "--size", "64m", "--name", "lv_archive", "other_vg"];
    if (target === "lab") await byHand(story, HOST1, ["lvcreate", ...archive]);
    await unmap(story, HOSTS, mounted);
    await story.says(`/zstack lun forget cluster-1 ${mounted}`);
    await story.shows("Nothing was changed", `mounted on ${HOST2} at /mnt/backup`);
    await unmap(story, HOSTS, luns.ofAnotherGroup);
    await story.says(`/zstack lun forget cluster-1 ${luns.ofAnotherGroup}`);
    await story.shows("Nothing was changed", /in use on sharedblock-host1 by (vg_archive|other_vg)-lv_archive/);
    await addsStorage(story);
    await unmap(story, HOSTS, luns.blank);
    await story.says(`/zstack lun forget cluster-1 ${luns.blank}`);
    await story.shows("Nothing was changed", `${luns.blank} belongs to ps-1`, "sharedblock show ps-1");
    expect(await removals(story)).toEqual([]);
  });

  // In the lab a disk outside its map is not mounted: multipathd keeps it.
  itSimulated(
    "while a disk of it is mounted, also if lsblk does not list it",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await dies(story, HOST2);
      await story.hosts.mounts(gone, HOST2, "/mnt/data");
      await unmap(story, [HOST1, HOST3]);
      await story.says(forget);
      await story.shows("Nothing was changed", `mounted on ${HOST2} at /mnt/data`);
    },
  );

  itAtLength(
    "if it came back after the plan was shown, also in the middle of it",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await unmap(story);
      await story.says(forget);
      await story.shows(title);
      await story.hosts.fault(HOST1, { kind: "slow", ms: meanwhileMs });
      await story.clicks("Confirm");
      await story.begins("multipath -f");
      await story.hosts.maps(gone, HOST1);
      // A real disk that is just coming back may not answer in time.
      await story.shows(`${title}: refused`, /the array still offers|could not be asked whether it is safe/);
      expect(await removals(story)).toEqual([]);
    },
  );

  itAtLength(
    "if multipath can't flush its map: no path below it is removed",
    { timeout: LIMIT_MS },
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await unmap(story);
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
    },
  );
});
