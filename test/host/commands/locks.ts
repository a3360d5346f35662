import { listLockspaces, listVolumeLocks, startLockspace, stopLockspace } from "../../../src/host/lvmlockctl.ts";
import {
  leaveLockspace,
  listHostLeases,
  listWatchdogs,
  readSanlockStatus,
  releaseOrphan,
} from "../../../src/host/sanlock.ts";
import { type Family, GROUP } from "./family.ts";

const LOCKSPACE = "lvm_7c9e:2:/dev/mapper/7c9e-lvmlock:0";
const LOCK = "lvm_7c9e:Sxedt5-eVZy-naen-KxgB-MQ2w-SAkW-djzIMt:/dev/mapper/7c9e-lvmlock:562036736:1";

/** lvmlockd, sanlock and the watchdog. */
export const locks: Family = {
  reads: [listHostLeases(GROUP), listLockspaces, listVolumeLocks, listWatchdogs, readSanlockStatus],
  changes: [
    [startLockspace(GROUP), "vgchange --lockstart -- 7c9e"],
    [stopLockspace(GROUP), "vgchange --lockstop -- 7c9e"],
    [releaseOrphan(LOCK), `sanlock client command -r ${LOCK} -O 1 -c /bin/true`],
    [leaveLockspace(LOCKSPACE), `sanlock client rem_lockspace -s ${LOCKSPACE}`],
  ],
  destroying: [],
};
