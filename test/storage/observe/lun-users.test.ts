import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { CommandOutput, ReadCommand } from "../../../src/core/host-command.ts";
import { reason } from "../../../src/core/refusal.ts";
import type { BlockDevice, MultipathMap, VolumeGroup } from "../../../src/core/storage.ts";
import { listBlockDevices } from "../../../src/host/lsblk.ts";
import { listMultipathMaps } from "../../../src/host/multipath.ts";
import { type DiskSource, readVmDefinitions } from "../../../src/host/vm-definition.ts";
import { inUseReasons } from "../../../src/storage/checks/checks.ts";
import { oneLunReasons } from "../../../src/storage/checks/one-lun.ts";
import { type HostUse, type HostView, viewWith } from "../../../src/storage/observe/host-view.ts";
import { lunsOf } from "../../../src/storage/observe/lun.ts";
import { textsOf } from "../../support/errors.ts";
import { lunOnHost } from "../lun-on-host.ts";

const WWID = "36f011af000d5c3e70000166e5ab82173";
const { host } = lunOnHost("host1");

const device = (kernelName: string, given: Partial<BlockDevice> = {}): BlockDevice => ({
  ...{ name: kernelName, kernelName, majorMinor: kernelName, type: "disk", sizeBytes: 1024 ** 4, fileSystem: null },
  ...{ label: null, uuid: null, mountPoints: [], readOnly: false, logicalSectorBytes: 512, wwn: `0x${WWID.slice(1)}` },
  ...{ vendor: "DELL", model: "MD32xx", hctl: "0:0:0:1", transport: "fc", children: [] },
  ...given,
});
const dm = (name: string, kernelName: string, type: string, given: Partial<BlockDevice> = {}): BlockDevice =>
  device(kernelName, { name, type, hctl: null, wwn: null, vendor: null, model: null, ...given });
const map: MultipathMap = {
  ...{ wwid: WWID, alias: "mpathb", dmName: "dm-2", vendor: "DELL", product: "MD32xx", sizeBytes: null },
  paths: ["sdb", "sdc"].map((name, group) => ({
    ...{ hctl: `0:0:${group}:1`, device: name, majorMinor: name, dmState: "active", checkerState: "ready" },
    ...{ deviceState: "running", group },
  })),
};
const nobody: HostUse = {
  ...{ openFiles: [], processNames: new Map(), vms: [], exports: [], loops: [], links: new Map(), generics: new Map() },
  ...{ targets: new Set<string>(), problems: [] },
};
const mapped = (open: number, given: Partial<HostView> = {}, above: readonly BlockDevice[] = []): HostView => {
  const mpath = dm("mpathb", "dm-2", "mpath", { children: above });
  return viewWith(host, {
    maps: [map],
    devices: [
      device("sdb", { hctl: "0:0:0:1", children: [mpath] }),
      device("sdc", { hctl: "0:0:1:1", children: [mpath] }),
    ],
    openCounts: [{ majorMinor: "dm-2", count: open, uuid: `mpath-${WWID}` }],
    use: nobody,
    ...given,
  });
};
const bare = (use: Partial<HostUse>): HostView =>
  viewWith(host, { devices: [device("sdb")], use: { ...nobody, ...use } });
const used = (use: Partial<HostUse>) => ({ use: { ...nobody, ...use } });
const links = new Map([
  ["/dev/oracle/data1", "../mapper/mpathb"],
  ["/dev/mapper/mpathb", "../dm-2"],
  ["/dev/disk/by-path/pci-0000:00-lun-1", "../../sdb"],
  ["/dev/disk/by-id/scsi-x-part1", "../../dm-9"],
]);
const vmWith = (source: DiskSource, runs = true) => ({
  vms: [{ name: "vm-db", runs, disks: [{ device: "disk", name: "vda", source }], unknownDisks: [] }],
});
const vm = (path: string, runs = true) => vmWith({ kind: "path", path }, runs);
const vmScsi = (hctl: string) => vmWith({ kind: "scsi", hctl }, false);
const vmIscsi = (target: string, lun: string) => vmWith({ kind: "iscsi", target, lun }, false);
/** The paths of the LUN go over iSCSI. */
const overIscsi = (use: Partial<HostUse>, target = "iqn.a") =>
  mapped(0, {
    identities: ["sdb", "sdc"].map((disk) => ({ disk, isIscsi: true, serial: null, target, targetPort: null })),
    ...used({ targets: new Set([target]), ...use }),
  });
