import type { Gathered } from "../core/host-command.ts";
import type { Host, PrimaryStorage } from "../core/inventory.ts";
import { noneIfNotInstalled } from "../core/not-installed.ts";
import { type Outcome, reasonOf, unknown, valueOr } from "../core/outcome.ts";
import { type SnapshotFill, type ThinPoolFill, volumeNameIn } from "../host/dmsetup-status.ts";
import type { KernelSession } from "../host/iscsi-sysfs.ts";
import { isWorking } from "../host/multipath.ts";
import type { PathInMemory } from "../host/multipathd.ts";
import type { Unit } from "../host/systemd.ts";
import { type LockState, lockStateIn } from "../storage/observe/lock-state.ts";
import { type Daemon, daemonOf, daemons, isLate } from "./daemons.ts";
import { hasShownPaths, type Known, type KnownPath } from "./known.ts";
import { otherNamesIn } from "./lease-elsewhere.ts";
import {
  type HostSample,
  isSilent,
  type NotRead,
  type Observed,
  type StorageSample,
  type VolumeSample,
  type WatchedPath,
} from "./sample.ts";
import { isNeeded } from "./unread-elements.ts";
import type { fillReads, groupReads, Seen } from "./watch-reads.ts";

/** What is known of the host from earlier observations. */
interface Earlier {
  readonly observed: Observed | null;
  readonly known: Known | null;
  /** Daemons that are known not to answer. They are not asked with the others. */
  readonly late: readonly Daemon[];
  /** The name that sanlock had on the host with this host id; null if it is not known. */
  readonly lockNameOf: (hostId: number) => string | null;
}
const nothingEarlier: Earlier = { observed: null, known: null, late: [], lockNameOf: () => null };

const notAsked = unknown("it was not asked");

/** `sentMs`, `answeredMs`: the bot's clock before and after the round trip. */
export function observedFrom(
  host: Host,
  storages: readonly PrimaryStorage[],
  answers: Seen,
  sentMs: number,
  answeredMs: number,
  earlier: Partial<Earlier> = nothingEarlier,
): Observed {
  const all = Object.values<Outcome | undefined>(answers).flatMap((outcome) => outcome ?? []);
  const base = { hostUuid: host.uuid, atMs: answeredMs };
  if (all.every(({ kind }) => kind === "unknown" || kind === "refused"))
    return { ...base, silence: reasonOf(all[0] ?? { kind: "unknown", reason: "no answer" }) ?? "no answer" };
  const seen = noneIfNotInstalled(
    {
      ...{ clock: notAsked, paths: notAsked, sizes: notAsked, sessions: notAsked, units: notAsked },
      ...{ sanlock: notAsked, leases: notAsked, lockspaces: notAsked },
      ...answers,
    },
    { paths: null, sessions: [], sanlock: null, leases: null, lockspaces: null },
  );
  const units = valueOr<Unit[] | null>(seen.units, null);
  return {
    ...base,
    paths: pathsIn(seen, { ...nothingEarlier, ...earlier }),
    units,
    clockAheadMs: seen.clock.kind === "done" ? ahead(seen.clock.value, sentMs, answeredMs) : null,
    lockName: seen.sanlock.kind === "done" ? (seen.sanlock.value?.ownerName ?? null) : null,
    storages: storagesIn(host, storages, seen, answeredMs, earlier.lockNameOf ?? nothingEarlier.lockNameOf),
    late: earlier.late ?? [],
    notRead: notReadIn(Object.keys(answers), seen, earlier.observed ?? null).filter(({ read }) =>
      isNeeded(read, units, storages.length > 0, Object.keys(earlier.known?.paths ?? {}).length > 0),
    ),
  };
}

