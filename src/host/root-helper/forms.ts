import type { HostCommand, ReadCommand } from "../../core/host-command.ts";
import { BACKUP_ROOT, backUpBeginning, backUpFrom, listKeptFiles, restoreBytes } from "../backup.ts";
import { pause, readClock } from "../clock.ts";
import { readBlankness, readSamples } from "../cmp.ts";
import {
  listExports,
  listHolders,
  listLoopDevices,
  listOpenFiles,
  listProcesses,
  readDeviceNumbers,
} from "../device-users.ts";
import { listActiveVolumes, listOpenCounts } from "../dmsetup.ts";
import { listSnapshotFills, listThinPoolFills } from "../dmsetup-status.ts";
import { listFcHosts } from "../fc-host.ts";
import { copyFile, makeDirectory, moveFile, readRealPath, readTextFile, writeTextFile } from "../file.ts";
import { listAddresses, readHostname, STATIC_HOSTNAME, setHostname } from "../hostname.ts";
import {
  addNodeRecord,
  deleteNodeRecord,
  discoverTargets,
  findNodeFolder,
  listNodeRecords,
  logInAtBoot,
  writeChap,
} from "../iscsi-node.ts";
import { listIscsiSessions, logIn, logOut, readInitiatorName, rescanTarget } from "../iscsi-session.ts";
import { listKernelSessions } from "../iscsi-sysfs.ts";
import { listKernelModules, loadKernelModules } from "../kernel-modules.ts";
import { listRunningVms, listSavedVms, listVmDisks, listVms, powerOffVm, shutDownVm } from "../libvirt.ts";
import { listBlockDevices, listDiskSizes, listEveryBlockDevice } from "../lsblk.ts";
import {
  createSharedVolumeGroup,
  deactivateVolumes,
  extendVolumeGroup,
  growPhysicalVolume,
  listAllocations,
  listLogicalVolumes,
  listPhysicalVolumes,
  listUsablePhysicalVolumes,
  listUsableVolumeGroups,
  listUsableVolumeSpans,
  listVolumeGroups,
  listVolumeSpans,
  removeLogicalVolume,
  removePhysicalVolume,
  removeVolumeGroup,
  setAllocatable,
} from "../lvm.ts";
import { readLvmSettings } from "../lvm-settings.ts";
import { listLockspaces, startLockspace, stopLockspace } from "../lvmlockctl.ts";
import { flushMap, listMultipathMaps, noteForMultipath } from "../multipath.ts";
import { enableMultipath, MULTIPATH_CONF, makeMultipathConf } from "../multipath-conf.ts";
import {
  listPathsInMemory,
  readMultipathdSettings,
  readMultipathFiles,
  reconfigureMultipathd,
  resizeMap,
} from "../multipathd.ts";
import { readOsRelease } from "../os-release.ts";
import {
  configurePackages,
  installPackages,
  listInstalledDebs,
  listInstalledRpms,
  listPackageManagers,
  refreshPackageLists,
} from "../packages.ts";
import { leaveLockspace, listHostLeases, listLeases, listWatchdogs, releaseOrphan } from "../sanlock.ts";
import {
  bringOnline,
  forgetDisks,
  listGenericDevices,
  listKernelDisks,
  listScsiDevices,
  listScsiHosts,
  readCapacity,
  readNamePage,
  readUnitSerial,
  rescanDisks,
  rescanScsiHosts,
} from "../scsi.ts";
import { readStoragePool, readVolumePath } from "../storage-pool.ts";
import { enableUnits, readUnits, startAtBoot } from "../systemd.ts";
import { listDeviceLinks, listDiskIds, reprobeDevices, settleDevices, udevIsDone } from "../udev.ts";
import { readSavedState, readVmDefinitions } from "../vm-definition.ts";
import { backUpSignatures, canBackUpSignatures, listSignatures, readClaim, wipeSignatures } from "../wipefs.ts";
import { readHelperDigest } from "./installed.ts";
import { hasPerl } from "./perl.ts";
import { SETTINGS_FILES } from "./settings.ts";

/**
 * The forms of all host commands, made by the functions that make the commands. A word in angle brackets is a class of
 * `classes.ts`. `…` after a word allows it several times. What `host prepare` needs to write the root helper itself is
 * left out: a user with the helper alone must not replace it.
 */