const opened = (name: string, path: string) => ({
  openFiles: [{ pid: 7, descriptor: 3, device: path }],
  processNames: new Map([[7, name]]),
});
/** As a container calls it, and as the kernel numbers it. */
const openedAs = (device: string, number: string) => ({
  openFiles: [
    { pid: 7, descriptor: 3, device },
    { pid: 7, descriptor: 3, number },
  ],
  processNames: new Map([[7, "tgtd"]]),
});
const lv = (name: string) => dm(name, "dm-5", "lvm");

describe("who uses a LUN", () => {
  it.each<[string, HostView, string]>([
    ["nobody", mapped(0), ""],
    ["nobody, though multipathd has its paths open", mapped(0, used(opened("multipathd", "/dev/sdb"))), ""],
    ["multipathd, were it the map", mapped(1, used(opened("multipathd", "/dev/dm-2"))), "multipathd (PID 7)"],
    ["a process at its map", mapped(1, used(opened("tgtd", "/dev/dm-2"))), "tgtd (PID 7)"],
    ["a process at one of its paths", mapped(0, used(opened("dd", "/dev/sdc"))), "dd (PID 7)"],
    ["a process at a path without a map", bare(opened("tgtd", "/dev/sdb")), "tgtd (PID 7)"],
    [
      "a container's process, with another name of the map",
      mapped(1, used(openedAs("/dev/xvda", "block dm-2"))),
      "tgtd (PID 7)",
    ],
    ["a container's process, without a map", bare(openedAs("/srv/box/dev/disk", "block sdb")), "tgtd (PID 7)"],
    [
      "a container's process past the block device",
      mapped(0, used({ ...openedAs("/dev/x", "character 21:4"), generics: new Map([["sg4", "0:0:1:1"]]) })),
      "tgtd (PID 7)",
    ],
    ["nobody: a container calls another disk so", mapped(0, used(openedAs("/dev/sdb", "block 8:240"))), ""],
    [
      "a process past the block device",
      mapped(0, used({ ...opened("tgtd", "/dev/sg4"), generics: new Map([["sg4", "0:0:1:1"]]) })),
      "tgtd (PID 7)",
    ],
    ["a process past it by bsg", mapped(0, used(opened("tgtd", "/dev/bsg/0:0:1:1"))), "tgtd (PID 7)"],
    [
      "nobody: the process has another disk",
      mapped(0, used({ ...opened("tgtd", "/dev/sg5"), generics: new Map([["sg5", "0:0:0:2"]]) })),
      "",
    ],
    [
      "a VM by a link of an administrator's own",
      mapped(1, used({ ...vm("/dev/oracle/data1"), links })),
      "VM vm-db (disk vda)",
    ],
    [
      "a VM by the place of a path",
      mapped(0, used({ ...vm("/dev/disk/by-path/pci-0000:00-lun-1"), links })),
      "VM vm-db",
    ],
    [
      "a VM by a name that leads nowhere now",
      mapped(0, used(vm(`/dev/disk/by-id/scsi-${WWID}`, false))),
      "VM vm-db (disk vda; it is off)",
    ],
    ["nobody: the VM has another disk", mapped(0, used({ ...vm("/dev/disk/by-id/scsi-36f0"), links })), ""],
    [
      "a VM by a partition",
      mapped(1, used({ ...vm("/dev/disk/by-id/scsi-x-part1"), links }), [dm("mpathb1", "dm-9", "part")]),
      "VM vm-db",
    ],
    ["a VM by a partition that is not there", mapped(0, used(vm(`/dev/disk/by-id/scsi-${WWID}-part1`))), "VM vm-db"],
    ["a VM by a map's partition that is not there", mapped(0, used(vm("/dev/mapper/mpathb-part2"))), "VM vm-db"],
    ["a VM by a partition's number behind the name", mapped(0, used(vm("/dev/mapper/mpathb1"))), "VM vm-db"],
    ["a VM by a partition's UUID", mapped(0, used(vm(`/dev/disk/by-id/dm-uuid-part1-mpath-${WWID}`))), "VM vm-db"],
    [
      "a VM by a device file of any name",
      mapped(0, used(vmWith({ kind: "device", number: "block dm-2" }))),
      "VM vm-db",
    ],
    [
      "a VM past the block device by a device file of any name",
      mapped(
        0,
        used({ ...vmWith({ kind: "device", number: "character 21:4" }), generics: new Map([["sg4", "0:0:1:1"]]) }),
      ),
      "VM vm-db",
    ],
    ["nobody: it is the file of another disk", mapped(0, used(vmWith({ kind: "device", number: "block 8:240" }))), ""],
    [
      "a VM by the address of a path",
      mapped(0, used(vmScsi("0:0:1:1"))),
      "VM vm-db (disk vda; it is off). Fix: detach",
    ],
    [
      "nobody: the VM has the address of another disk",
      mapped(0, {
        ...used(vmScsi("3:0:0:1")),
        devices: [
          device("sdb", { hctl: "0:0:0:1", children: [dm("mpathb", "dm-2", "mpath")] }),
          device("sdq", { hctl: "3:0:0:1", wwn: "0x600a" }),
        ],
      }),
      "",
    ],
    [
      "perhaps a VM with the address of a dead disk, which lsblk leaves out",
      mapped(0, used({ ...vmScsi("3:0:0:1"), generics: new Map([["sg9", "3:0:0:1"]]) })),
      "may be in use on host1 by VM vm-db (disk vda; it is off): the host has no disk at 3:0:0:1 now",
    ],
    [
      "perhaps a VM with an address that is not there, and the LUN's number",
      mapped(0, used(vmScsi("3:0:0:1"))),
      "may be in use on host1 by VM vm-db (disk vda; it is off): the host has no disk at 3:0:0:1 now",
    ],
    ["nobody: what is not there has another number", mapped(0, used(vmScsi("3:0:0:2"))), ""],
    ["a VM that logs in to the LUN itself", overIscsi(vmIscsi("iqn.a", "1")), "in use on host1 by VM vm-db"],
    ["nobody: the VM has another LUN of the target", overIscsi(vmIscsi("iqn.a", "2")), ""],
    [
      "nobody: the VM has the same number of a target that the host knows",
      overIscsi({ ...vmIscsi("iqn.b", "1"), targets: new Set(["iqn.a", "iqn.b"]) }),
      "",
    ],
    [
      "perhaps a VM with the same number of a target that the host does not know",
      mapped(0, used(vmIscsi("iqn.b", "1"))),
      "may be in use on host1 by VM vm-db (disk vda; it is off): the host is not logged in to iqn.b now",
    ],
    ["nobody: another number of a target that the host does not know", mapped(0, used(vmIscsi("iqn.b", "7"))), ""],
    [
      "a VM by the place of a LUN over iSCSI, without a link",
      overIscsi(vm("/dev/disk/by-path/ip-10.0.0.9:3260-iscsi-iqn.a-lun-1", false)),
      "in use on host1 by VM vm-db",
    ],
    [
      "perhaps a VM by a place that is not there",
      mapped(0, used(vm("/dev/disk/by-path/pci-0000:05:00.0-fc-0x5006-lun-1", false))),
      "may be in use on host1 by VM vm-db",
    ],
    [
      "nobody: the place has another number",
      mapped(0, used(vm("/dev/disk/by-path/pci-0000:05:00.0-fc-0x5006-lun-0x0002000000000000", false))),
      "",
    ],
    [
      "perhaps a VM with a volume that is not known",
      mapped(
        0,
        used({
          vms: [
            {
              ...{ name: "vm-db", runs: false, disks: [] },
              unknownDisks: [
                { device: "disk", name: "vda", why: "volume v of storage pool p", fix: "start that pool" },
              ],
            },
          ],
        }),
      ),
      "may be in use on host1 by VM vm-db (disk vda; it is off): it is volume v of storage pool p. Fix: start that pool",
    ],
    [
      "an export",
      mapped(1, used({ exports: [{ by: "LIO:iblock_0/a", device: "/dev/mapper/mpathb" }] })),
      "export LIO:iblock_0/a",
    ],
    [
      "a loop device",
      mapped(1, used({ loops: [{ name: "/dev/loop0", backingFile: "/dev/dm-2" }] })),
      "loop device /dev/loop0. Fix: detach the loop device",
    ],
    [
      "a loop device on a path without a map",
      bare({ loops: [{ name: "/dev/loop0", backingFile: "/dev/sdb" }] }),
      "loop device /dev/loop0",
    ],
    [
      "a holder that lsblk calls a disk",
      mapped(1, {}, [dm("bcache0", "bcache0", "disk")]),
      "in use on host1 by bcache0",
    ],
    [
      "a holder that lsblk leaves out",
      mapped(1, { holders: [{ majorMinor: "dm-2", holder: "drbd0" }] }),
      "in use on host1 by drbd0",
    ],
    [
      "a holder of a path outside the map",
      mapped(0, { holders: [{ majorMinor: "sdb", holder: "md0" }] }),
      "in use on host1 by md0",
    ],
    ["what nothing explains", mapped(2, used(opened("tgtd", "/dev/dm-2"))), "is open 1 × on host1 by an unknown user"],
    [
      "no user that the host can report",
      mapped(0, used({ problems: ["virsh: exit code 1"] })),
      "host1 can't report who uses",
    ],
    ["not known without an open count", mapped(0, { openCounts: [] }), "does not report how often"],
  ])("%s", (_who, view, said) => {
    const reasons = lunsOf([view]).flatMap((lun) => inUseReasons(lun, [view], null));
    if (said === "") expect(reasons).toEqual([]);
    else expect(textsOf(reasons).join("; ")).toContain(said);
  });

  it("is our group: its own volumes are allowed, another opener is not", () => {
    const volumes = [
      {
        ...{ device: "/dev/mapper/mpathb", uuid: "u", volumeGroup: "ours", sizeBytes: 1, freeBytes: 1 },
        isDuplicate: false,
      },
    ];
    const against = (view: HostView) =>
      lunsOf([view])
        .flatMap((lun) => textsOf(inUseReasons(lun, [view], "ours")))
        .join();
    const standing = (open: number, name: string, uuid: string, groups: readonly VolumeGroup[] = []) => {
      const openCounts = [
        { majorMinor: "dm-2", count: open, uuid: `mpath-${WWID}` },
        { majorMinor: "dm-5", count: 1, uuid },
      ];
      return against(mapped(open, { volumes, groups, openCounts }, [lv(name)]));
    };
    const group = {
      ...{ name: "ours", uuid: "AAAAAA-BBBB", sizeBytes: 1, freeBytes: 1, tags: [], lockType: null, lockArgs: null },
      missingPhysicalVolumes: 0,
    };
    expect(standing(1, "ours-lvmlock", "LVM-AAAAAABBBBx")).toBe("");
    expect(standing(2, "ours-lvmlock", "LVM-AAAAAABBBBx")).toContain("is open 1 ×");
    expect(standing(1, "ours-lvmlock", "LVM-AAAAAABBBBx", [group])).toBe("");
    expect(standing(1, "others-lv", "LVM-CCCCCCDDDDx")).toContain("in use on host1 by others-lv");
    // A person gave it the name.
    expect(standing(1, "ours-secret", "CRYPT-LUKS2-ours-secret")).toContain("in use on host1 by ours-secret");
    // It belongs to a group that had the name before.
    expect(standing(1, "ours-old", "LVM-CCCCCCDDDDx", [group])).toContain("in use on host1 by ours-old");
  });
});

