import { listActiveVolumes } from "../../../src/host/dmsetup.ts";
import { listSnapshotFills, listThinPoolFills } from "../../../src/host/dmsetup-status.ts";
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
} from "../../../src/host/lvm.ts";
import { readLvmSettings } from "../../../src/host/lvm-settings.ts";
import { DEVICE, type Family, GROUP } from "./family.ts";

export const lvm: Family = {
  reads: [
    listActiveVolumes,
    listThinPoolFills,
    listSnapshotFills,
    listAllocations,
    listLogicalVolumes,
    listPhysicalVolumes,
    listVolumeGroups,
    listVolumeSpans,
    listUsablePhysicalVolumes,
    listUsableVolumeGroups,
    listUsableVolumeSpans,
    readLvmSettings,
  ],
  changes: [
    [deactivateVolumes(GROUP, ["vol-1", "vol-2"]), "lvchange --activate n -- 7c9e/vol-1 7c9e/vol-2"],
    [growPhysicalVolume(DEVICE), `pvresize -- ${DEVICE}`],
    [setAllocatable(false, [DEVICE]), `pvchange --allocatable n -- ${DEVICE}`],
  ],
  destroying: [
    [
      createSharedVolumeGroup({ name: GROUP, tag: "zs::t", metadataSizeMiB: 2048, devices: [DEVICE] }),
      `vgcreate --shared --addtag zs::t --metadatasize 2048m 7c9e ${DEVICE}`,
    ],
    [
      extendVolumeGroup({ name: GROUP, metadataSizeMiB: 2048, device: DEVICE }),
      `vgextend --metadatasize 2048m 7c9e ${DEVICE}`,
    ],
    [removeLogicalVolume(GROUP, "vol-1"), "lvremove -- 7c9e/vol-1"],
    [removePhysicalVolume(DEVICE), `pvremove --config global/use_lvmlockd=0 global/use_lvmetad=0 -- ${DEVICE}`],
    [removeVolumeGroup(GROUP), "vgremove -- 7c9e"],
  ],
};
