import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBlankness } from "../../src/host/cmp.ts";
import { listBlockDevices } from "../../src/host/lsblk.ts";
import { listPhysicalVolumes, listVolumeGroups } from "../../src/host/lvm.ts";
import { readLvmSettings } from "../../src/host/lvm-settings.ts";
import { listLockspaces } from "../../src/host/lvmlockctl.ts";
import { listMultipathMaps } from "../../src/host/multipath.ts";
import { listScsiDevices, listScsiHosts } from "../../src/host/scsi.ts";
import { listDiskIds } from "../../src/host/udev.ts";
import { listSignatures } from "../../src/host/wipefs.ts";
import { largeSan } from "../../src/simulator/san/large-san.ts";
import { tutorialLuns, tutorialSan } from "../../src/simulator/san/tutorial-san.ts";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { byId, logIn } from "./on-host.ts";

const running: SimulatedHosts[] = [];
beforeAll(async () => {
  for (const seed of [tutorialSan(), largeSan(2, 10)])
    running.push(await startSimulatedHosts({ directory: null, seed }));
});
afterAll(() => Promise.all(running.map((san) => san.stop())));

describe("the bot's parsers", () => {
  it("read every listing of every host", async () => {
    for (const san of running) {
      for (const { name } of san.hosts) {
        const login = await logIn(san, name);
        const maps = await login.ask(listMultipathMaps);
        const paths = maps.flatMap((map) => map.paths);
        const disks = await login.ask(listScsiDevices);
        expect(disks).toHaveLength(paths.length + 1);
        expect(await login.ask(listScsiHosts)).toEqual(["host0", "host1", "host2"]);
        const ids = await login.ask(listDiskIds);
        const blocks = await login.ask(listBlockDevices);
        expect(blocks).toHaveLength(disks.length);
        for (const map of maps) {
          expect(ids).toContainEqual({ name: `dm-uuid-mpath-${map.wwid}`, device: map.dmName });
          for (const path of map.paths) {
            const block = blocks.find((one) => one.kernelName === path.device);
            expect(block).toMatchObject({ majorMinor: path.majorMinor, hctl: path.hctl, fileSystem: "mpath_member" });
            expect(block?.children.map((child) => child.kernelName)).toEqual([map.dmName]);
          }
        }
        expect(await login.ask(readLvmSettings)).toMatchObject({ hostId: 0, useLvmlockd: false });
        expect(await login.ask(listLockspaces)).toBe(null);
        login.close();
      }
    }
  });

  it("read what the tutorial's LUNs hold", async () => {
    const [san] = running;
    if (!san) throw new Error("not started");
    const login = await logIn(san, "sharedblock-host3");
    expect(await login.ask(listVolumeGroups)).toMatchObject([{ name: "vg_archive", lockType: null }]);
    expect(await login.ask(listPhysicalVolumes)).toMatchObject([
      { device: "/dev/mapper/mpathb", uuid: "zUbBDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF", volumeGroup: null },
      { device: "/dev/mapper/mpathc", volumeGroup: "vg_archive" },
    ]);
    expect(await login.ask(listSignatures(byId(tutorialLuns.mounted)))).toMatchObject([
      { type: "ext4", label: "backup" },
    ]);
    expect(await login.ask(readBlankness(byId(tutorialLuns.blank)))).toEqual({ blank: true });
    expect(await login.ask(readBlankness(byId(tutorialLuns.orphan)))).toEqual({ blank: false, firstByte: 513 });
    login.close();
  });
});
