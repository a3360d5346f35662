import { afterEach, beforeEach, describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { byHand, mapOf } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { itAtLength, itSimulated, luns, patient } from "./target.ts";
import { addsStorage, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(90_000);
const connected = /host1, \S*host2, \S*host3 Connected/;

async function withStorage(): Promise<Story> {
  const story = await Story.begin();
  await addsStorage(story);
  return story;
}

/** The host loses its power and boots; the bot has seen it again. Answers the disks of the storage's LUN there. */
async function boots(story: Story, host: string): Promise<string[]> {
  await story.hosts.powerOff(host);
  await story.hosts.powerOn(host);
  await story.says(`/zstack host show ${host}`);
  await story.shows(`Host ${host}`, "multipath");
  return (await mapOf(story, host, luns.blank)).disks;
}

describe("sharedblock reconnect: a host comes back to its storage", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeEach(async () => {
    story = await withStorage();
  }, LIMIT_MS);
  afterEach(() => story.ends(), LIMIT_MS);

  itAtLength("after a power cut and a boot", async () => {
    await story.hosts.powerOff(HOST2);
    await story.hosts.powerOn(HOST2);
    await story.says("/zstack sharedblock show ps-1");
    await story.shows(/host2 Disconnected/, "/zstack sharedblock reconnect ps-1");
    const before = (await story.hosts.changes()).length;
    await story.says("/zstack sharedblock reconnect ps-1");
    const end = await story.shows("Reconnect ps-1: done", "holds no lease of the volume group", connected);
    expect(textIn(end)).toMatch(/sharedblock-host1, sharedblock-host3 ?: nothing was wrong\. Done: only checked\./);
    expect((await story.hosts.changes()).slice(before)).toEqual([
      expect.stringMatching(/^sharedblock-host2: vgchange --lockstart/),
    ]);
  });

  itAtLength("changes nothing if nothing is wrong, and says so", async () => {
    const before = await story.hosts.changes();
    await story.says("/zstack sharedblock reconnect ps-1");
    const all = `${HOST1}, ${HOST2}, ${HOST3} ?`;
    await story.shows("Reconnect ps-1: done", new RegExp(`${all}: nothing was wrong\\. Done: only checked\\.`));
    expect(await story.hosts.changes()).toEqual(before);
  });

  itAtLength("with a missing map after its boot", async () => {
    await story.hosts.powerOff(HOST3);
    await story.hosts.powerOn(HOST3);
    await story.hosts.flushesMap(luns.blank, HOST3);
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST3}`);
    await story.shows(
      `Reconnect ${HOST3} to ps-1: done`,
      `has no multipath map of ${luns.blank}`,
      /makes the maps that are missing/,
      connected,
    );
  });

  itAtLength("that does not see the LUN, after the array offers it again", async () => {
    await story.hosts.powerOff(HOST2);
    await story.hosts.unmaps(luns.blank, HOST2);
    await story.hosts.powerOn(HOST2);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: refused", `does not see ${luns.blank}`, "map it to", /host1.* Connected/);
    await story.hosts.maps(luns.blank, HOST2);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done", connected);
  });

  itAtLength("with disks that the kernel has set offline", async () => {
    const disks = await boots(story, HOST1);
    const states = disks.map((disk) => `/sys/block/${disk}/device/state`);
    await byHand(story, HOST1, ["tee", "--", ...states], "offline\n");
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST1}`);
    await story.shows(
      `Reconnect ${HOST1} to ps-1: done`,
      `has 0/${disks.length} paths`,
      "the kernel uses these disks again",
      connected,
    );
  });

  itAtLength("that was added to the cluster after the storage", async () => {
    const { inventory } = story.bot.world;
    const host3 = inventory.current().hosts.find((host) => host.name === HOST3);
    if (!host3) throw new Error("not there");
    await story.hosts.powerOff(HOST3);
    await story.hosts.isGivenUp(HOST3);
    await story.says(`/zstack host remove ${HOST3} force=true reason="board burnt out"`);
    await story.clicks("Confirm");
    await story.shows(/Remove host sharedblock-host3.*: done/);
    await story.hosts.powerOn(HOST3);
    await story.says(
      `/zstack host add ${HOST3} address=${host3.address} port=${host3.port} user=${host3.user} cluster=cluster-1`,
    );
    await story.clicks("Confirm");
    await story.shows(/add it to cluster-1: done/);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done", "has no sanlock host id yet", "host_id 3 → 4", connected);
    expect(inventory.current().lastSanlockHostId).toBe(4);
  });

  itAtLength("and the others too, although one is down", async () => {
    await story.hosts.powerOff(HOST3);
    await story.hosts.powerOn(HOST3);
    await story.hosts.fault(HOST2, { kind: "down" });
    await story.says("/zstack sharedblock reconnect ps-1");
    const end = await story.shows(
      "Reconnect ps-1: unknown",
      /host2 ?: could not be read completely\. Done: only checked\. Needs a person: /,
      /host3 Connected/,
    );
    expect(textIn(end)).toMatch(/refused: no SSH server listens/);
  });

  // The lab's leases are its own hosts' alone.
  itSimulated("but not with a host id that another host has; the rest is fixed", async () => {
    for (const host of [HOST2, HOST3]) {
      await story.hosts.powerOff(host);
      await story.hosts.isGivenUp(host);
      await story.hosts.powerOn(host);
    }
    story.san.array.foreignHost(storageIn(story).uuid, 2, "0b5b5c5e-6f2d-4a8e-9f35-0c2a7c3f7a11.otherhost");
    await story.says("/zstack sharedblock reconnect ps-1");
    const end = await story.shows("Reconnect ps-1: refused", "host id 2 is in use by another host", /host3 Connected/);
    expect(textIn(end)).toContain("otherhost");
    expect((await story.hosts.changes()).filter((line) => line.includes("--lockstart")).at(-1)).toMatch(
      /^sharedblock-host3/,
    );
  });

  itAtLength("is refused with the reason if nothing can be done", async () => {
    await story.hosts.fault(HOST2, { kind: "lacks", program: "lsblk" });
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST2}`);
    await story.shows(
      "Nothing was changed",
      `${HOST2}: could not be read completely; lsblk is not installed`,
      `install package util-linux on ${HOST2}, then send the command again`,
      `/zstack host show ${HOST2}`,
    );
    await story.says("/zstack sharedblock reconnect ps-1 zstack-mn");
    await story.shows("Nothing was changed", 'Host "zstack-mn" does not exist');
  });
});

describe.concurrent("sharedblock reconnect, interrupted: the same command finishes it", () => {
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

  itAtLength.for(rowsOf(cases))("$title", { timeout: LIMIT_MS }, async ({ fault }, { onTestFinished }) => {
    const story = await withStorage();
    onTestFinished(() => story.ends(), LIMIT_MS);
    await comesBackReinstalled(story);
    const before = (await story.hosts.changes()).filter((line) => /: (wipefs --all -- |vgcreate )/.test(line));
    await story.hosts.fault(HOST2, fault);
    await story.says("/zstack sharedblock reconnect ps-1");
    const first = await story.shows(/Reconnect ps-1: (failed|unknown)/);
    await story.hosts.heal(HOST2);
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done", connected);
    expect(textIn(first)).toMatch(/host1, (?:\S*host2, )?\S*host3 Connected/);
    const after = (await story.hosts.changes()).filter((line) => /: (wipefs --all -- |vgcreate )/.test(line));
    expect(after).toEqual(before);
  });
});

/** The second host comes back without its settings and services; it has never met the LUN, and has not scanned for it. */
async function comesBackReinstalled(story: Story): Promise<void> {
  const disks = await boots(story, HOST2);
  await story.hosts.flushesMap(luns.blank, HOST2);
  const attributes = disks.map((disk) => `/sys/block/${disk}/device/delete`);
  await byHand(story, HOST2, ["tee", "--", ...attributes], "1\n");
  await byHand(story, HOST2, ["mkdir", "-p", "/etc/multipath"]);
  await byHand(story, HOST2, ["tee", "--", "/etc/multipath/wwids"], "");
  await byHand(story, HOST2, ["tee", "--", "/etc/lvm/lvmlocal.conf"], "");
  await byHand(story, HOST2, ["systemctl", "disable", "--now", "sanlock.service", "lvmlockd.service"]);
}
