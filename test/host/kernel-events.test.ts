import { expect, it } from "vitest";
import { beginsEvent } from "../../src/host/udev.ts";

/** Recorded in the lab (Debian 12) while a path failed by sysfs and came back. */
const MONITORED = `monitor will print the received events for:
KERNEL - the kernel uevent

KERNEL[678.203532] change   /devices/virtual/block/dm-2 (block)
ACTION=change
DEVPATH=/devices/virtual/block/dm-2
SUBSYSTEM=block
DM_TARGET=multipath
DM_ACTION=PATH_FAILED
DM_SEQNUM=1
DM_PATH=8:16
DM_NR_VALID_PATHS=1
DM_NAME=35000c50000001a02
DM_UUID=mpath-35000c50000001a02
DEVNAME=/dev/dm-2
DEVTYPE=disk
DISKSEQ=16
SEQNUM=928
MAJOR=253
MINOR=2

KERNEL[684.089835] change   /devices/virtual/block/dm-2 (block)
ACTION=change
DEVPATH=/devices/virtual/block/dm-2
SUBSYSTEM=block
DM_TARGET=multipath
DM_ACTION=PATH_REINSTATED
DM_SEQNUM=2
DM_PATH=8:16
DM_NR_VALID_PATHS=2
DM_NAME=35000c50000001a02
DM_UUID=mpath-35000c50000001a02
DEVNAME=/dev/dm-2
DEVTYPE=disk
DISKSEQ=16
SEQNUM=929
MAJOR=253
MINOR=2

`;

it("an event of the kernel begins with one line, and its heading is none", () => {
  expect(MONITORED.split("\n").filter(beginsEvent)).toEqual([
    "KERNEL[678.203532] change   /devices/virtual/block/dm-2 (block)",
    "KERNEL[684.089835] change   /devices/virtual/block/dm-2 (block)",
  ]);
});
