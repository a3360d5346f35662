import { listLockspaces, startLockspace, stopLockspace } from "../../../src/host/lockspace.ts";
import { listVolumeLocks } from "../../../src/host/logical-volumes.ts";
import { listHostLeases, readSanlockStatus } from "../../../src/host/sanlock.ts";
import { listWatchdogs } from "../../../src/host/watchdog.ts";
import { type Family, GROUP } from "./family.ts";

/** lvmlockd, sanlock and the watchdog. */
export const locks: Family = {
  reads: [listHostLeases(GROUP), listLockspaces, listVolumeLocks, listWatchdogs, readSanlockStatus],
  changes: [
    [startLockspace(GROUP), "vgchange --lockstart -- 7c9e"],
    [stopLockspace(GROUP), "vgchange --lockstop -- 7c9e"],
  ],
  destroying: [],
};
