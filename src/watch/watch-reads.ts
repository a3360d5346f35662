import type { Gathered, ReadCommand } from "../core/host-command.ts";
import type { PrimaryStorage } from "../core/inventory.ts";
import { readClock } from "../host/clock.ts";
import { listSnapshotFills, listThinPoolFills } from "../host/dmsetup-status.ts";
import { listKernelSessions } from "../host/iscsi-sysfs.ts";
import { listDiskSizes } from "../host/lsblk.ts";
import { listVolumeGroups } from "../host/lvm.ts";
import { listLockspaces } from "../host/lvmlockctl.ts";
import { listPathsInMemory } from "../host/multipathd.ts";
import { listHostLeases, listLeases, readSanlockStatus } from "../host/sanlock.ts";
import { readUnits } from "../host/systemd.ts";
import { type Daemon, daemonOf } from "./daemons.ts";

/** These must run on a host of a storage; `lvmlockd` has one of two names. */
const LOCK_UNITS = ["sanlock.service", "lvmlockd.service", "lvm2-lvmlockd.service"];
const MULTIPATH_UNIT = "multipathd.service";

/** Daemons answer from memory. One that needs longer must not delay what the others say. */
const DAEMON_MS = 4_000;
/** Only asked if sanlock answered before. */
const IDS_MS = 2_000;

/** Not run again if it fails: the next observation asks again, and nothing of the host waits for it. */
function once<T>({ isTransient: _, ...read }: ReadCommand<T>, timeoutMs: number): ReadCommand<T> {
  return { ...read, timeoutMs };
}

/**
 * One watch observation of a host, in one round trip. It takes no lock, writes nothing and asks no disk: daemons answer
 * from memory, the kernel from sysfs. So it can't wait for a map without paths.
 */
const quickReads = {
  clock: readClock,
  sizes: once(listDiskSizes, DAEMON_MS),
  units: once(readUnits([...LOCK_UNITS, MULTIPATH_UNIT]), DAEMON_MS),
  paths: once(listPathsInMemory, DAEMON_MS),
  sessions: once(listKernelSessions, DAEMON_MS),
  lockspaces: { ...listLockspaces, timeoutMs: DAEMON_MS },
  sanlock: once(readSanlockStatus, DAEMON_MS),
  leases: once(listLeases, DAEMON_MS),
};
type QuickReads = typeof quickReads;
type HostIdsRead = ReturnType<typeof listHostLeases>;
type IdsReads = Readonly<Record<`ids ${string}`, HostIdsRead>>;

/** Without those that ask a daemon that does not answer: it is asked alone. */
type WatchReads = Partial<QuickReads> & IdsReads;

export function watchReads(storages: readonly PrimaryStorage[], late: ReadonlySet<Daemon> = new Set()): WatchReads {
  const reads: WatchReads = {
    ...quickReads,
    ...Object.fromEntries(storages.map(({ uuid }) => [`ids ${uuid}`, once(listHostLeases(uuid), IDS_MS)] as const)),
  };
  return late.size === 0 ? reads : readsWhere(reads, (daemon) => daemon === null || !late.has(daemon));
}

/** Asks only this daemon, whether it answers again. */
export const readsOf = (daemon: Daemon): WatchReads => readsWhere(quickReads, (each) => each === daemon);

function readsWhere(reads: WatchReads, isWanted: (daemon: Daemon | null) => boolean): WatchReads {
  // Each name keeps its own read; the type of an entry list can't express it.
  return Object.fromEntries(Object.entries(reads).filter(([name]) => isWanted(daemonOf(name)))) as WatchReads;
}

/** What the reads answered. */
export type Seen = Partial<Gathered<QuickReads>> &
  Readonly<Record<`ids ${string}`, Gathered<{ ids: HostIdsRead }>["ids"]>>;

/** The kernel says how full thin pools and snapshots are, without asking a disk. Asked now and then. */
export const fillReads = { thinPools: listThinPoolFills, snapshots: listSnapshotFills };
/** LVM reads the disks: only now and then, apart from all else, and never while a map has no path. */
export const groupReads = { groups: listVolumeGroups };