const RAW = "f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11";
const caseSchema = z.object({
  output: z.object({ stdout: z.string(), stderr: z.string(), exitCode: z.number() }),
});
const recorded = <T>(command: ReadCommand<T>, folder: string, name: string): T => {
  const file = new URL(`../../host/cases/${folder}/${name}.json`, import.meta.url);
  const output: CommandOutput = caseSchema.parse(JSON.parse(readFileSync(file, "utf8"))).output;
  return command.parse(output);
};

describe("what hosts printed", () => {
  it("of a LUN under bcache says that it is in use", () => {
    const devices = recorded(listBlockDevices, "listBlockDevices", "field-bcache");
    const maps: MultipathMap[] = [{ ...map, wwid: "336b083fe000daf01", dmName: "dm-2", paths: map.paths.slice(0, 1) }];
    const view = viewWith(host, { devices, maps });
    expect(lunsOf([view]).flatMap((lun) => inUseReasons(lun, [view], null))).toEqual([
      reason("LUN_IN_USE", "336b083fe000daf01 is in use on host1 by bcache0", "close bcache0 on host1"),
    ]);
  });

  it("of a VM's raw disk says that it is in use", () => {
    const definitions = recorded(readVmDefinitions([RAW]), "readVmDefinitions", "raw-lun");
    const vms = definitions.map(({ disks }) => ({ name: "vm-db", runs: true, disks, unknownDisks: [] }));
    const view = mapped(1, used({ vms, ...opened("qemu-kvm", "/dev/dm-2") }));
    expect(lunsOf([view]).flatMap((lun) => inUseReasons(lun, [view], null))).toEqual([
      reason(
        "LUN_IN_USE",
        `${WWID} is in use on host1 by VM vm-db (disk sda)`,
        "detach the disk from VM vm-db, then send the command again",
      ),
    ]);
  });

  it("of two targets with one WWID says that they are two", () => {
    const devices = recorded(listBlockDevices, "listBlockDevices", "field-two-targets-one-wwid");
    const maps = recorded(listMultipathMaps, "listMultipathMaps", "field-two-targets-one-wwid");
    const targetOf = new Map([
      ["sda", "iqn.a"],
      ["sdb", "iqn.a"],
      ["sdc", "iqn.b"],
      ["sdd", "iqn.b"],
    ]);
    const identities = [...targetOf].map(([disk, target]) => ({
      ...{ disk, target, targetPort: null, serial: "beaf11" },
      isIscsi: true,
    }));
    const [lun] = lunsOf([viewWith(host, { devices, maps, identities })]);
    expect(textsOf(oneLunReasons(lun?.wwid ?? "", lun?.on ?? [])).join()).toContain("lead to 2 targets (iqn.a, iqn.b)");
  });
});
