import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HostCommand, inOlderForm, OutputNotUnderstood } from "../../src/core/host-command.ts";
import { deactivateVolumes } from "../../src/host/activation.ts";
import { listAllocations, setAllocatable } from "../../src/host/allocation.ts";
import { listKeptFiles, restoreBytes } from "../../src/host/backup.ts";
import { listBlockDevices, listDiskIds, listEveryBlockDevice } from "../../src/host/block-device.ts";
import { readCapacity } from "../../src/host/capacity.ts";
import { readClock } from "../../src/host/clock.ts";
import { listFcHosts } from "../../src/host/fc-host.ts";
import { copyFile, makeDirectory, readTextFile, writeTextFile } from "../../src/host/file.ts";
import { listAddresses, setHostname } from "../../src/host/hostname.ts";
import { discoverTargets } from "../../src/host/iscsi-discovery.ts";
import {
  addNodeRecord,
  deleteNodeRecord,
  findNodeFolder,
  listNodeRecords,
  logInAtBoot,
  writeChap,
} from "../../src/host/iscsi-node.ts";
import { listIscsiSessions, logIn, logOut, readInitiatorName, rescanTarget } from "../../src/host/iscsi-session.ts";
import { listKernelDisks, readDiskNames, readNamePage } from "../../src/host/kernel-disk.ts";
import { listKernelModules, loadKernelModules } from "../../src/host/kernel-modules.ts";
import { listMachineDisks, listMachines, powerOffMachine, shutDownMachine } from "../../src/host/libvirt.ts";
import { listLockspaces, startLockspace, stopLockspace } from "../../src/host/lockspace.ts";
import { listActiveVolumes, listLogicalVolumes, listVolumeLocks } from "../../src/host/logical-volumes.ts";
import {
  createSharedVolumeGroup,
  listPhysicalVolumes,
  listUsablePhysicalVolumes,
  listUsableVolumeGroups,
  listVolumeGroups,
  readLvmSettings,
} from "../../src/host/lvm.ts";
import { removeLogicalVolume, removePhysicalVolume, removeVolumeGroup } from "../../src/host/lvm-removal.ts";
import { enableMultipath, makeMultipathConf } from "../../src/host/mpathconf.ts";
import { listMultipathMaps, noteForMultipath, reconfigureMultipathd } from "../../src/host/multipath.ts";
import { flushMap, resizeMap } from "../../src/host/multipath-map.ts";
import { readMultipathdSettings } from "../../src/host/multipathd-settings.ts";
import { readHostname, readOsRelease } from "../../src/host/os-release.ts";
import {
  configurePackages,
  listInstalledDebs,
  listInstalledRpms,
  refreshPackageLists,
} from "../../src/host/package-manager.ts";
import { packageOf } from "../../src/host/packages.ts";
import { listHostLeases, readSanlockStatus } from "../../src/host/sanlock.ts";
import { listScsiDevices, listScsiHosts, rescanScsiHosts } from "../../src/host/scsi.ts";
import { bringOnline, forgetDisks, rescanDisks } from "../../src/host/scsi-disk.ts";
import {
  backUpFirstMebibyte,
  backUpFrom,
  backUpSignatures,
  canBackUpSignatures,
  listSignatures,
  readBlankness,
  wipeSignatures,
} from "../../src/host/signatures.ts";
import { enableUnits, readUnits, startAtBoot } from "../../src/host/systemd.ts";
import { settleDevices } from "../../src/host/udev.ts";
import {
  extendVolumeGroup,
  growPhysicalVolume,
  listUsableVolumeSpans,
  listVolumeSpans,
} from "../../src/host/volume-growth.ts";
import { listWatchdogs } from "../../src/host/watchdog.ts";

