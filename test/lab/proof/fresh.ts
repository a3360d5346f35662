import { existsSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import type { Host } from "../../../src/core/inventory.ts";
import { listBlockDevices } from "../../../src/host/lsblk.ts";
import { listMultipathMaps } from "../../../src/host/multipath.ts";
import { readUnits } from "../../../src/host/systemd.ts";
import { listSignatures } from "../../../src/host/wipefs.ts";
import { performInLab } from "../control.ts";
import { lunNamed, luns } from "../luns.ts";
import { run } from "../places.ts";
import { bringUp } from "../up.ts";
import { deviceOf, givenGuests } from "./given-guests.ts";

/** The state of a lab that has just started. */
export function fresh(): void {
  beforeAll(async () => {
    // Other tests may have run before: vitest decides which file comes first.
    if (existsSync(run.traces)) await performInLab("reset");
  });
  const guests = givenGuests();
  it("answers on three hosts, on one of them through sudo", async () => {
    const names = await guests.onAll(async (host) => (await guests.run(host, "uname", "-n")).stdout.trim());
    expect(names).toEqual(["sharedblock-host1", "sharedblock-host2", "sharedblock-host3"]);
    const users = await guests.onAll(async (host) => (await guests.run(host, "printenv", "SUDO_USER")).stdout.trim());
    expect(users).toEqual(["", "", "zstack"]);
  });

  it("shows every LUN to every host over two paths", async () => {
    for (const { name } of luns)
      expect(await guests.onAll((host) => guests.paths(host, name))).toEqual(["2/2", "2/2", "2/2"]);
  });

  const aliasesOf = async (host: Host) =>
    new Map((await guests.read(host, listMultipathMaps)).map((map) => [map.wwid, map.alias]));
  it("has other names of maps and disks on each host", async () => {
    const [one, two, three] = [
      await aliasesOf(guests.first),
      await aliasesOf(guests.second),
      await aliasesOf(guests.third),
    ];
    expect(one.get(lunNamed("blank-iscsi").wwid)).toBe("mpatha");
    expect([...two.values()]).toEqual(luns.map(() => null));
    expect(three.get(lunNamed("blank-iscsi").wwid)).toBe("mpathf");
    const virtioNumbers = async (host: Host) =>
      new Map((await guests.read(host, listBlockDevices)).map((disk) => [disk.wwn, disk.hctl?.split(":")[3]]));
    const wwn = `0x${lunNamed("blank-virtio").wwid.slice(1)}`;
    expect((await virtioNumbers(guests.first)).get(wwn)).toBe("1");
    expect((await virtioNumbers(guests.second)).get(wwn)).toBe("3");
  });

  it("has a LUN for each case of the main job", async () => {
    const types = async (lun: string) =>
      (await guests.read(guests.first, listSignatures(deviceOf(lun)))).map(({ type }) => type);
    expect(await types("blank-iscsi")).toEqual([]);
    expect(await types("blank-virtio")).toEqual([]);
    expect(await types("ext4")).toEqual(["ext4"]);
    expect(await types("gpt")).toEqual(["gpt", "gpt", "PMBR"]);
    expect(await types("other-vg")).toEqual(["LVM2_member"]);
    expect(await types("orphan-pv")).toEqual(["LVM2_member"]);
  });

  it("has the lock daemons installed, not configured and not running", async () => {
    for (const host of guests.hosts) {
      const units = await guests.read(host, readUnits(["sanlock.service", "lvmlockd.service"]));
      expect(units.map(({ loaded, active, enabled }) => [loaded, active, enabled])).toEqual([
        [true, false, false],
        [true, false, false],
      ]);
      expect((await guests.run(host, "test", "-e", "/etc/sanlock/sanlock.conf")).exitCode).toBe(1);
    }
  });

  it("is the only one", async () => {
    await expect(bringUp(() => {})).rejects.toThrow(/a lab runs already \(pid \d+\)/);
  });
}