interface Form {
  readonly argv: readonly string[];
  /** The class of its standard input, or the settings file that the input replaces; null if there is none. */
  readonly stdin: { readonly class: string } | { readonly settings: string } | null;
}

type Command = Pick<HostCommand<unknown>, "argv">;

/** A command without standard input, or with one that a class describes. `words` replaces samples by classes. */
const form = ({ argv }: Command, stdin: string | null = null, words: Readonly<Record<string, string>> = {}): Form => ({
  argv: argv.map((word) => Object.entries(words).reduce((now, [sample, by]) => now.replaceAll(sample, by), word)),
  stdin: stdin === null ? null : { class: stdin },
});

/** Each read, and its form for old versions. */
const reads = (...all: readonly ReadCommand<unknown>[]): Form[] =>
  all.flatMap((read) => [
    form(read),
    ...(read.fallbackForOldVersions === undefined ? [] : [form(read.fallbackForOldVersions)]),
  ]);

const PORTAL = { "192.0.2.1:7": "<portal>" };
const portal = { address: "192.0.2.1", port: 7 };
const SETTINGS = Object.keys(SETTINGS_FILES);
const TEXT_FILES = [...SETTINGS, STATIC_HOSTNAME];

/** `cp`, `tee` and `mv`, as `replaceFile` sends them. */
const settingsForms = (path: string): Form[] => {
  const copy = `${path}.zstack-chatops`;
  return [
    form(copyFile(path, copy)),
    { ...form(writeTextFile(copy, "")), stdin: { settings: path } },
    form(moveFile(copy, path)),
  ];
};

/** One `-exec` for each place of a disk. */
function samplesForm(): Form {
  const [find = "", device = "", depth = "", zero = "", ...places] = readSamples("<disk>", FIVE_MEBIBYTES).argv;
  const words = places.map((word) => word.replace(/^--bytes=\d+$/, "--bytes=<number>").replace(/\d+:0$/, "<number>:0"));
  return { argv: [find, device, depth, zero, "<(>", ...words, "<)*>"], stdin: null };
}
/** Of such a disk one place is read. */
const FIVE_MEBIBYTES = 5 * 1024 ** 2;

const backupFile = `${BACKUP_ROOT}/<backup>/<file>`;
const backupFolder = `${BACKUP_ROOT}/<backup>`;
const seven = 7_000_007;
const NUMBER = { [String(seven)]: "<number>" };

const reading = (): Form[] => [
  ...reads(listHolders, listOpenFiles, listProcesses, listLoopDevices, listExports, readDeviceNumbers(["<path>…"])),
  ...reads(listActiveVolumes, listOpenCounts, listThinPoolFills, listSnapshotFills, listFcHosts),
  ...reads(readHelperDigest, hasPerl),
  ...reads(readHostname, listAddresses, readOsRelease, readClock, listKernelModules, listPackageManagers),
  ...TEXT_FILES.flatMap((path) => reads(readTextFile(path), readRealPath(path))),
  ...reads(listInstalledDebs(["<package>…"]), listInstalledRpms(["<package>…"]), readUnits(["<unit>…"])),
  form(pause(seven), null, NUMBER),
  ...reads(listBlockDevices, listEveryBlockDevice, listDiskSizes, listDeviceLinks, listDiskIds, udevIsDone),
  ...reads(listScsiDevices, listScsiHosts, listGenericDevices, listKernelDisks, listKernelSessions, listWatchdogs),
  ...reads(readCapacity("<scsi-disk>"), readNamePage("<scsi-disk>"), readUnitSerial("<scsi-disk>")),
  ...reads(listSignatures("<disk>"), readClaim("<disk>"), readBlankness("<disk>"), canBackUpSignatures),
  samplesForm(),
  ...reads(listKeptFiles("<wwid>"), listIscsiSessions, readInitiatorName, findNodeFolder),
  form(discoverTargets(portal), null, PORTAL),
  ...reads(listNodeRecords("<target>"), readLvmSettings, listLockspaces, listLeases, listHostLeases("<group>")),
  ...reads(listVolumeGroups, listPhysicalVolumes, listUsableVolumeGroups, listUsablePhysicalVolumes),
  ...reads(listLogicalVolumes, listAllocations, listVolumeSpans, listUsableVolumeSpans),
  ...reads(listMultipathMaps, readMultipathdSettings, readMultipathFiles, listPathsInMemory),
  ...reads(listRunningVms, listVms, listSavedVms, listVmDisks("<uuid>"), readSavedState("<uuid>")),
  ...reads(readStoragePool("<text>"), readVolumePath("<text>", "<text>")),
  form({ argv: ["virsh", ...readVmDefinitions([]).argv.slice(1, -1), "<vm-script>"] }),
];

