import type { Command } from "../src/core/command.ts";
import { auditList } from "./audit/list.ts";
import { clusterAdd } from "./cluster/add.ts";
import { clusterList } from "./cluster/list.ts";
import { clusterRemove } from "./cluster/remove.ts";
import { clusterShow } from "./cluster/show.ts";
import { hostAdd } from "./host/add.ts";
import { hostList } from "./host/list.ts";
import { hostRemove } from "./host/remove.ts";
import { hostRescan } from "./host/rescan.ts";
import { hostShow } from "./host/show.ts";
import { inventoryCommand } from "./inventory.ts";
import { lunList } from "./lun/list.ts";
import { lunShow } from "./lun/show.ts";
import { multipathStatus } from "./multipath/status.ts";
import { operationList } from "./operation/list.ts";
import { operationShow } from "./operation/show.ts";
import { sharedBlockAdd } from "./sharedblock/add.ts";
import { sharedBlockList } from "./sharedblock/list.ts";
import { sharedBlockShow } from "./sharedblock/show.ts";
import { zoneAdd } from "./zone/add.ts";
import { zoneList } from "./zone/list.ts";
import { zoneRemove } from "./zone/remove.ts";

/** Every command there is, in the order in which help lists them. */
export const commands: readonly Command[] = [
  inventoryCommand,
  lunList,
  lunShow,
  multipathStatus,
  sharedBlockAdd,
  sharedBlockList,
  sharedBlockShow,
  hostAdd,
  hostList,
  hostShow,
  hostRescan,
  hostRemove,
  clusterAdd,
  clusterList,
  clusterShow,
  clusterRemove,
  zoneAdd,
  zoneList,
  zoneRemove,
  operationList,
  operationShow,
  auditList,
];
