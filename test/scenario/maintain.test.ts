import { describe, expect } from "vitest";
import { byHand } from "./by-hand.ts";
import { Story, textIn } from "./story.ts";
import { itSimulated as it, luns } from "./target.ts";
import { addsStorage, changes, HOST1, HOST2, HOST3, hasTwoClusters, storageIn } from "./two-clusters.ts";

const LIMIT_MS = 90_000;

/** ps-1 with three machines on two hosts, of which one pays no heed, and a volume that is active for nobody. */
async function runsMachines(story: Story): Promise<string> {
  await addsStorage(story);
  const group = storageIn(story).uuid;
  for (const name of ["vol-1", "vol-2", "vol-3", "vol-4"])
    story.san.volumes.create(group, { name, sizeBytes: 1024 ** 3 });
  const machine = (name: string, volume: string) => ({ name, volumeGroup: group, volumes: [volume] });
  story.san.machines.start(HOST1, machine("web-1", "vol-1"));
  story.san.machines.start(HOST1, { ...machine("router-1", "vol-2"), heedsShutdown: false });
  story.san.machines.start(HOST2, machine("web-2", "vol-3"));
  story.san.volumes.activate(group, "vol-4", HOST2);
  return group;
}

const maintain = "sharedblock maintain ps-1 grace=2";

