import { expect, it } from "vitest";
import type { Host } from "../../../src/core/inventory.ts";
import { writeTextFile } from "../../../src/host/file.ts";
import { listLockspaces, startLockspace } from "../../../src/host/lockspace.ts";
import { createSharedVolumeGroup, listVolumeGroups } from "../../../src/host/lvm.ts";
import {
  LVM_LOCAL_CONF,
  lvmLocalConf,
  SANLOCK_CONF,
  sanlockConf,
  sharedBlockLvmSettings,
} from "../../../src/host/lvm-settings.ts";
import { enableUnits } from "../../../src/host/systemd.ts";
import { deviceOf, givenGuests, type ReachedGuests } from "./given-guests.ts";

const volumeGroup = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/** Real sanlock leases, taken with the bot's own commands. */
export function locks(): void {
  const guests = givenGuests();
  it("is created on one host and locked by all", async () => {
    await Promise.all(guests.hosts.map((host, index) => prepare(guests, host, index + 1)));
    const created = await timed("vgcreate", () =>
      guests.change(
        guests.first,
        createSharedVolumeGroup({
          name: volumeGroup,
          tag: "lab",
          metadataSizeMiB: 512,
          devices: [deviceOf("blank-iscsi")],
        }),
      ),
    );
    expect(created.exitCode, created.stderr).toBe(0);
    const started = await timed("lockstart on every host", () => guests.onAll((host) => lockstart(guests, host)));
    expect(started).toEqual(["done", "done", "done"]);
    for (const host of guests.hosts) {
      const group = (await guests.read(host, listVolumeGroups)).find(({ name }) => name === volumeGroup);
      expect(group).toMatchObject({ lockType: "sanlock", missingPhysicalVolumes: 0 });
      const lockspaces = await guests.read(host, listLockspaces);
      expect(lockspaces?.map((each) => each.volumeGroup)).toEqual([volumeGroup]);
    }
  });

  it("refuses on one host a logical volume that is active on another", async () => {
    const volume = `${volumeGroup}/taken`;
    const made = await guests.run(guests.first, "lvcreate", "-y", "-L", "64M", "-n", "taken", "-aey", volumeGroup);
    expect(made.exitCode, made.stderr).toBe(0);
    const refused = await guests.run(guests.second, "lvchange", "-aey", volume);
    expect(refused).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("LV locked by other host") });
    expect((await guests.run(guests.first, "lvchange", "-an", volume)).exitCode).toBe(0);
    expect((await guests.run(guests.second, "lvchange", "-aey", volume)).exitCode).toBe(0);
  });
}

/**
 * Where udev is late, the lock volume is active before its name is there; lvmlockd says `prepare_lockspace_san stat error 2`
 * to its log and vgchange ends with 5. The same words again then finish the work.
 */
async function lockstart(guests: ReachedGuests, host: Host): Promise<string> {
  let said = "";
  for (let attempt = 1; attempt <= 2; attempt++) {
    const { exitCode, stdout, stderr } = await guests.change(host, startLockspace(volumeGroup));
    if (exitCode === 0) return "done";
    said = `exit code ${exitCode}: ${stdout}${stderr}`;
    process.stdout.write(`lab: lockstart on ${host.name}: ${said}\n`);
  }
  return said;
}

async function prepare(guests: ReachedGuests, host: Host, hostId: number): Promise<void> {
  const before = (await guests.run(host, "cat", LVM_LOCAL_CONF)).stdout;
  await guests.change(host, writeTextFile(LVM_LOCAL_CONF, lvmLocalConf(before, sharedBlockLvmSettings(hostId))));
  await guests.run(host, "mkdir", "-p", "/etc/sanlock");
  await guests.change(host, writeTextFile(SANLOCK_CONF, sanlockConf(null)));
  const enabled = await guests.change(host, enableUnits(["sanlock.service", "lvmlockd.service"]));
  expect(enabled.exitCode, enabled.stderr).toBe(0);
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = Date.now();
  const result = await work();
  process.stdout.write(`lab: ${what} took ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
  return result;
}