const DEVICE = "/dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a";
const TARGET = "iqn.2026-11.lab.san:array1";
const PORTAL = { address: "10.0.2.2", port: 3260 };
const READS: readonly HostCommand<unknown>[] = [
  discoverTargets(PORTAL),
  findNodeFolder,
  listFcHosts,
  listIscsiSessions,
  listNodeRecords(TARGET),
  readInitiatorName,
  canBackUpSignatures,
  listActiveVolumes,
  listAllocations,
  listBlockDevices,
  listDiskIds,
  listEveryBlockDevice,
  listKernelDisks,
  listKeptFiles("36b083fe000daf018000015505abbe00a"),
  listLockspaces,
  listLogicalVolumes,
  listMachineDisks("f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11"),
  listMachines,
  listMultipathMaps,
  listPhysicalVolumes,
  listScsiDevices,
  listScsiHosts,
  listSignatures(DEVICE),
  listVolumeGroups,
  listVolumeLocks,
  listVolumeSpans,
  listUsablePhysicalVolumes,
  listUsableVolumeGroups,
  listUsableVolumeSpans,
  listHostLeases("7c9e"),
  listWatchdogs,
  readBlankness(DEVICE),
  readClock,
  readDiskNames(["sdd", "sdg"]),
  readNamePage("sdd"),
  readSanlockStatus,
  readCapacity("sdd"),
  readHostname,
  readLvmSettings,
  readOsRelease,
  readTextFile("/etc/x"),
  readUnits(["a.service"]),
  listAddresses,
  listInstalledDebs(["sanlock"]),
  listInstalledRpms(["sanlock"]),
  listKernelModules,
  readMultipathdSettings,
];
const OLDER = READS.flatMap((command) => inOlderForm(command) ?? []);
const CHANGES: readonly HostCommand<unknown>[] = [
  addNodeRecord(TARGET, PORTAL),
  deleteNodeRecord(TARGET, PORTAL),
  logIn(TARGET, PORTAL),
  logInAtBoot(TARGET, PORTAL),
  logOut(TARGET, PORTAL),
  rescanTarget(TARGET),
  startAtBoot(["open-iscsi.service"]),
  writeChap(`/etc/iscsi/nodes/${TARGET}/10.0.2.2,3260`, "zstack", "chap"),
  backUpFirstMebibyte(DEVICE, "/root/b"),
  backUpFrom(1048576, DEVICE, "/root/b"),
  backUpSignatures(DEVICE, "/root/b"),
  bringOnline(["sdd", "sdg"]),
  deactivateVolumes("7c9e", ["vol-1", "vol-2"]),
  enableUnits(["sanlock.service"]),
  flushMap("mpatha"),
  forgetDisks(["sdd", "sdg"]),
  growPhysicalVolume(DEVICE),
  makeDirectory("/root/b", "0700"),
  noteForMultipath("36b083fe000daf018000015505abbe00a"),
  reconfigureMultipathd,
  rescanDisks(["sdd", "sdg"]),
  rescanScsiHosts(["host0", "host10"]),
  resizeMap("mpatha"),
  setAllocatable(false, [DEVICE]),
  settleDevices,
  shutDownMachine("f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11"),
  startLockspace("7c9e"),
  stopLockspace("7c9e"),
  writeTextFile("/etc/x", "text\n"),
  copyFile("/etc/x", "/etc/y"),
  setHostname("host-1"),
  loadKernelModules(["dm-multipath"]),
  makeMultipathConf("wwid"),
  enableMultipath,
  refreshPackageLists,
  configurePackages,
];
const DESTROYING: readonly HostCommand<unknown>[] = [
  createSharedVolumeGroup({ name: "7c9e", tag: "zs::t", metadataSizeMiB: 2048, devices: [DEVICE] }),
  powerOffMachine("f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11"),
  extendVolumeGroup({ name: "7c9e", metadataSizeMiB: 2048, device: DEVICE }),
  removeLogicalVolume("7c9e", "vol-1"),
  removePhysicalVolume(DEVICE),
  removeVolumeGroup("7c9e"),
  restoreBytes("/root/b/first-mib.bin", DEVICE, 536),
  wipeSignatures(DEVICE),
];
const ALL = [...READS, ...CHANGES, ...DESTROYING];

