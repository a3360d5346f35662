import type { ReadCommand } from "../../src/core/host-command.ts";
import { listKeptFiles } from "../../src/host/backup.ts";
import { readClock } from "../../src/host/clock.ts";
import { readBlankness } from "../../src/host/cmp.ts";
import {
  listExports,
  listHolders,
  listLoopDevices,
  listOpenFiles,
  listProcesses,
} from "../../src/host/device-users.ts";
import { listActiveVolumes, listOpenCounts } from "../../src/host/dmsetup.ts";
import { listFcHosts } from "../../src/host/fc-host.ts";
import { readRealPath, readTextFile } from "../../src/host/file.ts";
import { listAddresses, readHostname } from "../../src/host/hostname.ts";
import { findNodeFolder, listNodeRecords } from "../../src/host/iscsi-node.ts";
import { listIscsiSessions, readInitiatorName } from "../../src/host/iscsi-session.ts";
import { listKernelModules } from "../../src/host/kernel-modules.ts";
import { listRunningVms, listSavedVms, listVmDisks, listVms } from "../../src/host/libvirt.ts";
import { listBlockDevices, listDiskSizes, listEveryBlockDevice } from "../../src/host/lsblk.ts";
import {
  listAllocations,
  listLogicalVolumes,
  listPhysicalVolumes,
  listVolumeGroups,
  listVolumeSpans,
} from "../../src/host/lvm.ts";
import { LVM_LOCAL_CONF, readLvmSettings } from "../../src/host/lvm-settings.ts";
import { listLockspaces, listVolumeLocks } from "../../src/host/lvmlockctl.ts";
import { listMultipathMaps } from "../../src/host/multipath.ts";
import { listPathsInMemory, readMultipathdSettings, readMultipathFiles } from "../../src/host/multipathd.ts";
import { readOsRelease } from "../../src/host/os-release.ts";
import { listInstalledDebs } from "../../src/host/packages.ts";
import { listHostLeases, listLeases, listWatchdogs, readSanlockStatus } from "../../src/host/sanlock.ts";
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
import { readUnits } from "../../src/host/systemd.ts";
import { listDeviceLinks, listDiskIds } from "../../src/host/udev.ts";
import { readVmDefinitions } from "../../src/host/vm-definition.ts";
import { canBackUpSignatures, listSignatures } from "../../src/host/wipefs.ts";
import { targetName } from "./array.ts";
import { lunNamed } from "./luns.ts";

/** The reads of every guest, by their export of src/host. The other exports need rpm. */
export const hostReads: Readonly<Record<string, ReadCommand<unknown>>> = {
  canBackUpSignatures,
  findNodeFolder,
  listActiveVolumes,
  listAddresses,
  listAllocations,
  listBlockDevices,
  listDeviceLinks,
  listDiskIds,
  listDiskSizes,
  listEveryBlockDevice,
  listExports,
  listFcHosts,
  listGenericDevices,
  listHolders,
  listInstalledDebs: listInstalledDebs(["lvm2", "lvm2-lockd", "sanlock", "multipath-tools", "no-such-package"]),
  listIscsiSessions,
  listKernelDisks,
  listKernelModules,
  listKeptFiles: listKeptFiles(lunNamed("orphan-pv").wwid),
  listLeases,
  listLockspaces,
  listLogicalVolumes,
  listRunningVms,
  listMultipathMaps,
  listLoopDevices,
  listOpenCounts,
  listOpenFiles,
  listPathsInMemory,
  listProcesses,
  listSavedVms,
  listVms,
  listNodeRecords: listNodeRecords(targetName),
  listPhysicalVolumes,
  listScsiDevices,
  listScsiHosts,
  listVolumeGroups,
  listVolumeLocks,
  listVolumeSpans,
  listWatchdogs,
  readCapacity: readCapacity("sda"),
  readClock,
  readHostname,
  readInitiatorName,
  readLvmSettings,
  readMultipathFiles,
  readMultipathdSettings,
  readNamePage: readNamePage("sda"),
  readPathPage: readPathPage("sda"),
  readUnitSerial: readUnitSerial("sda"),
  readOsRelease,
  readRealPath: readRealPath("/etc/multipath.conf"),
  readSanlockStatus,
  readTextFile: readTextFile(LVM_LOCAL_CONF),
  readUnits: readUnits(["sanlock.service", "lvmlockd.service", "lvm2-lvmlockd.service", "multipathd.service"]),
};

/** Reads of a volume group with a lockspace on the guest. */
export const groupReads: Readonly<Record<string, (volumeGroup: string) => ReadCommand<unknown>>> = { listHostLeases };

/** Reads of a VM that libvirt has on the guest. */
export const vmReads: Readonly<Record<string, (uuid: string) => ReadCommand<unknown>>> = {
  listVmDisks,
  readVmDefinitions: (uuid) => readVmDefinitions([uuid]),
};

/** Every host reads the same from a LUN, so one guest is asked. */
export const lunReads: Readonly<Record<string, (device: string) => ReadCommand<unknown>>> = {
  listSignatures,
  readBlankness,
};
