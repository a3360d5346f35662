import type { Gathered } from "../core/host-command.ts";
import type { Host, Inventory, PrimaryStorage } from "../core/inventory.ts";
import { noneIfNotInstalled } from "../core/not-installed.ts";
import { type Outcome, reasonOf, valueOr } from "../core/outcome.ts";
import { readClock } from "../host/clock.ts";
import { type IscsiSession, listIscsiSessions } from "../host/iscsi-session.ts";
import { listDiskSizes } from "../host/lsblk.ts";
import { listVolumeGroups } from "../host/lvm.ts";
import { listLockspaces } from "../host/lvmlockctl.ts";
import { isWorking } from "../host/multipath.ts";
import { listPathsInMemory, type PathInMemory } from "../host/multipathd.ts";
import { listHostLeases, listLeases, readSanlockStatus } from "../host/sanlock.ts";
import { readUnits, type Unit } from "../host/systemd.ts";
import { type LockState, lockStateIn } from "../storage/observe/lock-state.ts";

/** These must run on a host of a storage; `lvmlockd` has one of two names. */
const LOCK_UNITS = ["sanlock.service", "lvmlockd.service", "lvm2-lvmlockd.service"];
const MULTIPATH_UNIT = "multipathd.service";

/**
 * One watch observation of a host, in one round trip. It takes no lock, writes nothing and asks no disk: daemons answer
 * from memory, the kernel from sysfs. So it can't wait for a map without paths.
 */
const quickReads = {
  clock: readClock,
  paths: listPathsInMemory,
  sizes: listDiskSizes,
  sessions: listIscsiSessions,
  sanlock: readSanlockStatus,
  leases: listLeases,
  lockspaces: listLockspaces,
  units: readUnits([...LOCK_UNITS, MULTIPATH_UNIT]),
};
/** LVM reads the disks: only now and then, and never while a map of the host has no path. */
const groupReads = { groups: listVolumeGroups };

type WatchReads = typeof quickReads & Partial<typeof groupReads> & Readonly<Record<`ids ${string}`, HostIdsRead>>;
type HostIdsRead = ReturnType<typeof listHostLeases>;

export const watchReads = (storages: readonly PrimaryStorage[], withGroups: boolean): WatchReads => ({
  ...quickReads,
  ...Object.fromEntries(storages.map(({ uuid }) => [`ids ${uuid}` as const, listHostLeases(uuid)])),
  ...(withGroups ? groupReads : {}),
});

/** The storages that a host must serve. One that only claims its LUNs has no volume group yet. */
export const storagesOn = (host: Pick<Host, "clusterUuid">, { primaryStorages }: Inventory): PrimaryStorage[] =>
  primaryStorages.filter(
    ({ clusterUuids, state, sharedBlocks }) =>
      clusterUuids.includes(host.clusterUuid) &&
      state !== "Maintenance" &&
      sharedBlocks.some(({ addedAt }) => addedAt !== null),
  );

/** A path to a LUN, by what stays when its disk gets another name. */
export interface WatchedPath {
  /** `36b0… via 10.0.0.2:3260`; unique on its host. */
  readonly key: string;
  readonly wwid: string;
  /** `sdd` */
  readonly device: string;
  /** Its SCSI address, `3:0:1:12`: the last number is the LUN's at its port. */
  readonly hctl: string;
  /** Name of its map; null: it is in none. */
  readonly map: string | null;
  readonly works: boolean;
  /** `active ready`, `failed faulty` */
  readonly state: string;
  /** The SCSI host on this host: `host3`. */
  readonly adapter: string;
  /** The portal with iSCSI, the target port's WWPN with Fibre Channel; null if it is not known. */
  readonly port: string | null;
  /** The target's name or WWNN; null if it is not known. */
  readonly array: string | null;
  readonly sizeBytes: number | null;
}

