import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listActiveVolumes } from "../../src/host/dmsetup.ts";
import {
  listAllocations,
  listLogicalVolumes,
  removeLogicalVolume,
  removePhysicalVolume,
  removeVolumeGroup,
  setAllocatable,
} from "../../src/host/lvm.ts";
import { listVolumeLocks } from "../../src/host/lvmlockctl.ts";
import { tutorialLuns } from "../../src/simulator/san/tutorial-san.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { byId, type Login, logIn, prepareLocking } from "./on-host.ts";

const GIBIBYTE = 1024 ** 3;
const HOST1 = "sharedblock-host1";
const device = byId(tutorialLuns.orphan);

let san: SimulatedHosts;
let logins: Login[];
let first: Login;
let second: Login;
beforeEach(async () => {
  san = await startSimulatedHosts({ directory: null });
  logins = await Promise.all(san.hosts.map((host) => logIn(san, host.name)));
  [first, second] = logins as [Login, Login];
  await Promise.all(logins.map((login, index) => prepareLocking(login, index + 1)));
  await first.run(["vgcreate", "--shared", "--metadatasize", "2048m", "ps1", device]);
  await second.run(["vgchange", "--lockstart", "--", "ps1"]);
  san.volumes.create("ps1", { name: "vol-1", sizeBytes: GIBIBYTE, tags: ["zs::sharedblock::volume"] });
});
afterEach(async () => {
  for (const login of logins) login.close();
  await san.stop();
});

describe("logical volumes", () => {
  it("are the same for every host; device-mapper and lvmlockd are each host's own", async () => {
    expect((await first.run(["lvchange", "-aey", "ps1/vol-1"])).exitCode).toBe(0);
    san.volumes.open("ps1", "vol-1", HOST1);
    const listed = await second.ask(listLogicalVolumes);
    expect(listed).toEqual(await first.ask(listLogicalVolumes));
    expect(listed.map((each) => each.name).sort()).toEqual(["lv_archive", "vol-1"]);
    const volume = listed.find((each) => each.name === "vol-1");
    expect(volume).toMatchObject({ volumeGroup: "ps1", sizeBytes: GIBIBYTE, tags: ["zs::sharedblock::volume"] });
    const active = (await first.ask(listActiveVolumes)).filter((each) => each.mapperName.startsWith("ps1-"));
    // sanlock has its own volume open.
    expect(active.map(({ mapperName, openCount }) => [mapperName, openCount])).toEqual([
      ["ps1-lvmlock", 1],
      ["ps1-vol--1", 1],
    ]);
    expect(active[1]?.uuid).toBe(volume?.uuid);
    expect(await first.ask(listVolumeLocks)).toEqual([{ volumeGroup: "ps1", uuid: volume?.uuid, mode: "exclusive" }]);
    expect(await second.ask(listVolumeLocks)).toEqual([]);
    expect((await second.ask(listActiveVolumes)).map((each) => each.mapperName)).toEqual(["ps1-lvmlock"]);
  });

  it("are locked for as long as they are active", async () => {
    await first.run(["lvchange", "-aey", "ps1/vol-1"]);
    expect(await second.run(["lvchange", "-ay", "ps1/vol-1"])).toMatchObject({
      stderr: "  LV locked by other host: ps1/vol-1\n  Failed to lock logical volume ps1/vol-1.\n",
      exitCode: 5,
    });
    expect((await second.run(removeLogicalVolume("ps1", "vol-1").argv)).stderr).toBe(
      "  LV locked by other host: ps1/vol-1\n",
    );
    san.volumes.open("ps1", "vol-1", HOST1);
    expect((await first.run(["lvchange", "-an", "ps1/vol-1"])).stderr).toBe("  Logical volume ps1/vol-1 in use.\n");
    expect((await first.run(["vgchange", "--lockstop", "--", "ps1"])).stderr).toContain(
      "LVs must first be deactivated",
    );
    san.volumes.open("ps1", "vol-1", HOST1, 0);
    expect((await first.run(["lvchange", "-an", "ps1/vol-1"])).exitCode).toBe(0);
    expect((await second.run(["lvchange", "-asy", "ps1/vol-1"])).exitCode).toBe(0);
    expect((await first.run(["lvchange", "-asy", "ps1/vol-1"])).exitCode).toBe(0);
    expect((await first.run(["lvchange", "-an", "ps1/nosuch"])).stderr).toContain(
      'Failed to find logical volume "ps1/nosuch"',
    );
  });

  it("that are active are not removed without a yes, which the bot never gives", async () => {
    const remove = removeLogicalVolume("ps1", "vol-1");
    await first.run(["lvchange", "-aey", "ps1/vol-1"]);
    expect(await first.run(remove.argv)).toMatchObject({ exitCode: 5 });
    expect(san.volumes.names("ps1")).toEqual(["vol-1"]);
    await first.run(["lvchange", "-an", "ps1/vol-1"]);
    await first.ask(remove);
    expect(san.volumes.names("ps1")).toEqual([]);
    expect((await first.run(remove.argv)).stderr).toContain("Failed to find logical volume");
  });

  it("take no room from a physical volume that gives none", async () => {
    await first.ask(setAllocatable(false, [device]));
    for (const login of logins) {
      const mine = (await login.ask(listAllocations)).filter((each) => each.volumeGroup === "ps1");
      expect(mine.map((each) => each.allocatable)).toEqual([false]);
    }
    expect(() => san.volumes.create("ps1", { name: "vol-2", sizeBytes: GIBIBYTE })).toThrow("insufficient free space");
    expect((await first.run(setAllocatable(false, [device]).argv)).stdout).toContain("0 physical volumes changed");
    await second.ask(setAllocatable(true, [device]));
    san.volumes.create("ps1", { name: "vol-2", sizeBytes: GIBIBYTE });
    // A host that is not in the lockspace changes nothing.
    expect(await logins[2]?.run(setAllocatable(false, [device]).argv)).toMatchObject({
      stderr: "  Cannot access VG ps1 due to failed lock.\n",
      exitCode: 5,
    });
  });
});

