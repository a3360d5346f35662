import { expect, it } from "vitest";
import { isKnownByPath, type StoragePool, sourcesOfVolume } from "../../src/host/storage-pool.ts";
import type { DiskSource } from "../../src/host/vm-definition.ts";

const pool = (type: string, given: Partial<StoragePool> = {}): StoragePool => ({
  ...{ type, path: null, devices: [], adapter: null },
  ...given,
});
const path = (at: string): DiskSource => ({ kind: "path", path: at });
const byPath = "/dev/disk/by-path";

it.each<[string, StoragePool | null, volume: string, at: string | null, DiskSource[] | null]>([
  ["a file", pool("dir", { path: "/var/lib/images" }), "a.qcow2", null, [path("/var/lib/images/a.qcow2")]],
  [
    "a device, if the folder is one of devices",
    pool("dir", { path: "/dev/mapper/" }),
    "mpathb",
    null,
    [path("/dev/mapper/mpathb")],
  ],
  [
    "a partition, and the disk that it is on",
    pool("disk", { path: "/dev", devices: ["/dev/mapper/mpathb"] }),
    "mpathb1",
    null,
    [path("/dev/mapper/mpathb"), path("/dev/mpathb1")],
  ],
  [
    "an LVM volume, and its devices",
    pool("logical", { path: "/dev/vg", devices: ["/dev/sdb"] }),
    "lv",
    "/dev/vg/lv",
    [path("/dev/vg/lv"), path("/dev/sdb")],
  ],
  [
    "a LUN of a target",
    pool("iscsi", { path: byPath, devices: ["iqn.a"] }),
    "unit:0:0:3",
    null,
    [{ kind: "iscsi", target: "iqn.a", lun: "3" }],
  ],
  [
    "a disk of a SCSI host",
    pool("scsi", { path: byPath, adapter: "scsi_host2" }),
    "unit:0:1:5",
    null,
    [{ kind: "scsi", hctl: "2:0:1:5" }],
  ],
  ["not known, if the SCSI host has no number", pool("scsi", { path: byPath }), "unit:0:1:5", null, null],
  [
    "known by its path, if the pool is active",
    pool("scsi", { path: byPath }),
    "unit:0:1:5",
    "/dev/sdq",
    [path("/dev/sdq")],
  ],
  ["a map by its number", pool("mpath", { path: "/dev/mapper" }), "dm-3", null, [path("/dev/dm-3")]],
  ["no disk of the host", pool("rbd"), "image", null, []],
  ["not known without a pool", null, "v", null, null],
  ["not known of an unknown kind", pool("new"), "v", null, null],
])("a volume is %s", (_what, of, volume, at, sources) => {
  expect(sourcesOfVolume(of, volume, at)).toEqual(sources);
});

it("is known only by its path if the pool's definition does not have it", () => {
  expect(["mpath", "scsi"].map((type) => isKnownByPath(pool(type)))).toEqual([true, true]);
  expect(isKnownByPath(pool("scsi", { adapter: "scsi_host2" }))).toBe(false);
});
