import type { GuestDesign } from "./designs.ts";
import type { Lun } from "./luns.ts";
import { run } from "./places.ts";

/** The two controllers of every LUN, by their PCI addresses in the guest's sysfs. */
export type PathNumber = 1 | 2;
const slot = (path: PathNumber): number => 0x0f + path;

export const controllers: readonly string[] = ([1, 2] as const).flatMap((path) => [
  ...["-device", `virtio-scsi-pci,id=controller${path},addr=0x${slot(path).toString(16)}`],
]);

export const nodeName = (lun: Lun): string => `node-${lun.name}`;
export const deviceId = (lun: Lun, path: PathNumber): string => `${lun.name}-${path}`;

/** The LUN's file as QEMU opens it. The other guests have it open too. */
export const node = (lun: Lun) => ({
  driver: "raw",
  "node-name": nodeName(lun),
  file: { driver: "file", filename: run.lun(lun.name), locking: "off" },
});

/**
 * The LUN behind one controller, as text for QEMU: its identity has more digits than a JSON number.
 * The vendor is one that multipath has no built-in settings for.
 */
export const disk = (lun: Lun, path: PathNumber, design: GuestDesign): string =>
  [
    ...["scsi-hd", `id=${deviceId(lun, path)}`, `bus=controller${path}.0`, `drive=${nodeName(lun)}`],
    ...[`lun=${design.virtioNumber(lun)}`, `device_id=${lun.name}`, "vendor=LABSAN", "product=LUN", "share-rw=on"],
    // `35000c50000001a01` is 3 (NAA) and these 16 digits.
    `wwn=0x${lun.wwid.slice(1)}`,
  ].join(",");

/** A shell pattern for the sysfs files of the LUN's device behind one controller. */
export const sysfsOf = (lun: Lun, path: PathNumber, design: GuestDesign, file: string): string =>
  `/sys/bus/pci/devices/0000:00:${slot(path).toString(16)}.0/virtio*/host*/target*/*:${design.virtioNumber(lun)}/${file}`;
