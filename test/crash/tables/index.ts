import type { CrashTable } from "../crash-table.ts";
import { sharedblockDelete } from "./delete.ts";
import { lunForget, lunRescue, sharedblockAdd, sharedblockExtend, sharedblockResize } from "./growth.ts";
import {
  clusterAdd,
  clusterRemove,
  hostAdd,
  hostRemove,
  hostTrust,
  sharedblockDescribe,
  sharedblockImport,
  sharedblockRename,
  zoneAdd,
  zoneRemove,
} from "./inventory.ts";
import { iscsiLogin, iscsiLogout } from "./iscsi.ts";
import { sharedblockAttach, sharedblockDetach, sharedblockMaintain } from "./life.ts";
import {
  hostPrepare,
  hostPrepareWithDnf,
  hostPrepareWithYum,
  hostRescan,
  multipathEnable,
  multipathEnableOnRhel,
} from "./prepare.ts";
import {
  sharedblockDisable,
  sharedblockEnable,
  sharedblockEnableInMaintenance,
  sharedblockReconnect,
  sharedblockReconnectOrphan,
} from "./service.ts";

/** By test file. Each file runs for about the same time. */
export const crashTables = {
  growth: [sharedblockAdd, sharedblockExtend, sharedblockResize],
  luns: [lunForget, lunRescue, iscsiLogin, iscsiLogout],
  life: [sharedblockAttach, sharedblockDetach, sharedblockMaintain, sharedblockDelete],
  service: [
    sharedblockDisable,
    sharedblockEnable,
    sharedblockEnableInMaintenance,
    sharedblockReconnect,
    sharedblockReconnectOrphan,
  ],
  prepare: [hostPrepare, hostPrepareWithDnf, hostPrepareWithYum, multipathEnable, multipathEnableOnRhel, hostRescan],
  inventory: [
    sharedblockImport,
    sharedblockRename,
    sharedblockDescribe,
    hostAdd,
    hostRemove,
    hostTrust,
    clusterAdd,
    clusterRemove,
    zoneAdd,
    zoneRemove,
  ],
} as const satisfies Record<string, readonly CrashTable[]>;