/** The ids on a disk are read only if sanlock holds it. */
function notReadIn(reads: readonly string[], seen: Seen, before: Observed | null): NotRead[] {
  const had = before === null || isSilent(before) ? [] : before.notRead.map(({ read }) => read);
  const outcomes = new Map(Object.entries<Outcome | undefined>(seen));
  const held = seen.leases === undefined ? [] : (valueOr(seen.leases, null) ?? []);
  const isHeld = (uuid: string) => held.some(({ volumeGroup, state }) => volumeGroup === uuid && state === "held");
  return reads.flatMap((read) => {
    const outcome = outcomes.get(read);
    const [name = "", uuid = ""] = read.split(" ");
    if (outcome === undefined || isLate(outcome) || (name === "ids" && !isHeld(uuid))) return [];
    const isAgain = had.includes(read);
    const inPart = notUnderstoodIn(name, outcome);
    if (inPart !== null) return [{ read, reason: inPart, isAgain, isInPart: true }];
    const reason = reasonOf(outcome);
    return reason === null ? [] : [{ read, reason, isAgain }];
  });
}

/** Sizes are of all disks, also of those that nobody watches. */
const ofOthersToo = ["sizes", "clock"];

/** What may concern something that is watched. If it is several objects, the first one is named. null: nothing. */
function notUnderstoodIn(name: string, outcome: Outcome): string | null {
  if (outcome.kind !== "done" || ofOthersToo.includes(name)) return null;
  const [first, ...more] = (outcome.notUnderstood ?? []).filter(({ about }) => about === null || about.length > 0);
  if (first === undefined) return null;
  return more.length === 0 ? first.why : `${first.why}, and ${more.length} more`;
}

/** The daemons that took a question and did not answer in time. */
export const lateIn = (answers: Seen): Daemon[] =>
  daemons.filter((daemon) =>
    Object.entries<Outcome | undefined>(answers).some(
      ([read, outcome]) =>
        outcome !== undefined && !read.startsWith("ids ") && daemonOf(read) === daemon && isLate(outcome),
    ),
  );

/** What is certain: the host read its clock at some time between the two. */
const ahead = (clockMs: number, sentMs: number, answeredMs: number): number =>
  clockMs > answeredMs ? clockMs - answeredMs : Math.min(clockMs - sentMs, 0);

type Complete = Required<
  Pick<Seen, "clock" | "paths" | "sizes" | "sessions" | "units" | "sanlock" | "leases" | "lockspaces">
> &
  Seen;

/**
 * If the kernel does not say which portal an adapter is for, it is the one that it was for before: adapters don't change it.
 * The sessions may not be readable, or one that is down has no address while its disks are there.
 * An adapter of Fibre Channel reaches many ports, and multipathd names them.
 */
function pathsIn({ paths, sizes, sessions }: Complete, { observed, known }: Earlier): WatchedPath[] | null {
  if (paths.kind !== "done" || paths.value === null) return null;
  const sizeOf = new Map(valueOr(sizes, []).map(({ device, sizeBytes }) => [device, sizeBytes]));
  const sessionOf = new Map(valueOr(sessions, []).map((session) => [`host${session.scsiHost}`, session]));
  const portals = Object.values(known?.paths ?? {}).filter(({ port }) => isPortal(port));
  const seenMs = ({ lastSeenMs }: KnownPath) => lastSeenMs ?? Number.MAX_SAFE_INTEGER;
  // The latest counts: a number of an adapter is used again.
  const before = new Map(portals.toSorted((a, b) => seenMs(a) - seenMs(b)).map((path) => [path.adapter, path]));
  // Without any name of their ports, paths would seem to be other ones.
  if (sessions.kind !== "done" && (known === null || !hasShownPaths(known))) return null;
  const mapped = new Set(paths.value.flatMap(({ wwid, map }) => (map === null ? [] : (wwid ?? []))));
  const had = observed === null || isSilent(observed) ? [] : (observed.paths ?? []);
  const worked = new Map(had.map(({ key, works }) => [key, works]));
  const sameDisk = new Map(had.filter(({ port }) => isPortal(port)).map((path) => [diskOf(path), path]));
  const found = paths.value.flatMap((path) => {
    const { wwid } = path;
    // A disk that never had a map is the host's own, or not for multipath.
    if (wwid === null || !(mapped.has(wwid) || known?.luns[wwid] !== undefined)) return [];
    const adapter = `host${path.hctl.split(":")[0]}`;
    const session = sessionOf.get(adapter);
    // Only with Fibre Channel and iSCSI a target has ports of its own. With SAS each port is a target.
    const own = { port: path.targetPort ?? path.target, array: path.targetPort === null ? null : path.target };
    const earlier = sessions.kind === "done" ? sameDisk.get(diskOf({ ...path, wwid })) : before.get(adapter);
    const place = session === undefined ? (earlier ?? own) : placeOf(session);
    const watched = watchedPath(path, wwid, adapter, place, session !== undefined, sizeOf.get(path.device) ?? null);
    return [isUnchecked(path) ? { ...watched, works: worked.get(watched.key) ?? true } : watched];
  });
  return withOwnKeys(found);
}

