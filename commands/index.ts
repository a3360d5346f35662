import type { Command } from "../src/core/command.ts";
import { approve } from "./approve.ts";
import { auditExport } from "./audit/export.ts";
import { auditList } from "./audit/list.ts";
import { auditShow } from "./audit/show.ts";
import { auditVerify } from "./audit/verify.ts";
import { breakGlass } from "./break-glass.ts";
import { channelBind } from "./channel/bind.ts";
import { channelList } from "./channel/list.ts";
import { channelUnbind } from "./channel/unbind.ts";
import { clusterAdd } from "./cluster/add.ts";
import { clusterCheck } from "./cluster/check.ts";
import { clusterList } from "./cluster/list.ts";
import { clusterMap } from "./cluster/map.ts";
import { clusterRemove } from "./cluster/remove.ts";
import { clusterShow } from "./cluster/show.ts";
import { fcList } from "./fc/list.ts";
import { freezeList } from "./freeze/list.ts";
import { freezeSchedule } from "./freeze/schedule.ts";
import { freezeUnschedule } from "./freeze/unschedule.ts";
import { freeze } from "./freeze.ts";
import { hostAdd } from "./host/add.ts";
import { hostList } from "./host/list.ts";
import { hostPrepare } from "./host/prepare.ts";
import { hostRemove } from "./host/remove.ts";
import { hostRescan } from "./host/rescan.ts";
import { hostShow } from "./host/show.ts";
import { hostTrust } from "./host/trust.ts";
import { incidentAck } from "./incident/ack.ts";
import { incidentAssign } from "./incident/assign.ts";
import { incidentList } from "./incident/list.ts";
import { incidentNote } from "./incident/note.ts";
import { incidentReport } from "./incident/report.ts";
import { incidentResolve } from "./incident/resolve.ts";
import { incidentShow } from "./incident/show.ts";
import { incidentSilence } from "./incident/silence.ts";
import { inventoryCommand } from "./inventory.ts";
import { iscsiList } from "./iscsi/list.ts";
import { iscsiLogin } from "./iscsi/login.ts";
import { iscsiLogout } from "./iscsi/logout.ts";
import { lunForget } from "./lun/forget.ts";
import { lunHistory } from "./lun/history.ts";
import { lunList } from "./lun/list.ts";
import { lunRescue } from "./lun/rescue.ts";
import { lunShow } from "./lun/show.ts";
import { multipathEnable } from "./multipath/enable.ts";
import { multipathHistory } from "./multipath/history.ts";
import { multipathStatus } from "./multipath/status.ts";
import { operationList } from "./operation/list.ts";
import { operationShow } from "./operation/show.ts";
import { operationStop } from "./operation/stop.ts";
import { policySet } from "./policy/set.ts";
import { policyShow } from "./policy/show.ts";
import { policyUnset } from "./policy/unset.ts";
import { reject } from "./reject.ts";
import { reviewClose } from "./review/close.ts";
import { reviewList } from "./review/list.ts";
import { roleAsk } from "./role/ask.ts";
import { roleGrant } from "./role/grant.ts";
import { roleList } from "./role/list.ts";
import { roleRevoke } from "./role/revoke.ts";
import { roleShow } from "./role/show.ts";
import { sharedBlockAdd } from "./sharedblock/add.ts";
import { sharedBlockAttach } from "./sharedblock/attach.ts";
import { sharedBlockCapacity } from "./sharedblock/capacity.ts";
import { sharedBlockDelete } from "./sharedblock/delete.ts";
import { sharedBlockDescribe } from "./sharedblock/describe.ts";
import { sharedBlockDetach } from "./sharedblock/detach.ts";
import { sharedBlockDisable } from "./sharedblock/disable.ts";
import { sharedBlockEnable } from "./sharedblock/enable.ts";
import { sharedBlockExtend } from "./sharedblock/extend.ts";
import { sharedBlockImport } from "./sharedblock/import.ts";
import { sharedBlockList } from "./sharedblock/list.ts";
import { sharedBlockMaintain } from "./sharedblock/maintain.ts";
import { sharedBlockReconnect } from "./sharedblock/reconnect.ts";
import { sharedBlockRename } from "./sharedblock/rename.ts";
import { sharedBlockResize } from "./sharedblock/resize.ts";
import { sharedBlockShow } from "./sharedblock/show.ts";
import { sharedBlockVolumes } from "./sharedblock/volumes.ts";
import { shiftReport } from "./shift/report.ts";
import { unfreeze } from "./unfreeze.ts";
import { watchPause } from "./watch/pause.ts";
import { watchResume } from "./watch/resume.ts";
import { watchShow } from "./watch/show.ts";
import { zoneAdd } from "./zone/add.ts";
import { zoneList } from "./zone/list.ts";
import { zoneRemove } from "./zone/remove.ts";

/** Every command there is, in the order in which help lists them. */
export const commands: readonly Command[] = [
  inventoryCommand,
  lunList,
  lunShow,
  lunHistory,
  lunForget,
  lunRescue,
  multipathStatus,
  multipathHistory,
  multipathEnable,
  sharedBlockAdd,
  sharedBlockExtend,
  sharedBlockResize,
  sharedBlockAttach,
  sharedBlockDetach,
  sharedBlockMaintain,
  sharedBlockList,
  sharedBlockShow,
  sharedBlockCapacity,
  sharedBlockReconnect,
  sharedBlockImport,
  sharedBlockVolumes,
  sharedBlockDisable,
  sharedBlockEnable,
  sharedBlockRename,
  sharedBlockDescribe,
  sharedBlockDelete,
  hostAdd,
  hostList,
  hostShow,
  hostTrust,
  hostPrepare,
  hostRescan,
  hostRemove,
  iscsiLogin,
  iscsiLogout,
  iscsiList,
  fcList,
  clusterAdd,
  clusterList,
  clusterShow,
  clusterMap,
  clusterCheck,
  clusterRemove,
  zoneAdd,
  zoneList,
  zoneRemove,
  incidentList,
  incidentShow,
  incidentAck,
  incidentAssign,
  incidentSilence,
  incidentNote,
  incidentResolve,
  incidentReport,
  shiftReport,
  watchShow,
  watchPause,
  watchResume,
  freeze,
  unfreeze,
  freezeList,
  freezeSchedule,
  freezeUnschedule,
  operationList,
  operationShow,
  operationStop,
  approve,
  reject,
  breakGlass,
  reviewList,
  reviewClose,
  policyShow,
  policySet,
  policyUnset,
  auditList,
  roleList,
  roleShow,
  roleGrant,
  roleRevoke,
  roleAsk,
  channelList,
  channelBind,
  channelUnbind,
  auditShow,
  auditExport,
  auditVerify,
];
