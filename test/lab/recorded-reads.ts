import type { ReadCommand } from "../../src/core/host-command.ts";
import { listAllocations } from "../../src/host/allocation.ts";
import { listKeptFiles } from "../../src/host/backup.ts";
import { listBlockDevices, listDiskIds, listEveryBlockDevice } from "../../src/host/block-device.ts";
import { readCapacity } from "../../src/host/capacity.ts";
import { readClock } from "../../src/host/clock.ts";
import { listDeviceLinks } from "../../src/host/device-links.ts";
import { listExports } from "../../src/host/exports.ts";
import { listFcHosts } from "../../src/host/fc-host.ts";
import { readRealPath, readTextFile } from "../../src/host/file.ts";
import { listHolders } from "../../src/host/holders.ts";
import { listAddresses } from "../../src/host/hostname.ts";
import { findNodeFolder, listNodeRecords } from "../../src/host/iscsi-node.ts";
import { listIscsiSessions, readInitiatorName } from "../../src/host/iscsi-session.ts";
import { listKernelDisks, readNamePage } from "../../src/host/kernel-disk.ts";
import { listKernelModules } from "../../src/host/kernel-modules.ts";
import { listLeases } from "../../src/host/lease.ts";
import { listMachineDisks, listMachines, listSavedVms, listVms } from "../../src/host/libvirt.ts";
import { listLockspaces } from "../../src/host/lockspace.ts";
import { listActiveVolumes, listLogicalVolumes, listVolumeLocks } from "../../src/host/logical-volumes.ts";
import { listLoopDevices } from "../../src/host/loop-devices.ts";
import { listPhysicalVolumes, listVolumeGroups, readLvmSettings } from "../../src/host/lvm.ts";
import { LVM_LOCAL_CONF } from "../../src/host/lvm-settings.ts";
import { listMultipathMaps } from "../../src/host/multipath.ts";
import { readMultipathdSettings, readMultipathFiles } from "../../src/host/multipath-settings.ts";
import { listOpenCounts } from "../../src/host/open-count.ts";
import { listOpenFiles, listProcesses } from "../../src/host/open-files.ts";
import { readHostname, readOsRelease } from "../../src/host/os-release.ts";
import { listInstalledDebs } from "../../src/host/package-manager.ts";
import { readPathPage, readUnitSerial } from "../../src/host/path-identity.ts";
import { listHostLeases, readSanlockStatus } from "../../src/host/sanlock.ts";
import { listScsiDevices, listScsiHosts } from "../../src/host/scsi.ts";
import { listGenericDevices } from "../../src/host/scsi-generic.ts";
import { canBackUpSignatures, listSignatures, readBlankness } from "../../src/host/signatures.ts";
import { readUnits } from "../../src/host/systemd.ts";
import { readVmDefinitions } from "../../src/host/vm-disks.ts";
import { listVolumeSpans } from "../../src/host/volume-growth.ts";
import { listWatchdogs } from "../../src/host/watchdog.ts";
import { targetName } from "./array.ts";
import { lunNamed } from "./luns.ts";

/** What every guest is asked, by the export of src/host that asks it; the rest needs an rpm. */
export const hostReads: Readonly<Record<string, ReadCommand<unknown>>> = {
  canBackUpSignatures,
  findNodeFolder,
  listActiveVolumes,
  listAddresses,
  listAllocations,
  listBlockDevices,
  listDeviceLinks,
  listDiskIds,
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
  listMachines,
  listMultipathMaps,
  listLoopDevices,
  listOpenCounts,
  listOpenFiles,
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
  readUnits: readUnits(["sanlock.service", "lvmlockd.service", "lvm2-lvmlockd.service"]),
};

/** Of a volume group whose locks run on the guest. */
export const groupReads: Readonly<Record<string, (volumeGroup: string) => ReadCommand<unknown>>> = { listHostLeases };

/** Of a VM that libvirt has on the guest. */
export const machineReads: Readonly<Record<string, (uuid: string) => ReadCommand<unknown>>> = {
  listMachineDisks,
  readVmDefinitions: (uuid) => readVmDefinitions([uuid]),
};

/** What lies on a LUN is the same from everywhere, so one guest is asked. */
export const lunReads: Readonly<Record<string, (device: string) => ReadCommand<unknown>>> = {
  listSignatures,
  readBlankness,
};