/**
 * multipathd has not checked it, as just after the daemon's start, or does not check it, because it is in no map. That is
 * not a failure: what was known of the path stays.
 */
const isUnchecked = ({ dmState, checkerState }: PathInMemory): boolean =>
  dmState !== "failed" && ["i/o pending", "undef"].includes(checkerState);

const placeOf = ({ loggedInAt, portal, target }: KernelSession): Place => {
  const { address, port } = loggedInAt ?? portal;
  return { port: `${address}:${port}`, array: target };
};
type Place = Pick<WatchedPath, "port" | "array">;

/** Two sessions of one host with one portal, over two interfaces, are two paths. */
function withOwnKeys(paths: WatchedPath[]): WatchedPath[] {
  if (new Set(paths.map(({ key }) => key)).size === paths.length) return paths;
  const count = new Map<string, number>();
  const inOrder = paths.toSorted((a, b) => a.hctl.localeCompare(b.hctl, "en", { numeric: true }));
  return inOrder.map((path) => {
    const number = (count.get(path.key) ?? 0) + 1;
    count.set(path.key, number);
    return number === 1 ? path : { ...path, key: `${path.key} (${number})` };
  });
}

function watchedPath(
  path: PathInMemory,
  wwid: string,
  adapter: string,
  { port, array }: Place,
  isIscsi: boolean,
  sizeBytes: number | null,
): WatchedPath {
  const { device, map, hctl, dmState, checkerState } = path;
  return {
    key: `${wwid} via ${isIscsi || isPortal(port) ? port : `${adapter} ${port ?? hctl}`}`,
    ...{ wwid, device, hctl, map, works: isWorking(path), state: `${dmState} ${checkerState}`, adapter, port, array },
    sizeBytes,
  };
}

const diskOf = ({ wwid, hctl, device }: Pick<WatchedPath, "wwid" | "hctl" | "device">): string =>
  `${wwid} ${hctl} ${device}`;

/** `10.0.0.2:3260`; ports of SAS and Fibre Channel are `0x5000…`. */
const isPortal = (port: string | null): boolean => port !== null && /:\d+$/.test(port);

function storagesIn(
  host: Host,
  storages: readonly PrimaryStorage[],
  seen: Complete,
  atMs: number,
  lockNameOf: Earlier["lockNameOf"],
): StorageSample[] {
  const { sanlock } = seen;
  const status = sanlock.kind === "done" ? sanlock.value : null;
  const ownName = status?.ownerName ?? null;
  return storages.map(({ uuid }) => {
    const renewal = status?.renewals.find(({ volumeGroup }) => volumeGroup === uuid);
    const asked = seen[`ids ${uuid}`];
    const ids = asked?.kind === "done" ? asked.value : null;
    const mine = ids?.find(({ hostId, released }) => hostId === host.sanlockHostId && !released);
    const isOther = mine !== undefined && ownName !== null && mine.ownerName !== "" && mine.ownerName !== ownName;
    return {
      storageUuid: uuid,
      lock: lockIn(uuid, seen),
      leaseAgeS: renewal?.ageSeconds ?? null,
      ioTimeoutS: renewal?.ioTimeoutSeconds ?? 10,
      otherOwner: isOther ? mine.ownerName : null,
      unchangedS: ids && new Map(ids.map(({ hostId, unchangedSeconds }) => [hostId, unchangedSeconds])),
      otherNames: otherNamesIn(ids ?? [], host, lockNameOf, atMs),
      ...{ group: null, volumes: null },
    };
  });
}

