import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fallbackCommand, type HostCommand, NotDone, OutputNotUnderstood } from "../../src/core/host-command.ts";
import type { NotUnderstood } from "../../src/core/not-understood.ts";
import { listKeptFiles } from "../../src/host/backup.ts";
import { readClock } from "../../src/host/clock.ts";
import { readBlankness } from "../../src/host/cmp.ts";
import {
  listExports,
  listHolders,
  listLoopDevices,
  listOpenFiles,
  listProcesses,
  readDeviceNumbers,
} from "../../src/host/device-users.ts";
import { listActiveVolumes, listOpenCounts } from "../../src/host/dmsetup.ts";
import { listSnapshotFills, listThinPoolFills } from "../../src/host/dmsetup-status.ts";
import { listFcHosts } from "../../src/host/fc-host.ts";
import { readRealPath, readTextFile } from "../../src/host/file.ts";
import { listAddresses, readHostname } from "../../src/host/hostname.ts";
import { discoverTargets, findNodeFolder, listNodeRecords } from "../../src/host/iscsi-node.ts";
import { listIscsiSessions, readInitiatorName } from "../../src/host/iscsi-session.ts";
import { listKernelSessions } from "../../src/host/iscsi-sysfs.ts";
import { listKernelModules } from "../../src/host/kernel-modules.ts";
import { listRunningVms, listSavedVms, listVmDisks, listVms, powerOffVm } from "../../src/host/libvirt.ts";
import { listBlockDevices, listDiskSizes, listEveryBlockDevice } from "../../src/host/lsblk.ts";
import {
  listAllocations,
  listLogicalVolumes,
  listPhysicalVolumes,
  listVolumeGroups,
  listVolumeSpans,
} from "../../src/host/lvm.ts";
import { readLvmSettings } from "../../src/host/lvm-settings.ts";
import { listLockspaces, listVolumeLocks, startLockspace, stopLockspace } from "../../src/host/lvmlockctl.ts";
import { listMultipathMaps } from "../../src/host/multipath.ts";
import {
  listPathsInMemory,
  readMultipathdSettings,
  readMultipathFiles,
  reconfigureMultipathd,
  resizeMap,
} from "../../src/host/multipathd.ts";
import { readOsRelease } from "../../src/host/os-release.ts";
import { listInstalledDebs, listInstalledRpms } from "../../src/host/packages.ts";
import {
  leaveLockspace,
  listHostLeases,
  listLeases,
  listWatchdogs,
  readSanlockStatus,
} from "../../src/host/sanlock.ts";
import {
  listGenericDevices,
  listKernelDisks,
  listScsiDevices,
  listScsiHosts,
  readCapacity,
  readNamePage,
  readPathPage,
  readUnitSerial,
} from "../../src/host/scsi.ts";
import { readStoragePool, readVolumePath } from "../../src/host/storage-pool.ts";
import { readUnits } from "../../src/host/systemd.ts";
import { listDeviceLinks, listDiskIds } from "../../src/host/udev.ts";
import { readSavedState, readVmDefinitions } from "../../src/host/vm-definition.ts";
import { canBackUpSignatures, listSignatures, readClaim } from "../../src/host/wipefs.ts";

const DEVICE = "/dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a";

