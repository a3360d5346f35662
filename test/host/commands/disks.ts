import { listFcHosts } from "../../../src/host/fc-host.ts";
import { listBlockDevices, listEveryBlockDevice } from "../../../src/host/lsblk.ts";
import {
  bringOnline,
  forgetDisks,
  listKernelDisks,
  listScsiDevices,
  listScsiHosts,
  readCapacity,
  readNamePage,
  rescanDisks,
  rescanScsiHosts,
} from "../../../src/host/scsi.ts";
import { listDiskIds, reprobeDevices, settleDevices } from "../../../src/host/udev.ts";
import type { Family } from "./family.ts";

/** SCSI, Fibre Channel, and the kernel's block devices. */
export const disks: Family = {
  reads: [
    listBlockDevices,
    listDiskIds,
    listEveryBlockDevice,
    listKernelDisks,
    readNamePage("sdd"),
    listFcHosts,
    listScsiDevices,
    listScsiHosts,
    readCapacity("sdd"),
  ],
  changes: [
    [bringOnline(["sdd", "sdg"]), "tee -- /sys/block/sdd/device/state /sys/block/sdg/device/state"],
    [forgetDisks(["sdd", "sdg"]), "tee -- /sys/block/sdd/device/delete /sys/block/sdg/device/delete"],
    [rescanDisks(["sdd", "sdg"]), "tee -- /sys/block/sdd/device/rescan /sys/block/sdg/device/rescan"],
    [rescanScsiHosts(["host0", "host10"]), "tee -- /sys/class/scsi_host/host0/scan /sys/class/scsi_host/host10/scan"],
    [settleDevices, "udevadm settle --timeout=30"],
    [
      reprobeDevices(["/dev/disk/by-id/dm-uuid-mpath-3600a", "/dev/disk/by-id/scsi-3600b"]),
      "udevadm trigger --action=change --name-match=/dev/disk/by-id/dm-uuid-mpath-3600a --name-match=/dev/disk/by-id/scsi-3600b",
    ],
  ],
  destroying: [],
};