function lockIn(uuid: string, { leases, lockspaces, sanlock }: Complete): LockState | null {
  if (leases.kind !== "done") return null;
  const own = leases.value ?? [];
  // Whether sanlock renews the lease, or lvmlockd uses it, is not known. That it is lost is.
  const state =
    lockspaces.kind === "done"
      ? lockStateIn(uuid, { leases: own, lockspaces: lockspaces.value ?? [] })
      : own.find(({ volumeGroup }) => volumeGroup === uuid)?.state;
  const isKnown = lockspaces.kind === "done" && sanlock.kind === "done";
  return state === undefined || (state === "held" && !isKnown) ? null : state;
}

/** The sample with what LVM and the kernel said of each storage's space. */
export function withSpace(
  sample: HostSample,
  answers: Partial<Gathered<typeof fillReads>> & Partial<Gathered<typeof groupReads>>,
): HostSample {
  const volumes = volumesIn(answers);
  return {
    ...sample,
    storages: sample.storages.map((storage) => ({
      ...storage,
      group: groupIn(answers, storage.storageUuid),
      volumes: volumes?.get(storage.storageUuid) ?? (volumes === null ? null : []),
    })),
  };
}

function groupIn({ groups }: Partial<Gathered<typeof groupReads>>, uuid: string): StorageSample["group"] {
  if (groups?.kind !== "done") return null;
  const group = groups.value.find(({ name }) => name === uuid);
  if (group === undefined) return "none";
  return { sizeBytes: group.sizeBytes, freeBytes: group.freeBytes, missing: group.missingPhysicalVolumes };
}

/** By the name of their group. null: the kernel did not answer. */
function volumesIn({
  thinPools,
  snapshots,
}: Partial<Gathered<typeof fillReads>>): ReadonlyMap<string, readonly VolumeSample[]> | null {
  if (thinPools?.kind !== "done" || snapshots?.kind !== "done") return null;
  const found = new Map<string, VolumeSample[]>();
  const add = (mapperName: string, sample: Omit<VolumeSample, "name">): void => {
    const named = volumeNameIn(mapperName);
    if (named === null) return;
    const { volumeGroup, volume } = named;
    found.set(volumeGroup, [...(found.get(volumeGroup) ?? []), { ...sample, name: volume }]);
  };
  for (const pool of thinPools.value) add(pool.mapperName, thinPoolSample(pool));
  for (const snapshot of snapshots.value) add(snapshot.mapperName, snapshotSample(snapshot));
  return found;
}

const poolFaults: Readonly<Record<ThinPoolFill["state"], string | null>> = {
  writable: null,
  full: "has no data block left, and its volumes can't be written",
  "read-only": "is read-only: its metadata is full or damaged",
  failed: "has failed, and its volumes can't be read",
};

const thinPoolSample = ({ data, metadata, state }: ThinPoolFill): Omit<VolumeSample, "name"> => ({
  kind: "thin pool",
  fills: [
    ...(data === null ? [] : [{ ...data, of: "data" as const }]),
    ...(metadata === null ? [] : [{ ...metadata, of: "metadata" as const }]),
  ],
  fault: poolFaults[state],
});

const snapshotSample = ({ changes, state }: SnapshotFill): Omit<VolumeSample, "name"> => ({
  kind: "snapshot",
  fills: changes === null ? [] : [{ ...changes, of: "changes" }],
  fault: state === "lost" ? "is lost: it became full or could not be written" : null,
});