/** The command of each folder. The folders hold what the programs of the commands print. */
const COMMANDS: Readonly<Record<string, HostCommand<unknown>>> = {
  listBlockDevices,
  listDiskIds,
  listEveryBlockDevice,
  canBackUpSignatures,
  discoverTargets: discoverTargets({ address: "10.0.2.2", port: 3260 }),
  findNodeFolder,
  listActiveVolumes,
  listSnapshotFills,
  listThinPoolFills,
  listAllocations,
  listFcHosts,
  listHostLeases: listHostLeases("7c9e6679742540de944be07fc1f90ae7"),
  listAddresses,
  listInstalledDebs: listInstalledDebs(["multipath-tools", "lvm2", "sanlock", "lsscsi"]),
  listInstalledRpms: listInstalledRpms(["device-mapper-multipath", "lvm2", "lvm2-lockd", "sanlock", "lsscsi"]),
  listIscsiSessions,
  listKernelDisks,
  listKernelModules,
  listKernelSessions,
  listKeptFiles: listKeptFiles("36b083fe000daf018000015505abbe00a"),
  listLeases,
  listLockspaces,
  listLogicalVolumes,
  listVmDisks: listVmDisks("f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11"),
  listRunningVms,
  listMultipathMaps,
  listPathsInMemory,
  listDiskSizes,
  listNodeRecords: listNodeRecords("iqn.2026-11.lab.san:array1"),
  listPhysicalVolumes,
  listScsiDevices,
  listScsiHosts,
  listSignatures: listSignatures(DEVICE),
  listDeviceLinks,
  listExports,
  listGenericDevices,
  listHolders,
  listLoopDevices,
  listOpenCounts,
  listOpenFiles,
  listProcesses,
  listSavedVms,
  readDeviceNumbers: readDeviceNumbers(["/var/lib/libvirt/images/db.img"]),
  readSavedState: readSavedState("f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11"),
  readStoragePool: readStoragePool("p"),
  readVmDefinitions: readVmDefinitions(["f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11"]),
  readVolumePath: readVolumePath("p", "v"),
  listVms,
  readPathPage: readPathPage("sdd"),
  readUnitSerial: readUnitSerial("sdd"),
  listVolumeGroups,
  listVolumeLocks,
  listVolumeSpans,
  listWatchdogs,
  readBlankness: readBlankness(DEVICE),
  readCapacity: readCapacity("sdd"),
  readClaim: readClaim("/dev/sdb"),
  readClock,
  readHostname,
  readInitiatorName,
  readLvmSettings,
  readMultipathdSettings,
  readMultipathFiles,
  readNamePage: readNamePage("sdd"),
  readOsRelease,
  readRealPath: readRealPath("/etc/multipath.conf"),
  readSanlockStatus,
  readTextFile: readTextFile("/etc/lvm/lvmlocal.conf"),
  readUnits: readUnits(["sanlock.service", "lvmlockd.service"]),
  powerOffVm: powerOffVm("f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11"),
  reconfigureMultipathd,
  resizeMap: resizeMap("mpatha"),
  leaveLockspace: leaveLockspace("lvm_7c9e:2:/dev/mapper/7c9e-lvmlock:0"),
  startLockspace: startLockspace("7c9e6679742540de944be07fc1f90ae7"),
  stopLockspace: stopLockspace("7c9e6679742540de944be07fc1f90ae7"),
};

const common = {
  source: z.string().min(10),
  /** What an older version prints, asked with the fallback for old versions. */
  fallback: z.literal(true).optional(),
  output: z.strictObject({ stdout: z.string(), stderr: z.string(), exitCode: z.int() }),
};
const caseSchema = z.union([
  z.strictObject({
    ...common,
    expected: z.json(),
    /** The lines that are not understood, and the names of the object that each is about. */
    notUnderstood: z.array(z.strictObject({ line: z.string(), about: z.array(z.string()).nullable() })).default([]),
  }),
  /** Not understood. The result of a change is then unknown. */
  z.strictObject({ ...common, error: z.string().min(1) }),
  /** The program reports that it did not do it. */
  z.strictObject({ ...common, failed: z.string().min(1) }),
]);

const CASES = new URL("cases/", import.meta.url);
const folders = readdirSync(CASES);

describe("what host programs print", () => {
  it("has a folder of cases for every command that reads, and no other folder", () => {
    expect(folders.sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  for (const folder of folders) {
    const files = readdirSync(new URL(`${folder}/`, CASES));
    describe(folder, () => {
      it("has cases", () => expect(files.filter((file) => file.endsWith(".json"))).not.toEqual([]));
      for (const file of files) it(file.replace(/\.json$/, ""), () => check(folder, file));
    });
  }
});

function check(folder: string, file: string): void {
  const text = readFileSync(new URL(`${folder}/${file}`, CASES), "utf8");
  const given = caseSchema.parse(JSON.parse(text));
  const newest = COMMANDS[folder];
  const command = newest && given.fallback ? fallbackCommand(newest) : newest;
  if (!command) throw new Error(`no command is called ${folder}, or it has no fallback for old versions`);
  expect(command.exitCodes, "an exit code that the command declares").toContain(given.output.exitCode);
  if ("failed" in given) {
    expect(() => command.parse(given.output)).toThrow(NotDone);
    expect(() => command.parse(given.output)).toThrow(given.failed);
    return;
  }
  if ("expected" in given) {
    const notes: NotUnderstood[] = [];
    expect(command.parse(given.output, (unclear) => notes.push(unclear))).toEqual(given.expected);
    expect(notes.map(({ line, about }) => ({ line, about }))).toEqual(given.notUnderstood);
    return;
  }
  expect(() => command.parse(given.output)).toThrow(OutputNotUnderstood);
  expect(() => command.parse(given.output)).toThrow(given.error);
}