describe("removing a shared volume group", () => {
  const vgremove = removeVolumeGroup("ps1");
  const pvremove = removePhysicalVolume(device);

  it("needs its volumes gone, its lockspace started here and stopped on the others", async () => {
    expect((await first.run(vgremove.argv)).stderr).toContain(
      'volume group "ps1" containing 1 logical volumes? [y/n]: [n]',
    );
    await first.ask(removeLogicalVolume("ps1", "vol-1"));
    expect((await first.run(vgremove.argv)).stderr).toBe('  Lockspace for "ps1" not stopped on other hosts\n');
    expect((await first.run(pvremove.argv)).stderr).toContain("is used by VG ps1 so please use vgreduce first");
    // As a host of the lab said it.
    expect(await logins[2]?.run(["vgchange", "--lockstop", "--", "ps1"])).toEqual({
      stdout: "",
      stderr: "  Skipping global lock: lockspace not found or started\n  Reading VG ps1 without a lock.\n",
      exitCode: 0,
    });
    expect(await logins[2]?.run(vgremove.argv)).toMatchObject({
      stderr: "  Global lock failed: check that global lockspace is started\n",
      exitCode: 5,
    });
    await second.run(["vgchange", "--lockstop", "--", "ps1"]);
    expect((await first.run(vgremove.argv)).stdout).toBe('  Volume group "ps1" successfully removed\n');
    expect((await first.run(["vgs", "--shared"])).stdout).not.toContain("ps1");
    expect((await first.run(["lvmlockctl", "--info"])).stdout).toBe("");
    expect((await first.ask(listActiveVolumes)).filter((each) => each.mapperName.startsWith("ps1-"))).toEqual([]);
    expect(san.array.lun(tutorialLuns.orphan).content.physicalVolume?.volumeGroupUuid).toBeNull();
  });

  it("takes lvmlockd's global lock with it, which pvremove would need", async () => {
    await first.ask(removeLogicalVolume("ps1", "vol-1"));
    await second.run(["vgchange", "--lockstop", "--", "ps1"]);
    await first.ask(vgremove);
    expect((await first.run(["pvremove", "--", device])).stderr).toContain("check that global lockspace is started");
    await first.ask(pvremove);
    expect(san.array.lun(tutorialLuns.orphan).content.signatures).toEqual([]);
    expect((await first.run(pvremove.argv)).stderr).toContain(`No PV found on device ${device}.`);
    expect((await first.run(["pvs", "--shared"])).stdout).not.toContain("mpatha");
  });
});