describe("host commands", () => {
  it("say what they do to a host", () => {
    expect(READS.map((command) => command.effect)).toEqual(READS.map(() => "read"));
    expect(CHANGES.map((command) => command.effect)).toEqual(CHANGES.map(() => "change"));
    expect(DESTROYING.map((command) => command.effect)).toEqual(DESTROYING.map(() => "destroy"));
  });

  it("are these argument lists", () => {
    expect([...CHANGES, ...DESTROYING].map(({ argv }) => argv.join(" "))).toMatchInlineSnapshot(`
      [
        "iscsiadm --mode=node --op=new --targetname=iqn.2026-11.lab.san:array1 --portal=10.0.2.2:3260",
        "iscsiadm --mode=node --op=delete --targetname=iqn.2026-11.lab.san:array1 --portal=10.0.2.2:3260",
        "iscsiadm --mode=node --targetname=iqn.2026-11.lab.san:array1 --portal=10.0.2.2:3260 --login",
        "iscsiadm --mode=node --op=update --targetname=iqn.2026-11.lab.san:array1 --portal=10.0.2.2:3260 --name=node.startup --value=automatic",
        "iscsiadm --mode=node --targetname=iqn.2026-11.lab.san:array1 --portal=10.0.2.2:3260 --logout",
        "iscsiadm --mode=node --targetname=iqn.2026-11.lab.san:array1 --rescan",
        "systemctl enable -- open-iscsi.service",
        "sed --in-place --file=- -- /etc/iscsi/nodes/iqn.2026-11.lab.san:array1/10.0.2.2,3260",
        "dd if=/dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a of=/root/b/first-mib.bin bs=1M count=1 conv=fsync status=none",
        "dd if=/dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a of=/root/b/byte-1048576.bin bs=4096 count=1 iflag=skip_bytes skip=1048576 conv=fsync status=none",
        "env HOME=/root/b wipefs --all --no-act --backup -- /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
        "tee -- /sys/block/sdd/device/state /sys/block/sdg/device/state",
        "lvchange --activate n -- 7c9e/vol-1 7c9e/vol-2",
        "systemctl enable --now -- sanlock.service",
        "multipath -f mpatha",
        "tee -- /sys/block/sdd/device/delete /sys/block/sdg/device/delete",
        "pvresize -- /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
        "mkdir -p -m 0700 -- /root/b",
        "multipath -a 36b083fe000daf018000015505abbe00a",
        "multipathd reconfigure",
        "tee -- /sys/block/sdd/device/rescan /sys/block/sdg/device/rescan",
        "tee -- /sys/class/scsi_host/host0/scan /sys/class/scsi_host/host10/scan",
        "multipathd resize map mpatha",
        "pvchange --allocatable n -- /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
        "udevadm settle --timeout=30",
        "virsh --connect qemu:///system shutdown --domain f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11",
        "vgchange --lockstart -- 7c9e",
        "vgchange --lockstop -- 7c9e",
        "tee -- /etc/x",
        "cp --dereference --preserve=all --no-target-directory -- /etc/x /etc/y",
        "hostnamectl set-hostname host-1",
        "modprobe --all -- dm-multipath",
        "mpathconf --enable --find_multipaths y --user_friendly_names n --with_multipathd y",
        "mpathconf --enable --with_multipathd y",
        "apt-get --quiet -o DPkg::Lock::Timeout=120 update",
        "env DEBIAN_FRONTEND=noninteractive dpkg --force-confold --configure -a",
        "vgcreate --shared --addtag zs::t --metadatasize 2048m 7c9e /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
        "virsh --connect qemu:///system destroy --domain f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11",
        "vgextend --metadatasize 2048m 7c9e /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
        "lvremove -- 7c9e/vol-1",
        "pvremove --config global/use_lvmlockd=0 -- /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
        "vgremove -- 7c9e",
        "dd if=/root/b/first-mib.bin of=/dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a bs=1M oflag=seek_bytes seek=536 conv=nocreat,notrunc,fsync status=none",
        "wipefs --all -- /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
      ]
    `);
    expect(OLDER.map(({ argv }) => argv.join(" "))).toMatchInlineSnapshot(`
      [
        "lsblk -P -b -o NAME,KNAME,MAJ:MIN,TYPE,SIZE,FSTYPE,LABEL,UUID,MOUNTPOINT,RO,LOG-SEC,WWN,VENDOR,MODEL,HCTL,TRAN,PKNAME,SERIAL",
        "lsblk -a -P -b -o NAME,KNAME,MAJ:MIN,TYPE,SIZE,FSTYPE,LABEL,UUID,MOUNTPOINT,RO,LOG-SEC,WWN,VENDOR,MODEL,HCTL,TRAN,PKNAME,SERIAL",
        "wipefs --parsable -- /dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a",
        "sg_readcap --brief /dev/sdd",
      ]
    `);
    expect(listSignatures(DEVICE).argv.at(-1)).toBe(DEVICE);
    expect(rescanScsiHosts(["host0"]).stdin).toBe("- - -\n");
    expect(writeTextFile("/etc/x", "text\n").stdin).toBe("text\n");
  });

  it("never force or answer yes for the operator", () => {
    // To multipath -f is "flush", and find writes its whole words with one dash.
    const forced = ALL.filter(({ argv }) => argv[0] !== "multipath" && argv[0] !== "find");
    for (const { argv } of forced) {
      expect(argv.filter((word) => /^(-[a-z]*[fy]|--force|--yes)$/.test(word))).toEqual([]);
    }
  });

  it("end in a time an operator would wait, and understand success", () => {
    for (const command of READS) expect(command.timeoutMs).toBeLessThanOrEqual(20_000);
    for (const command of ALL) expect(command.exitCodes).toContain(0);
  });

  it("have a package for every program", () => {
    const programs = ALL.map(({ argv }) => argv[0]);
    expect(programs.filter((program) => packageOf(program) === null)).toEqual([]);
    expect(packageOf("nosuch")).toBeNull();
  });

  it("rescan and forget nothing that is not a SCSI disk", () => {
    expect(() => rescanDisks(["sdd", "../sda"])).toThrow(OutputNotUnderstood);
    expect(() => forgetDisks(["dm-2"])).toThrow(OutputNotUnderstood);
    expect(forgetDisks(["sdd"]).stdin).toBe("1\n");
  });

  it("scan nothing that is not a SCSI host", () => {
    expect(() => rescanScsiHosts(["host0", "../../block/sda/device/delete"])).toThrow(OutputNotUnderstood);
  });
});

