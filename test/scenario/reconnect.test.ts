import { afterEach, beforeEach, describe, expect } from "vitest";
import type { HostCommand } from "../../src/core/host-command.ts";
import { writeTextFile } from "../../src/host/file.ts";
import { forgetDisks } from "../../src/host/scsi-disk.ts";
import { settleDevices } from "../../src/host/udev.ts";
import type { Fault } from "../../src/local/san/fault.ts";
import { type Story, textIn } from "./story.ts";
import { itSimulated as it, luns } from "./target.ts";
import { storageUuid, withStorage } from "./with-storage.ts";

const [HOST1, HOST2, HOST3] = ["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"] as const;
const LIMIT_MS = 90_000;
const connected = /host1 Connected[\s\S]*host2 Connected[\s\S]*host3 Connected/;

describe("a host comes back to its storage", () => {
  let story: Story;
  beforeEach(async () => {
    story = await withStorage();
  }, LIMIT_MS);
  afterEach(() => story.ends());

  it("after a power cut, when it has booted again", { timeout: LIMIT_MS }, async () => {
    await story.san.powerOff(HOST2);
    await story.san.powerOn(HOST2);
    await story.says("/zstack sharedblock show ps-1");
    await story.shows(/host2 Disconnected/, "/zstack sharedblock reconnect ps-1");
    const before = (await story.hosts.changes()).length;
    await story.says("/zstack sharedblock reconnect ps-1");
    const end = await story.shows("Reconnect ps-1: done", "holds no lease of the volume group", connected);
    expect(textIn(end)).toMatch(/sharedblock-host1 nothing only checked nothing/);
    expect((await story.hosts.changes()).slice(before)).toEqual([
      expect.stringMatching(/^sharedblock-host2: vgchange --lockstart/),
    ]);
  });

  it("says so where nothing is wrong, and changes nothing", { timeout: LIMIT_MS }, async () => {
    const before = await story.hosts.changes();
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done", /host1 nothing only checked[\s\S]*host3 nothing only checked/);
    expect(await story.hosts.changes()).toEqual(before);
  });

  it("whose map is missing after it booted", {
    timeout: LIMIT_MS,
  }, async () => {
    await story.san.powerOff(HOST3);
    await story.san.powerOn(HOST3);
    story.san.array.flushMap(luns.orphan, HOST3);
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST3}`);
    await story.shows(
      `Reconnect ${HOST3} to ps-1: done`,
      `has no multipath map of ${luns.orphan}`,
      /makes the maps that are missing/,
      connected,
    );
  });

  it("that has lost sight of the LUN, once the array offers it again", { timeout: LIMIT_MS }, async () => {
    await story.san.powerOff(HOST2);
    story.san.array.unmap(luns.orphan, HOST2);
    await story.san.powerOn(HOST2);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: refused", `does not see ${luns.orphan}`, "map it there", /host1 Connected/);
    story.san.array.map(luns.orphan, HOST2);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done", connected);
  });

  it("whose disks the kernel had set offline", { timeout: LIMIT_MS }, async () => {
    for (const device of ["sdd", "sdg", "sdj"]) story.san.array.pathState(HOST1, device, "offline");
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST1}`);
    await story.shows(
      `Reconnect ${HOST1} to ps-1: done`,
      "has 0/3 paths",
      "the kernel uses these disks again",
      connected,
    );
  });

  it("that was added to the cluster after the storage was", { timeout: LIMIT_MS }, async () => {
    const { inventory } = story.bot.world;
    const host3 = inventory.current().hosts.find((host) => host.name === HOST3);
    if (!host3) throw new Error("not there");
    await story.san.powerOff(HOST3, 200_000);
    await story.says(`/zstack host remove ${HOST3} force=true reason="board burnt out"`);
    await story.clicks("Confirm");
    await story.shows(/Remove host sharedblock-host3.*: done/);
    await story.san.powerOn(HOST3);
    await story.says(
      `/zstack host add ${HOST3} address=${host3.address} port=${host3.port} user=${host3.user} cluster=cluster-1`,
    );
    await story.clicks("Confirm");
    await story.shows(/add it to cluster-1: done/);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done", "has no sanlock host id yet", "host_id 3 → 4", connected);
    expect(inventory.current().lastSanlockHostId).toBe(4);
  });

  it("and the others do, though one is down", { timeout: LIMIT_MS }, async () => {
    await story.san.powerOff(HOST2);
    await story.san.powerOff(HOST3);
    await story.san.powerOn(HOST3);
    await story.says("/zstack sharedblock reconnect ps-1");
    const end = await story.shows("Reconnect ps-1: unknown", /host2 could not be read whole/, /host3 Connected/);
    expect(textIn(end)).toMatch(/refused: no SSH server listens/);
  });

  it("but not under a host id that another host holds; the rest is mended", { timeout: LIMIT_MS }, async () => {
    const uuid = storageUuid(story);
    for (const host of [HOST2, HOST3]) {
      await story.san.powerOff(host, 200_000);
      await story.san.powerOn(host);
    }
    story.san.array.stranger(uuid, 2, "0b5b5c5e-6f2d-4a8e-9f35-0c2a7c3f7a11.otherhost");
    await story.says("/zstack sharedblock reconnect ps-1");
    const end = await story.shows("Reconnect ps-1: refused", "host id 2 is held by another host", /host3 Connected/);
    expect(textIn(end)).toContain("otherhost");
    expect((await story.hosts.changes()).filter((line) => line.includes("--lockstart")).at(-1)).toMatch(
      /^sharedblock-host3/,
    );
  });

  it("is refused where nothing can be done, with why", { timeout: LIMIT_MS }, async () => {
    await story.hosts.fault(HOST2, { kind: "lacks", program: "lsblk" });
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST2}`);
    await story.shows(
      "Refused",
      `${HOST2}: could not be read whole; lsblk is not installed`,
      `/zstack host prepare ${HOST2}`,
    );
    await story.says("/zstack sharedblock reconnect ps-1 zstack-mn");
    await story.shows("Refused", "it is not in the inventory");
  });
});

describe.concurrent("whatever interrupts a reconnection, the same words finish it", () => {
  const steps: [program: string, argument: string][] = [
    ["tee", "/sys/class/scsi_host/host0/scan"],
    ["udevadm", "settle"],
    ["multipath", "-a"],
    ["multipathd", "reconfigure"],
    ["mv", "/etc/lvm/lvmlocal.conf"],
    ["systemctl", "enable"],
    ["vgchange", "--lockstart"],
  ];
  const interruptions: [string, (program: string, argument: string) => Fault][] = [
    ["fails", (program, argument) => ({ kind: "fails", program, argument, exitCode: 5, stderr: "I/O error" })],
    ["is cut off before it began", (program, argument) => ({ kind: "cut during", program, argument, after: "before" })],
    [
      "is cut off after it was done",
      (program, argument) => ({ kind: "cut during", program, argument, after: "effect" }),
    ],
  ];
  const cases = steps.flatMap(([program, argument]) =>
    interruptions.map(([what, fault]) => ({
      title: `${program} ${argument} ${what}`,
      fault: fault(program, argument),
    })),
  );

  it.for(cases)("$title", { timeout: LIMIT_MS }, async ({ fault }, { onTestFinished }) => {
    const story = await withStorage();
    onTestFinished(() => story.ends());
    // It comes back reinstalled: without its settings and services, and its kernel does not know the LUN.
    await story.san.powerOff(HOST2);
    await story.san.powerOn(HOST2);
    await story.says(`/zstack host show ${HOST2}`);
    await story.shows(`Host ${HOST2}`, "mpatha");
    await changed(story, forgetDisks(["sdd", "sdg", "sdj"]));
    await changed(story, writeTextFile("/etc/lvm/lvmlocal.conf", ""));
    await changed(story, {
      ...settleDevices,
      argv: ["systemctl", "disable", "--now", "sanlock.service", "lvmlockd.service"],
    });
    story.san.array.flushMap(luns.orphan, HOST2);
    await story.hosts.fault(HOST2, fault);
    await story.says("/zstack sharedblock reconnect ps-1");
    const first = await story.shows(/Reconnect ps-1: (failed|unknown)/);
    await story.hosts.heal(HOST2);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done", connected);
    expect(textIn(first)).toMatch(/host1 Connected[\s\S]*host3 Connected/);
    expect((await story.hosts.changes()).filter((line) => /: (wipefs --all -- |vgcreate )/.test(line))).toHaveLength(2);
  });
});

/** Somebody does this on the second host behind the bot's back. */
async function changed(story: Story, command: HostCommand<null, "change">): Promise<void> {
  const host = story.bot.world.inventory.current().hosts.find((each) => each.name === HOST2);
  if (!host) throw new Error("not there");
  expect((await story.bot.world.hosts.run(host, command)).kind).toBe("done");
}