/** What a host shows of one storage that it must serve. */
export interface StorageSample {
  readonly storageUuid: string;
  readonly lock: LockState;
  /** Seconds since sanlock wrote the lease; null: it never did, or there is none. */
  readonly leaseAgeS: number | null;
  readonly ioTimeoutS: number;
  /** sanlock's name of another host that writes this host's lease; null if none does. */
  readonly otherOwner: string | null;
  /** What other hosts read of each host id: seconds without a change. */
  readonly unchangedS: ReadonlyMap<number, number>;
  /** null if LVM was not asked this time. */
  readonly group: { readonly sizeBytes: number; readonly freeBytes: number; readonly missing: number } | "none" | null;
}

export interface HostSample {
  readonly hostUuid: string;
  /** Milliseconds since the epoch, by the bot's clock. */
  readonly atMs: number;
  /** null if its multipathd does not run or can't be read. */
  readonly paths: readonly WatchedPath[] | null;
  /** null if systemd did not answer. */
  readonly units: readonly Unit[] | null;
  /** How far its clock goes ahead of the bot's, at least; negative if it is behind. */
  readonly clockAheadMs: number | null;
  /** null if sanlock or lvmlockd could not be read. */
  readonly storages: readonly StorageSample[] | null;
  /** What could not be read, and why. */
  readonly notRead: readonly string[];
}

/** Why a host shows nothing at all. */
interface SilentHost {
  readonly hostUuid: string;
  readonly atMs: number;
  readonly silence: string;
}

export type Observed = HostSample | SilentHost;
export const isSilent = (observed: Observed): observed is SilentHost => "silence" in observed;

type Seen = Gathered<typeof quickReads> &
  Partial<Gathered<typeof groupReads>> &
  Readonly<Record<`ids ${string}`, Gathered<{ ids: HostIdsRead }>["ids"]>>;

/** What was known of a host before an observation. */
interface Earlier {
  readonly observed: Observed | null;
  /** The LUNs that it had, by WWID. */
  readonly known: { readonly luns: Readonly<Record<string, unknown>> } | null;
}
const nothingEarlier: Earlier = { observed: null, known: null };

/** `sentMs`, `answeredMs`: the bot's clock before and after the round trip. */
export function observedFrom(
  host: Host,
  storages: readonly PrimaryStorage[],
  answers: Seen,
  sentMs: number,
  answeredMs: number,
  earlier: Earlier = nothingEarlier,
): Observed {
  const all = Object.values<Outcome>(answers);
  const base = { hostUuid: host.uuid, atMs: answeredMs };
  if (all.every(({ kind }) => kind === "unknown" || kind === "refused"))
    return { ...base, silence: reasonOf(all[0] ?? { kind: "unknown", reason: "no answer" }) ?? "no answer" };
  const seen = noneIfNotInstalled(answers, {
    paths: null,
    sessions: [],
    sanlock: null,
    leases: null,
    lockspaces: null,
  });
  return {
    ...base,
    paths: pathsIn(seen, earlier),
    units: valueOr<Unit[] | null>(seen.units, null),
    clockAheadMs: seen.clock.kind === "done" ? ahead(seen.clock.value, sentMs, answeredMs) : null,
    storages: storagesIn(host, storages, seen),
    notRead: all.flatMap((outcome) => (outcome.kind === "unknown" ? outcome.reason : [])),
  };
}

/** What is certain: the host read its clock at some time between the two. */
const ahead = (clockMs: number, sentMs: number, answeredMs: number): number =>
  clockMs > answeredMs ? clockMs - answeredMs : Math.min(clockMs - sentMs, 0);