describe.concurrent("a storage is taken into maintenance", () => {
  it("after its machines were shown and stopped, by force where they pay no heed", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const group = await runsMachines(story);
    const before = (await story.hosts.changes()).length;
    await story.says(`/zstack ${maintain}`);
    const plan = await story.shows(
      "Take ps-1 into maintenance",
      `${HOST1} web-1 vol-1`,
      `${HOST1} router-1 vol-2`,
      `${HOST2} web-2 vol-3`,
      "vol-3, vol-4: would be deactivated",
      "3 machine(s) stop, NeverStop ones too",
      "starts NeverStop ones again",
      `Power off what still runs after 2 s`,
    );
    expect(textIn(plan)).toContain(`${HOST3} held, would be stopped`);
    expect(await story.hosts.changes()).toHaveLength(before);
    await story.confirms("");
    await story.shows("Take ps-1 into maintenance: done", /state.*Maintenance/);
    expect(storageIn(story).state).toBe("Maintenance");
    const done = (await story.hosts.changes()).slice(before);
    const virsh = done
      .filter((line) => line.includes(" virsh "))
      .map((line) => line.replace(/ --connect.*? (\w+) --domain.*/, " $1"));
    // web-1 and web-2 shut down by themselves: only router-1 lost its power.
    expect(virsh.sort()).toEqual([`${HOST1}: virsh destroy`, `${HOST1}: virsh shutdown`, `${HOST2}: virsh shutdown`]);
    expect(done.filter((line) => line.endsWith(`vgchange --lockstop -- ${group}`))).toHaveLength(3);
    await story.says(`/zstack ${maintain}`);
    await story.shows("Refused", "it is in maintenance already", "/zstack sharedblock enable ps-1");
    await story.says("/zstack sharedblock attach ps-1 cluster-1");
    await story.shows("Refused");
    await story.says("/zstack operation show op-2");
    await story.shows("not run: it was so already");
  });

  it("at once where grace is 0, and where there are no machines with a look alone", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await runsMachines(story);
    const before = (await story.hosts.changes()).length;
    await changes(story, "sharedblock maintain ps-1 grace=0", true);
    await story.shows("Take ps-1 into maintenance: done");
    const virsh = (await story.hosts.changes()).slice(before).filter((line) => line.includes("virsh"));
    expect(virsh.map((line) => / (shutdown|destroy) /.exec(line)?.[1])).toEqual(["destroy", "destroy", "destroy"]);
  });

  it("though a machine can't even be asked to shut down: it loses its power after the grace", {
    timeout: LIMIT_MS,
  }, async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const group = await runsMachines(story);
    story.san.volumes.create(group, { name: "vol-5", sizeBytes: 1024 ** 3 });
    story.san.machines.start(HOST3, { name: "hung-1", volumeGroup: group, volumes: ["vol-5"], hangs: true });
    await story.says(`/zstack ${maintain}`);
    await story.shows("asks hung-1 to shut down; where it can't be asked, the next stage decides");
    await story.confirms("");
    await story.shows("Take ps-1 into maintenance: done");
    expect(story.san.machines.names(HOST3)).toEqual([]);
    expect((await story.hosts.changes()).filter((line) => / virsh .* destroy /.test(line))).toHaveLength(2);
  });

  it("and proves it on every host, also on one that held nothing when it was planned", {
    timeout: LIMIT_MS,
  }, async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const group = await runsMachines(story);
    await byHand(story, HOST3, ["vgchange", "--lockstop", "--", group]);
    const before = (await story.audit()).length;
    await story.says(`/zstack ${maintain}`);
    await story.shows("Take ps-1 into maintenance", `${HOST3} not held`);
    await story.confirms("");
    await story.shows("Take ps-1 into maintenance: done");
    const proven = (await story.audit())
      .slice(before)
      .flatMap(({ event }) => (event.kind === "began" && event.argv[0] === "lvmlockctl" ? [event.host] : []));
    expect(proven.sort()).toEqual([HOST1, HOST2, HOST3]);
  });

  it("not while a volume is open by what no machine is", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    const group = storageIn(story).uuid;
    story.san.volumes.create(group, { name: "vol-1", sizeBytes: 1024 ** 3 });
    story.san.volumes.activate(group, "vol-1", HOST3);
    story.san.volumes.open(group, "vol-1", HOST3);
    await story.says(`/zstack ${maintain}`);
    await story.shows("Refused", `volume vol-1 is open on ${HOST3}`, "/zstack sharedblock volumes ps-1");
    story.san.volumes.open(group, "vol-1", HOST3, 0);
    await story.hosts.fault(HOST3, { kind: "lacks", program: "virsh" });
    await changes(story, maintain, true);
    await story.shows("Take ps-1 into maintenance: done");
  });

  it("not while a machine's disks can't be read: what has a volume open must be known", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await runsMachines(story);
    const stderr = "error: Timed out during operation: cannot acquire state change lock";
    await story.hosts.fault(HOST1, { kind: "fails", program: "virsh", argument: "domblklist", exitCode: 1, stderr });
    await story.says(`/zstack ${maintain}`);
    await story.shows(
      "Refused",
      `volume vol-1 is open on ${HOST1} by something unknown`,
      "cannot acquire state change",
    );
  });

  it("not while a host has lost the LUNs: nothing is stopped before that is known", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await runsMachines(story);
    story.san.array.unmap(luns.blank, HOST2);
    await story.says(`/zstack ${maintain}`);
    await story.shows(
      "Refused",
      `${HOST2} does not see the volume group of ps-1`,
      `/zstack sharedblock reconnect ps-1 ${HOST2}`,
    );
    expect(story.san.machines.names(HOST1)).toEqual(["web-1", "router-1"]);
    story.san.array.map(luns.blank, HOST2);
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST2}`);
    await story.shows(": done");
    await changes(story, maintain, true);
    await story.shows("Take ps-1 into maintenance: done");
  });

  it("not while sanlock sees another host in its lockspace, be it known or not", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await hasTwoClusters(story);
    await addsStorage(story);
    const group = storageIn(story).uuid;
    await story.hosts.fault(HOST3, {
      kind: "cut during",
      program: "vgchange",
      argument: "--lockstart",
      after: "effect",
    });
    await changes(story, "sharedblock attach ps-1 cluster-2");
    await story.shows("Attach ps-1 to cluster-2: unknown");
    story.san.array.stranger(group, 77, "0b5b5c5e-6f2d-4a8e-9f35-0c2a7c3f7a11.otherhost");
    await story.says(`/zstack ${maintain}`);
    await story.shows(
      "Refused",
      `${HOST3} of cluster-2 is in the lockspace of ps-1`,
      "a host that is not in the inventory (otherhost, host id 77) is in the lockspace of ps-1",
      "/zstack sharedblock detach ps-1 cluster-2",
    );
    await changes(story, "sharedblock detach ps-1 cluster-2");
    await story.shows("Detach ps-1 from cluster-2: done");
    await story.says(`/zstack ${maintain}`);
    const refused = await story.shows("Refused", "otherhost, host id 77");
    expect(textIn(refused)).not.toContain("sharedblock detach");
    await story.says("/zstack sharedblock detach ps-1 cluster-1");
    await story.shows(
      "Detach ps-1 from cluster-1",
      "Also: a host that is not in the inventory (otherhost, host id 77)",
    );
  });

  it("not while a host can't be asked", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.hosts.fault(HOST2, { kind: "down" });
    await story.says(`/zstack ${maintain}`);
    await story.shows("Refused", `${HOST2} can't be asked`, `/zstack host remove ${HOST2} force=true`);
    expect(storageIn(story).state).toBe("Enabled");
  });

  it("and stops where a machine is started meanwhile; the same words then finish", { timeout: LIMIT_MS }, async ({
    onTestFinished,
  }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    const group = await runsMachines(story);
    await story.says(`/zstack sharedblock maintain ps-1 grace=6`);
    await story.confirms("");
    await story.begins("virsh --connect qemu:///system destroy");
    story.san.volumes.create(group, { name: "vol-5", sizeBytes: 1024 ** 3 });
    story.san.machines.start(HOST3, { name: "never-stop", volumeGroup: group, volumes: ["vol-5"] });
    await story.shows("Take ps-1 into maintenance: failed", HOST3, "LVs must first be deactivated");
    expect(storageIn(story).state).toBe("Enabled");
    await changes(story, maintain, true);
    await story.shows("Take ps-1 into maintenance: done (op-3)");
    expect(story.san.machines.names(HOST3)).toEqual([]);
  });
});