describe("parsing what no program prints", () => {
  const word = fc.constantFrom(
    ...[
      "{",
      "}",
      "[",
      "]",
      '"',
      ",",
      '"report"',
      '"blockdevices": [',
      '"signatures":',
      "null",
      "dm-2",
      " (",
      ")",
      "\\_ ",
    ],
    ...[
      "size=",
      "`- ",
      "|-+- ",
      "1:0:0:1",
      "8:16",
      "VG ",
      "lock_type=",
      "[0:0:0:3]",
      "/dev/sda",
      "->",
      "=",
      "ID=",
      "\n",
    ],
    ...[
      "\r\n",
      " ",
      "  ",
      "differ: byte ",
      "No such file or directory",
      "host0",
      "connect",
      "Id=",
      "\\x2",
      "\\x41",
      'NAME="a"',
      ' PKNAME="a"',
      "0x1,",
    ],
  );
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.array(word).map((words) => words.join("")),
  );

  it("throws nothing but OutputNotUnderstood", () => {
    for (const command of [...READS, ...OLDER]) {
      const output = fc.record({ stdout: text, stderr: text, exitCode: fc.constantFrom(...command.exitCodes) });
      fc.assert(
        fc.property(output, (printed) => {
          try {
            command.parse(printed);
          } catch (error) {
            expect(error, command.argv.join(" ")).toBeInstanceOf(OutputNotUnderstood);
          }
        }),
        { numRuns: 300 },
      );
    }
  });

  it("throws nothing but OutputNotUnderstood on JSON of any shape", () => {
    for (const command of [
      listBlockDevices,
      listVolumeGroups,
      listPhysicalVolumes,
      listLogicalVolumes,
      listAllocations,
      listSignatures(DEVICE),
    ]) {
      const inside = fc.json({ maxDepth: 3 });
      const report = fc.oneof(
        inside,
        inside.map((json) => `{"report": [{"vg": [${json}], "pv": [${json}], "lv": [${json}]}]}`),
        inside.map((json) => `{"blockdevices": [${json}], "signatures": [${json}]}`),
      );
      fc.assert(
        fc.property(report, (stdout) => {
          try {
            command.parse({ stdout, stderr: "", exitCode: 0 });
          } catch (error) {
            expect(error).toBeInstanceOf(OutputNotUnderstood);
          }
        }),
        { numRuns: 300 },
      );
    }
  });

  it("takes a time that grows with the length of a line, not with its square", () => {
    const pieces = [..." |(\t[{=\r'", " (", "dm-", " dm-", "a ", "[b]:", "1:", " -> ", "- ", '{"a":[', "/dev/ "];
    const starts = ["", "mpatha (36) dm-2 ", "`- 1:0:0:0 sda 8:0 ", "[0:0:0:0] disk ", "A="];
    for (const start of starts) {
      for (const piece of pieces) {
        for (const end of ["", "x"]) {
          for (const command of [...READS, ...OLDER]) {
            const began = performance.now();
            tryParse(command, `${start}${piece.repeat(20_000)}${end}`);
            expect(performance.now() - began, `${command.argv[0]}: ${start}${piece}…${end}`).toBeLessThan(1_000);
          }
        }
      }
    }
  });
});

function tryParse(command: HostCommand<unknown>, stdout: string): void {
  try {
    command.parse({ stdout, stderr: "", exitCode: 0 });
  } catch (error) {
    expect(error).toBeInstanceOf(OutputNotUnderstood);
  }
}