function pathsIn({ paths, sizes, sessions }: Seen, { observed, known }: Earlier): WatchedPath[] | null {
  if (paths.kind !== "done" || paths.value === null) return null;
  const sizeOf = new Map(valueOr(sizes, []).map(({ device, sizeBytes }) => [device, sizeBytes]));
  const sessionOf = new Map(valueOr(sessions, []).map((session) => [session.scsiHost, session]));
  const mapped = new Set(paths.value.flatMap(({ wwid, map }) => (map === null ? [] : (wwid ?? []))));
  const had = observed === null || isSilent(observed) ? [] : (observed.paths ?? []);
  const worked = new Map(had.map(({ key, works }) => [key, works]));
  return paths.value.flatMap((path) => {
    const { wwid } = path;
    // A disk that never had a map is the host's own, or not for multipath.
    if (wwid === null || !(mapped.has(wwid) || known?.luns[wwid] !== undefined)) return [];
    const session = sessionOf.get(Number(path.hctl.split(":")[0])) ?? null;
    const watched = watchedPath(path, wwid, session, sizeOf.get(path.device) ?? null);
    return [isUnchecked(path) ? { ...watched, works: worked.get(watched.key) ?? true } : watched];
  });
}

/**
 * multipathd has not checked it, as just after the daemon's start, or does not check it, because it is in no map. That is
 * not a failure: what was known of the path stays.
 */
const isUnchecked = ({ dmState, checkerState }: PathInMemory): boolean =>
  dmState !== "failed" && ["i/o pending", "undef"].includes(checkerState);

function watchedPath(
  path: PathInMemory,
  wwid: string,
  session: IscsiSession | null,
  sizeBytes: number | null,
): WatchedPath {
  const { device, map, hctl, dmState, checkerState } = path;
  const portal = session === null ? null : (session.loggedInAt ?? session.portal);
  // Only with Fibre Channel and iSCSI a target has ports of its own. With SAS each port is a target.
  const port = portal === null ? (path.targetPort ?? path.target) : `${portal.address}:${portal.port}`;
  const adapter = `host${hctl.split(":")[0]}`;
  return {
    key: `${wwid} via ${portal === null ? `${adapter} ${port ?? hctl}` : port}`,
    ...{ wwid, device, hctl, map, works: isWorking(path), state: `${dmState} ${checkerState}`, adapter, port },
    array: session?.target ?? (path.targetPort === null ? null : path.target),
    sizeBytes,
  };
}

function storagesIn(host: Host, storages: readonly PrimaryStorage[], seen: Seen): StorageSample[] | null {
  const { sanlock, leases, lockspaces } = seen;
  if (sanlock.kind !== "done" || leases.kind !== "done" || lockspaces.kind !== "done") return null;
  const locks = { leases: leases.value ?? [], lockspaces: lockspaces.value ?? [] };
  const ownName = sanlock.value?.ownerName ?? null;
  return storages.map(({ uuid }) => {
    const renewal = sanlock.value?.renewals.find(({ volumeGroup }) => volumeGroup === uuid);
    const asked = seen[`ids ${uuid}`];
    const ids = (asked === undefined ? null : valueOr(asked, null)) ?? [];
    const mine = ids.find(({ hostId, released }) => hostId === host.sanlockHostId && !released);
    const isOther = mine !== undefined && ownName !== null && mine.ownerName !== "" && mine.ownerName !== ownName;
    return {
      storageUuid: uuid,
      lock: lockStateIn(uuid, locks),
      leaseAgeS: renewal?.ageSeconds ?? null,
      ioTimeoutS: renewal?.ioTimeoutSeconds ?? 10,
      otherOwner: isOther ? mine.ownerName : null,
      unchangedS: new Map(ids.map(({ hostId, unchangedSeconds }) => [hostId, unchangedSeconds])),
      group: groupIn(seen, uuid),
    };
  });
}

function groupIn(seen: Seen, uuid: string): StorageSample["group"] {
  if (seen.groups?.kind !== "done") return null;
  const group = seen.groups.value.find(({ name }) => name === uuid);
  if (group === undefined) return "none";
  return { sizeBytes: group.sizeBytes, freeBytes: group.freeBytes, missing: group.missingPhysicalVolumes };
}