const changing = (): Form[] => [
  ...SETTINGS.flatMap(settingsForms),
  form(copyFile(MULTIPATH_CONF, `${MULTIPATH_CONF}.zstack-chatops-<time>`)),
  form(makeDirectory("/etc/<settings-folder>", "0755")),
  form(makeDirectory(backupFolder, "0700")),
  form(setHostname("<hostname>")),
  form(loadKernelModules(["<module>…"])),
  form(enableUnits(["<unit>…"])),
  form(startAtBoot(["<unit>…"])),
  form(refreshPackageLists),
  form(configurePackages),
  ...(["apt-get", "dnf", "yum"] as const).map((manager) => form(installPackages(manager, ["<package>…"]))),
  form(settleDevices),
  form(reprobeDevices(["<lun>"]), null, { "--name-match=<lun>": "--name-match=<lun>…" }),
  form(rescanScsiHosts(["host7"]), "scan", { "host7/scan": "host<number>/scan…" }),
  ...([rescanDisks, forgetDisks] as const).map((command) =>
    form(command(["sdx"]), "one", {
      "/sdx/": "/<scsi-disk>/",
      "device/rescan": "device/rescan…",
      "device/delete": "device/delete…",
    }),
  ),
  form(bringOnline(["sdx"]), "running", { "/sdx/": "/<scsi-disk>/", "device/state": "device/state…" }),
  form(noteForMultipath("<wwid>")),
  form(flushMap("<map>")),
  form(resizeMap("<map>")),
  form(reconfigureMultipathd),
  form(enableMultipath),
  form(makeMultipathConf("friendly")),
  form(makeMultipathConf("wwid")),
  ...[addNodeRecord, logInAtBoot, deleteNodeRecord, logIn, logOut].map((command) =>
    form(command("<target>", portal), null, PORTAL),
  ),
  form(rescanTarget("<target>")),
  form(writeChap("<node-file>", "", ""), "chap"),
  ...[true, false].map((allocatable) => form(setAllocatable(allocatable, ["<lun>…"]))),
  form(growPhysicalVolume("<lun>")),
  form(deactivateVolumes("<storage>", ["<volume>…"])),
  form(startLockspace("<storage>")),
  form(stopLockspace("<storage>")),
  form(releaseOrphan("<orphan>")),
  form(leaveLockspace("<lockspace>")),
  form(shutDownVm("<uuid>")),
  form(backUpBeginning("<lun>", backupFolder)),
  form(backUpFrom(seven, "<lun>", backupFolder), null, NUMBER),
  form(backUpSignatures("<lun>", backupFolder)),
];

const destroying = (): Form[] => [
  form(wipeSignatures("<lun>")),
  form(restoreBytes(backupFile, "<lun>", seven), null, NUMBER),
  form(
    createSharedVolumeGroup({ name: "<storage>", tag: "<tag>", metadataSizeMiB: seven, devices: ["<lun>…"] }),
    null,
    NUMBER,
  ),
  form(extendVolumeGroup({ name: "<storage>", metadataSizeMiB: seven, device: "<lun>" }), null, NUMBER),
  form(removeLogicalVolume("<storage>", "<volume>")),
  form(removeVolumeGroup("<storage>")),
  form(removePhysicalVolume("<lun>")),
  form(powerOffVm("<uuid>")),
];

/** Every form once: first what reads, then what changes, then what destroys. */
export const everyForm = (): readonly Form[] => [
  ...new Map(
    [...reading(), ...changing(), ...destroying()].map((each) => [JSON.stringify(each), each] as const),
  ).values(),
];
