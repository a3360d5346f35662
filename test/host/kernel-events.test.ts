import { expect, it } from "vitest";
import { eventIn } from "../../src/host/udev.ts";

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

it("the event of a path is known by its action, not by its heading", () => {
  const hints = MONITORED.split("\n").flatMap((line) => eventIn(line) ?? []);
  expect(hints).toEqual(["any", "paths", "any", "paths"]);
});

it.each([
  ["KERNEL[1.2] add      /devices/pci0000:00/host2/target2:0:0/2:0:0:1/block/sdb (block)", "paths"],
  ["KERNEL[1.2] remove   /devices/platform/host3/session1/target3:0:0/3:0:0:1/block/sdc (block)", "paths"],
  ["RESIZE=1", "paths"],
  ["DM_ACTION=PATH_REINSTATED", "paths"],
  ["KERNEL[1.2] add      /devices/virtual/block/dm-7 (block)", "any"],
  ["KERNEL[1.2] change   /devices/virtual/block/dm-7 (block)", "any"],
  ["KERNEL[1.2] change   /devices/pci0000:00/host2/target2:0:0/2:0:0:1/block/sdb (block)", "any"],
  ["KERNEL[1.2", "any"],
  ["DM_COOKIE=6291456", null],
  ["monitor will print the received events for:", null],
])("%s is an event about: %s", (line, event) => expect(eventIn(line)).toBe(event));
