import type { GuestDesign } from "./designs.ts";
import type { Lun } from "./luns.ts";
import { run } from "./places.ts";

/** The two controllers over which a LUN is reached; a PCI address each, by which the guest's sysfs knows them. */
export type PathNumber = 1 | 2;
const slot = (path: PathNumber): number => 0x0f + path;

export const controllers: readonly string[] = ([1, 2] as const).flatMap((path) => [
  ...["-device", `virtio-scsi-pci,id=controller${path},addr=0x${slot(path).toString(16)}`],
]);

export const nodeName = (lun: Lun): string => `node-${lun.name}`;
export const deviceId = (lun: Lun, path: PathNumber): string => `${lun.name}-${path}`;

/** The LUN's file as QEMU opens it; the other guests have it open too. */
export const node = (lun: Lun) => ({
  driver: "raw",
  "node-name": nodeName(lun),
  file: { driver: "file", filename: run.lun(lun.name), locking: "off" },
});

/**
 * The LUN behind one controller, as QEMU takes a device in words: its identity has more digits than a number of JSON.
 * The vendor is one that multipath has no built-in settings for.
 */
export const disk = (lun: Lun, path: PathNumber, design: GuestDesign): string =>
  [
    ...["scsi-hd", `id=${deviceId(lun, path)}`, `bus=controller${path}.0`, `drive=${nodeName(lun)}`],
    ...[`lun=${design.virtioNumber(lun)}`, `device_id=${lun.name}`, "vendor=LABSAN", "product=LUN", "share-rw=on"],
    // `35000c50000001a01` is 3 (NAA) and these 16 digits.
    `wwn=0x${lun.wwid.slice(1)}`,
  ].join(",");

/** Files in the guest's sysfs of the LUN's device behind one controller, as a pattern for its shell. */
export const sysfsOf = (lun: Lun, path: PathNumber, design: GuestDesign, file: string): string =>
  `/sys/bus/pci/devices/0000:00:${slot(path).toString(16)}.0/virtio*/host*/target*/*:${design.virtioNumber(lun)}/${file}`;
