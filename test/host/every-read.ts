import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReadCommand } from "../../src/core/host-command.ts";
import { listKeptFiles } from "../../src/host/backup.ts";
import { pause } from "../../src/host/clock.ts";
import { readBlankness, readSamples } from "../../src/host/cmp.ts";
import { readDeviceNumbers } from "../../src/host/device-users.ts";
import { readRealPath, readTextFile } from "../../src/host/file.ts";
import { discoverTargets, listNodeRecords } from "../../src/host/iscsi-node.ts";
import { listVmDisks } from "../../src/host/libvirt.ts";
import { listInstalledDebs, listInstalledRpms } from "../../src/host/packages.ts";
import { listHostLeases } from "../../src/host/sanlock.ts";
import { readCapacity, readNamePage, readPathPage, readUnitSerial } from "../../src/host/scsi.ts";
import { readStoragePool, readVolumePath } from "../../src/host/storage-pool.ts";
import { listDeviceClass } from "../../src/host/sysfs.ts";
import { readUnits } from "../../src/host/systemd.ts";
import { readSavedState, readVmDefinitions } from "../../src/host/vm-definition.ts";
import { listSignatures, readClaim } from "../../src/host/wipefs.ts";

/** Reads that a function makes for an object. */
const made: Readonly<Record<string, ReadCommand<unknown>>> = {
  discoverTargets: discoverTargets({ address: "192.0.2.1", port: 3260 }),
  listDeviceClass: listDeviceClass("watchdog", (names) => names),
  listHostLeases: listHostLeases("0123456789abcdef0123456789abcdef"),
  listInstalledDebs: listInstalledDebs(["lvm2"]),
  listInstalledRpms: listInstalledRpms(["lvm2"]),
  listKeptFiles: listKeptFiles("36b083fe000daf018000015505abbe00a"),
  listVmDisks: listVmDisks("f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11"),
  listNodeRecords: listNodeRecords("iqn.2026-11.example:lun"),
  listSignatures: listSignatures("/dev/sda"),
  readStoragePool: readStoragePool("default"),
  readVmDefinitions: readVmDefinitions(["f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11"]),
  readSavedState: readSavedState("f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11"),
  readVolumePath: readVolumePath("default", "vol"),
  pause: pause(1),
  readBlankness: readBlankness("/dev/sda"),
  readCapacity: readCapacity("sda"),
  readClaim: readClaim("/dev/sda"),
  readDeviceNumbers: readDeviceNumbers(["/dev/sda"]),
  readNamePage: readNamePage("sda"),
  readRealPath: readRealPath("/etc/multipath.conf"),
  readSamples: readSamples("/dev/sda", 2 ** 40),
  readPathPage: readPathPage("sda"),
  readTextFile: readTextFile("/etc/hosts"),
  readUnits: readUnits(["sanlock.service"]),
  readUnitSerial: readUnitSerial("sda"),
};

const folder = join(import.meta.dirname, "../../src/host");

/** Every read that src/host exports, by its name. A function that makes one must be called above. */
export async function everyRead(): Promise<[name: string, read: ReadCommand<unknown>][]> {
  const found: [string, ReadCommand<unknown>][] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    const exported: Record<string, unknown> = await import(join(folder, file));
    for (const [name, value] of Object.entries(exported)) if (isRead(value)) found.push([name, value]);
    const text = readFileSync(join(folder, file), "utf8");
    for (const [, name] of text.matchAll(/^export (?:const|function) (\w+)[^\n]*\): ReadCommand</gm)) {
      const read = made[name ?? ""];
      if (name === undefined || read === undefined) throw new Error(`${name} of ${file} is not among the reads`);
      found.push([name, read]);
    }
  }
  return found;
}

const isRead = (value: unknown): value is ReadCommand<unknown> =>
  typeof value === "object" && value !== null && "effect" in value && value.effect === "read" && "parse" in value;
