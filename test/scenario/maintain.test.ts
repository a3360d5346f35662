import { describe, expect } from "vitest";
import { startLockspace } from "../../src/host/lvmlockctl.ts";
import type { Leases } from "../lab/leases.ts";
import { byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { graceOf, itAtLength, itInFull, itSimulated, luns, patient } from "./target.ts";
import { addsStorage, addsStorageBesideCluster2, changes, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(90_000);

async function begun(onTestFinished: (end: () => Promise<void>) => void, leases?: Leases): Promise<Story> {
  const story = await Story.begin(leases);
  onTestFinished(() => story.ends());
  return story;
}

/** ps-1 with three VMs on two hosts, one of which ignores a shutdown, and an active volume that no VM uses. */
async function runsVms(story: Story): Promise<string> {
  await addsStorage(story);
  const group = storageIn(story).uuid;
  for (const name of ["vol-1", "vol-2", "vol-3", "vol-4"]) await story.hosts.makesVolume(group, name, 1024 ** 3);
  await story.hosts.startsVm(HOST1, vm(group, "web-1", "vol-1"));
  await story.hosts.startsVm(HOST1, { ...vm(group, "router-1", "vol-2"), heedsShutdown: false });
  await story.hosts.startsVm(HOST2, vm(group, "web-2", "vol-3"));
  await story.hosts.activates(group, "vol-4", HOST2);
  return group;
}

const vm = (volumeGroup: string, name: string, volume: string) => ({
  name,
  volumeGroup,
  volume,
  heedsShutdown: true,
});

const grace = graceOf(2_000);
const maintain = `sharedblock maintain ps-1 grace=${grace}`;

describe.concurrent("sharedblock maintain", { timeout: LIMIT_MS }, () => {
  itAtLength("after its VMs were shown and stopped, by force if they ignore a shutdown", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    const group = await runsVms(story);
    const before = (await story.hosts.changes()).length;
    await story.says(`/zstack ${maintain}`);
    const plan = await story.shows(
      "Take ps-1 into maintenance",
      `web-1 on ${HOST1}: vol-1`,
      `router-1 on ${HOST1}: vol-2`,
      `web-2 on ${HOST2}: vol-3`,
      "vol-3, vol-4: would be deactivated",
      "3 VMs stop, NeverStop ones too",
      "it starts NeverStop VMs again",
      `Power off what still runs after ${grace} s`,
    );
    expect(textIn(plan)).toContain(`${HOST3}: locks held, would be stopped`);
    expect(await story.hosts.changes()).toHaveLength(before);
    await story.confirms("");
    await story.shows("Take ps-1 into maintenance: done", /state.*Maintenance/);
    expect(storageIn(story).state).toBe("Maintenance");
    const done = (await story.hosts.changes()).slice(before);
    // web-1 and web-2 shut down by themselves: only router-1 lost its power.
    const unplugged = done.filter((line) => / virsh .* destroy /.test(line));
    expect(unplugged).toEqual([expect.stringContaining(HOST1)]);
    for (const host of [HOST1, HOST2]) expect(await story.hosts.vms(host)).toEqual([]);
    expect(done.filter((line) => line.endsWith(`vgchange --lockstop -- ${group}`))).toHaveLength(3);
    await story.says(`/zstack ${maintain}`);
    await story.shows("Nothing was changed", "it is in maintenance already", "/zstack sharedblock enable ps-1");
    await story.says("/zstack sharedblock attach ps-1 cluster-1");
    await story.shows("Nothing was changed");
    await story.says("/zstack operation show op-2");
    await story.shows("not run: done already");
  });

  itAtLength("at once if grace is 0", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await runsVms(story);
    const before = (await story.hosts.changes()).length;
    await changes(story, "sharedblock maintain ps-1 grace=0", true);
    await story.shows("Take ps-1 into maintenance: done");
    const virsh = (await story.hosts.changes()).slice(before).filter((line) => line.includes("virsh"));
    expect(virsh.map((line) => / (shutdown|destroy) /.exec(line)?.[1])).toEqual(["destroy", "destroy", "destroy"]);
  });

  itAtLength(
    "although a VM can't be asked to shut down: it is switched off after the grace",
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      const group = await runsVms(story);
      await story.hosts.makesVolume(group, "vol-5", 1024 ** 3);
      await story.hosts.startsVm(HOST3, vm(group, "hung-1", "vol-5"));
      const stderr = "error: Timed out during operation: cannot acquire state change lock";
      await story.hosts.fault(HOST3, { kind: "fails", program: "virsh", argument: "shutdown", exitCode: 1, stderr });
      await story.says(`/zstack ${maintain}`);
      await story.shows("asks hung-1 to shut down; if it can't be asked, the next stage decides");
      await story.confirms("");
      await story.shows("Take ps-1 into maintenance: done");
      expect(await story.hosts.vms(HOST3)).toEqual([]);
      expect((await story.hosts.changes()).filter((line) => / virsh .* destroy /.test(line))).toHaveLength(2);
    },
  );

  itAtLength(
    "and verifies it on every host, also on one without locks at the time of the plan",
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      const group = await runsVms(story);
      await byHand(story, HOST3, ["vgchange", "--lockstop", "--", group]);
      const before = (await story.audit()).length;
      await story.says(`/zstack ${maintain}`);
      await story.shows("Take ps-1 into maintenance", `${HOST3}: locks not held`);
      await story.confirms("");
      await story.shows("Take ps-1 into maintenance: done");
      const proven = (await story.audit())
        .slice(before)
        .flatMap(({ event }) => (event.kind === "began" && event.argv[0] === "lvmlockctl" ? [event.host] : []));
      expect(proven.sort()).toEqual([HOST1, HOST2, HOST3]);
    },
  );

  itAtLength("not while a volume is open by a user that is no VM", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    const group = storageIn(story).uuid;
    await story.hosts.makesVolume(group, "vol-1", 1024 ** 3);
    await story.hosts.activates(group, "vol-1", HOST3);
    await story.hosts.opens(group, "vol-1", HOST3);
    await story.says(`/zstack ${maintain}`);
    await story.shows("Nothing was changed", `volume vol-1 is open on ${HOST3}`, "/zstack sharedblock volumes ps-1");
    await story.hosts.closes(group, "vol-1", HOST3);
    await story.hosts.fault(HOST3, { kind: "lacks", program: "virsh" });
    await changes(story, maintain, true);
    await story.shows("Take ps-1 into maintenance: done");
  });

  itAtLength(
    "not while a VM's disks can't be read: the user of an open volume must be known",
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await runsVms(story);
      const stderr = "error: Timed out during operation: cannot acquire state change lock";
      await story.hosts.fault(HOST1, { kind: "fails", program: "virsh", argument: "domblklist", exitCode: 1, stderr });
      await story.says(`/zstack ${maintain}`);
      await story.shows(
        "Nothing was changed",
        `volume vol-1 is open on ${HOST1} by something unknown`,
        "cannot acquire state change",
      );
    },
  );

  itAtLength(
    "not while a host has lost the LUNs: nothing is stopped before its state is known",
    async ({ onTestFinished }) => {
      // sanlock gives a lease up a while after its LUN is gone.
      const story = await begun(onTestFinished, "as shipped");
      await runsVms(story);
      await story.hosts.unmaps(luns.blank, HOST2);
      await story.says(`/zstack ${maintain}`);
      await story.shows(
        "Nothing was changed",
        `${HOST2} does not see the volume group of ps-1`,
        `/zstack sharedblock reconnect ps-1 ${HOST2}`,
      );
      expect((await story.hosts.vms(HOST1)).sort()).toEqual(["router-1", "web-1"]);
      await story.hosts.maps(luns.blank, HOST2);
      await story.says(`/zstack sharedblock reconnect ps-1 ${HOST2}`);
      await story.shows(": done");
      await changes(story, maintain, true);
      await story.shows("Take ps-1 into maintenance: done");
    },
  );

  itAtLength("not while sanlock sees a host of another cluster in its lockspace", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorageBesideCluster2(story);
    await story.hosts.fault(HOST3, {
      kind: "cut during",
      program: "vgchange",
      argument: "--lockstart",
      after: "effect",
    });
    await changes(story, "sharedblock attach ps-1 cluster-2");
    await story.shows("Attach ps-1 to cluster-2: unknown");
    await story.says(`/zstack ${maintain}`);
    await story.shows(
      "Nothing was changed",
      `${HOST3} of cluster-2 is in the lockspace of ps-1`,
      "/zstack sharedblock detach ps-1 cluster-2",
    );
    await changes(story, "sharedblock detach ps-1 cluster-2");
    await story.shows("Detach ps-1 from cluster-2: done");
    await changes(story, maintain, true);
    await story.shows("Take ps-1 into maintenance: done");
  });

  // The lab has no host that the bot does not know.
  itSimulated("nor a foreign host", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    story.san.array.foreignHost(storageIn(story).uuid, 77, "0b5b5c5e-6f2d-4a8e-9f35-0c2a7c3f7a11.otherhost");
    await story.says(`/zstack ${maintain}`);
    const refused = await story.shows(
      "Nothing was changed",
      "foreign host otherhost (host id 77) is in the lockspace of ps-1",
    );
    expect(textIn(refused)).not.toContain("sharedblock detach");
    await story.says("/zstack sharedblock detach ps-1 cluster-1");
    await story.shows("Detach ps-1 from cluster-1", "Also: foreign host otherhost (host id 77)");
  });

  itSimulated(
    "stops locks that are left on a host although no cluster uses the storage",
    async ({ onTestFinished }) => {
      const story = await begun(onTestFinished);
      await addsStorage(story);
      const group = storageIn(story).uuid;
      await changes(story, "sharedblock detach ps-1 cluster-1");
      await story.shows("Detach ps-1 from cluster-1: done");
      // As an interrupted delete leaves them.
      await byHand(story, HOST2, startLockspace(group).argv);
      await story.says(`/zstack ${maintain}`);
      await story.shows("Take ps-1 into maintenance", `${HOST2}: locks held, would be stopped`);
      const before = (await story.hosts.changes()).length;
      await story.confirms("");
      await story.shows("Take ps-1 into maintenance: done");
      const done = (await story.hosts.changes()).slice(before);
      expect(done.filter((line) => line.includes("--lockstop"))).toEqual([expect.stringContaining(HOST2)]);
    },
  );

  itInFull("not while a host can't be asked", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    await addsStorage(story);
    await story.hosts.fault(HOST2, { kind: "down" });
    await story.says(`/zstack ${maintain}`);
    const refused = await story.shows("Nothing was changed", `${HOST2} can't be asked`, `/zstack host show ${HOST2}`);
    // Only its ssh is gone: the others see its lease renewed.
    expect(textIn(refused)).not.toContain(`host remove ${HOST2}`);
    expect(storageIn(story).state).toBe("Enabled");
  });

  itAtLength("and stops if a VM is started during it; the same command then finishes", async ({ onTestFinished }) => {
    const story = await begun(onTestFinished);
    const group = await runsVms(story);
    await story.hosts.makesVolume(group, "vol-5", 1024 ** 3);
    await story.says(`/zstack sharedblock maintain ps-1 grace=${graceOf(6_000)}`);
    await story.confirms("");
    await story.begins("virsh --connect qemu:///system shutdown");
    await story.hosts.startsVm(HOST3, vm(group, "never-stop", "vol-5"));
    await story.shows("Take ps-1 into maintenance: failed", HOST3, "LVs must first be deactivated");
    expect(storageIn(story).state).toBe("Enabled");
    await changes(story, maintain, true);
    await story.shows("Take ps-1 into maintenance: done (op-3)");
    expect(await story.hosts.vms(HOST3)).toEqual([]);
  });
});
