import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { textIn } from "../scenario/message-text.ts";
import { Story } from "../scenario/story.ts";
import { ending, luns } from "../scenario/target.ts";
import { performInLab } from "./control.ts";
import type { Leases } from "./leases.ts";
import { firstBytes } from "./lun-bytes.ts";

const add = `/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`;
const [host1, host2, host3] = ["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"];
const allConnected = /host1, \S*host2, \S*host3 Connected/;

describe("on real hosts the main job", () => {
  let story: Story;
  const begin = async (leases: Leases) => {
    story = await Story.begin(leases);
    // Faults are made here past the story. The next story needs a fresh lab in any case.
    await story.isMeddledWith();
  };
  afterEach(() => story.ends());

  /** What the host's own tool prints. If it fails, its error text. */
  const onHost = (host: string, script: string): Promise<string> =>
    performInLab("shell", host, script).catch((error: Error) => error.message);

  const volumeGroup = (): string => {
    const [storage] = story.bot.world.inventory.current().primaryStorages;
    if (storage === undefined) throw new Error("no storage is recorded");
    return storage.uuid;
  };

  const destroyed = async () =>
    (await story.hosts.changes()).filter((line) => /: (wipefs|vgcreate) /.test(line)).map((line) => line.split(" ")[1]);

  /** Reads the audit log: the shared blocks are recorded after every host has shown that it has its lease. */
  const secondsUntilLocked = async (): Promise<string> => {
    const entries = await story.audit();
    const at = (kind: string) => Date.parse(entries.findLast(({ event }) => event.kind === kind)?.at ?? "");
    return ((at("recording") - at("confirmed")) / 1000).toFixed(0);
  };

  const addsUntilVgcreateRuns = async () => {
    await story.says(add);
    await story.shows("Add ps-1 to cluster-1");
    await story.confirms(ending(luns.orphan));
    await story.begins("vgcreate");
    // The log names it before its guards are read. This waits until the program itself runs.
    await expect.poll(() => onHost(host1, "pgrep -x vgcreate || true")).toMatch(/^\d+$/m);
  };

  const finishesByTheSameCommand = async () => {
    await story.says(add);
    await story.shows("Add ps-1 to cluster-1", "exists already");
    await story.confirms("");
    await story.shows("Add ps-1 to cluster-1: done (op-2)", "Connected");
    expect(await destroyed()).toEqual(["wipefs", "vgcreate"]);
  };

  it("ends with a volume group that all three hosts have locked, by their own tools", async () => {
    await begin("as shipped");
    await story.says(add);
    await story.shows("Add ps-1 to cluster-1", "LVM2_member");
    // In the message's collapsed block or in its thread.
    await story.shows("wipefs --all");
    await story.confirms(ending(luns.orphan));
    await story.shows("sanlock's lease");
    await story.shows("Add ps-1 to cluster-1: done", "Connected");
    process.stdout.write(`lab: from confirm to all hosts locked took ${await secondsUntilLocked()} s\n`);
    for (const host of story.hosts.names) {
      expect(await onHost(host, "lvmlockctl --info")).toContain(`VG ${volumeGroup()} lock_type=sanlock`);
      expect(await onHost(host, "sanlock client status")).toContain(`s lvm_${volumeGroup()}:${host.slice(-1)}:`);
    }
    const volume = `${volumeGroup()}/taken`;
    expect(await onHost(host1, `lvcreate -y -L 64M -n taken -aey ${volumeGroup()} && echo made`)).toContain("made");
    expect(await onHost(host2, `lvchange -aey ${volume}`)).toContain("LV locked by other host");
    await onHost(host1, `lvchange -an ${volume}`);
    expect(await onHost(host2, `lvchange -aey ${volume} && echo taken over`)).toContain("taken over");
    expect(await destroyed()).toEqual(["wipefs", "vgcreate"]);
  });

  it("refuses each LUN that must not be used, and leaves its first 64 MiB unchanged", async () => {
    await begin("quick");
    const refused: [lun: string, words: string, why: string][] = [
      ["orphan-pv", luns.orphan, "LVM2_member"],
      ["other-vg", `${luns.ofAnotherGroup} wipe=true`, "physical volume of volume group other_vg"],
      ["gpt", `${luns.partitioned} wipe=true`, "has partitions"],
      ["ext4", `${await story.arranges("mounted")} wipe=true`, "is mounted on sharedblock-host2 at /mnt/backup"],
      ["blank-virtio", `${await story.arranges("notEverywhere")} wipe=true`, "sharedblock-host3 does not see"],
    ];
    for (const [lun, words, why] of refused) {
      const before = await firstBytes(lun);
      await story.says(`/zstack sharedblock add cluster-1 wwid=${words}`);
      await story.shows("Nothing was changed", why);
      expect(await firstBytes(lun), lun).toBe(before);
    }
    expect(await destroyed()).toEqual([]);
  });

  it("shows a path that fails and comes back in multipath status", async () => {
    await begin("quick");
    await performInLab("path-fail", host2, "gpt", "1");
    await expect.poll(() => onHost(host2, "multipath -ll")).toMatch(/failed (faulty|ready) (offline|running)/);
    await story.says(`/zstack multipath status ${host2}`);
    expect(textIn(await story.shows(`Multipath of ${host2}`, luns.partitioned))).toMatch(/1\/2|failed/);
    await performInLab("path-restore", host2, "gpt", "1");
    await expect.poll(() => onHost(host2, "multipath -ll")).not.toMatch(/failed|faulty/);
    await story.says(`/zstack multipath status ${host2}`);
    expect(textIn(await story.shows(`Multipath of ${host2}`, luns.partitioned))).not.toMatch(/1\/2|failed/);
  });

  it("is finished by the same command if a host died before lockstart and is back", async () => {
    await begin("quick");
    await addsUntilVgcreateRuns();
    await performInLab("host-kill", host3);
    await story.shows(/Add ps-1 to cluster-1: (unknown|failed|refused)/, host3);
    await performInLab("host-start", host3);
    await finishesByTheSameCommand();
    await story.says("/zstack sharedblock show ps-1");
    await story.shows("Primary storage ps-1", allConnected);
  });

  it("does not know the result of vgcreate if ssh hangs, observes when asked again, and runs nothing twice", async () => {
    await begin("quick");
    await addsUntilVgcreateRuns();
    await performInLab("ssh-cut", host1);
    await story.shows("Add ps-1 to cluster-1: unknown", host1, "vgcreate");
    await sleep(15_000);
    await performInLab("ssh-cut", host1, "off");
    await finishesByTheSameCommand();
  });
});
