import { z } from "zod";
import type { HostSample, WatchedPath } from "./sample.ts";
import { otherLunsIn } from "./two-luns.ts";

/**
 * What each host had, so that something missing or new is noticed. A sample alone does not show what is gone.
 * Kept on disk: what vanished while the bot was down is a finding too.
 */
const knownPathSchema = z.object({
  wwid: z.string(),
  adapter: z.string(),
  port: z.string().nullable(),
  array: z.string().nullable(),
  /** Milliseconds since the epoch, of a path that is gone. null: the latest sample shows it. */
  lastSeenMs: z.number().nullable(),
});
const knownLunSchema = z.object({
  firstSeenMs: z.number(),
  sizeBytes: z.number().nullable(),
  /** When the size became another, and what it was before; null if it did not lately. */
  resized: z.object({ atMs: z.number(), fromBytes: z.number() }).nullable(),
});
export const knownSchema = z.object({
  /** Of the first sample: everything in it was there before. */
  sinceMs: z.number(),
  /** Of the latest sample that shows paths; 0: none did. Files of earlier versions have none: each path has a time. */
  seenMs: z.number().default(0),
  /** By the key of the path. */
  paths: z.record(z.string(), knownPathSchema),
  /** By WWID. */
  luns: z.record(z.string(), knownLunSchema),
  /** UUIDs of the storages in which it could lock. Files of earlier versions have none. */
  serves: z.array(z.string()).default([]),
});
/** What is known of one host. */
export type Known = z.output<typeof knownSchema>;
export type KnownPath = z.output<typeof knownPathSchema>;

/**
 * A path that is gone for so long is not expected back: its zone or portal was removed. A storage's LUN misses it until
 * a person resolves that.
 */
const FORGET_PATH_MS = 24 * 3_600_000;
/** A LUN that no storage owns and that is gone for so long is not missed. */
const FORGET_LUN_MS = 600_000;

/**
 * `before`: null for a host that is observed the first time. `owned`: the WWIDs of shared blocks; these are always missed.
 * What the sample does not change stays the same object: a host shows the same for weeks.
 */
export function learned(
  before: Known | null,
  sample: HostSample,
  owned: ReadonlySet<string>,
  more: Partial<MoreKnown> = {},
): Known {
  const { paths: seen, atMs } = sample;
  const serves = servedIn(before?.serves ?? [], sample);
  if (seen === null) return { ...(before ?? { sinceMs: atMs, seenMs: 0, paths: {}, luns: {} }), serves };
  const given = { ...nothingMore, ...more, atMs, owned };
  const paths = pathsWith(before, seen, given);
  const luns = lunsWith(before, paths, seen, given);
  // What the host has when its paths are read first is not new.
  const sinceMs = before === null || !hasShownPaths(before) ? atMs : before.sinceMs;
  return { sinceMs, seenMs: atMs, paths, luns, serves };
}

/** Whether its paths were ever read. If its first answers lack them, everything that it has would be new later. */
export const hasShownPaths = ({ seenMs, paths }: Known): boolean => seenMs > 0 || Object.keys(paths).length > 0;

interface MoreKnown {
  /** Whether a person resolved that the path with this key is gone. */
  readonly isResolved: (path: string) => boolean;
  /** Whether paths of this WWID may be another LUN's. A new one is then not missed when it is gone. */
  readonly mayBeTwo: (wwid: string) => boolean;
  /** Since when a storage owns this WWID, in milliseconds. What its size was before is no part of the storage. */
  readonly ownedSinceMs: (wwid: string) => number;
}
const nothingMore: MoreKnown = {
  isResolved: () => false,
  mayBeTwo: () => false,
  ownedSinceMs: () => Number.NEGATIVE_INFINITY,
};
interface LearnedWith extends MoreKnown {
  readonly atMs: number;
  readonly owned: ReadonlySet<string>;
}

function pathsWith(
  before: Known | null,
  seen: readonly WatchedPath[],
  { atMs, owned, isResolved, mayBeTwo }: LearnedWith,
): Known["paths"] {
  const had = before?.paths ?? {};
  const lunsThere = new Set(seen.map(({ wwid }) => wwid));
  const paths = new Map<string, KnownPath>();
  for (const [key, path] of Object.entries(had)) {
    const lastSeenMs = path.lastSeenMs ?? before?.seenMs ?? atMs;
    const lunIsThere = lunsThere.has(path.wwid);
    const limitMs = lunIsThere ? FORGET_PATH_MS : FORGET_LUN_MS;
    const isMissed = owned.has(path.wwid) && !(lunIsThere && isResolved(key));
    if (atMs - lastSeenMs > limitMs && !isMissed) continue;
    paths.set(key, path.lastSeenMs === null ? { ...path, lastSeenMs } : path);
  }
  const others = otherLunsIn(seen, (key) => had[key] !== undefined);
  const hasKnown = new Set(Object.values(had).map(({ wwid }) => wwid));
  const isDoubtful = ({ key, wwid }: WatchedPath) => had[key] === undefined && hasKnown.has(wwid) && mayBeTwo(wwid);
  for (const path of seen) {
    const { key, wwid, adapter, port, array } = path;
    if (others.has(key) || isDoubtful(path)) continue;
    paths.set(key, kept(had[key], { wwid, adapter, port, array, lastSeenMs: null }));
  }
  return keptRecord(had, paths);
}

function lunsWith(
  before: Known | null,
  paths: Known["paths"],
  seen: readonly WatchedPath[],
  { atMs, owned, ownedSinceMs }: LearnedWith,
): Known["luns"] {
  const sizesOf = new Map<string, Set<number>>();
  // A path that does not work keeps the size that it had.
  for (const { wwid, sizeBytes, works } of seen)
    if (sizeBytes && works) sizesOf.set(wwid, (sizesOf.get(wwid) ?? new Set<number>()).add(sizeBytes));
  const luns = new Map<string, Known["luns"][string]>();
  for (const wwid of new Set(Object.values(paths).map((path) => path.wwid))) {
    const known = before?.luns[wwid];
    const sizes = [...(sizesOf.get(wwid) ?? [])];
    // A rescan reads one path after another. Until all agree, the size is what it was.
    const latest = sizes.length > 1 ? (known?.sizeBytes ?? Math.max(...sizes)) : sizes[0];
    const sizeBytes = latest ?? known?.sizeBytes ?? null;
    const resized = resizedTo(sizeBytes, withoutEarlierUse(known, ownedSinceMs(wwid)), atMs, owned.has(wwid));
    luns.set(wwid, kept(known, { firstSeenMs: known?.firstSeenMs ?? atMs, sizeBytes, resized }));
  }
  return keptRecord(before?.luns ?? {}, luns);
}

/** When a LUN became larger, or one that no storage owns smaller, is news for so long. */
export const NEWS_MS = 60_000;

/** A LUN that shrank before a storage was made of it has all that the storage uses. */
function withoutEarlierUse(
  known: Known["luns"][string] | undefined,
  ownedSinceMs: number,
): Known["luns"][string] | undefined {
  if (known?.resized == null || known.resized.atMs >= ownedSinceMs) return known;
  return { ...known, resized: null };
}

/** What an owned LUN shrank from counts until it is back: a part of it is not. */
function resizedTo(
  sizeBytes: number | null,
  known: Known["luns"][string] | undefined,
  atMs: number,
  isOwned: boolean,
): Known["luns"][string]["resized"] {
  const earlier = known?.resized ?? null;
  const before = known?.sizeBytes ?? null;
  if (before === null || sizeBytes === null) return earlier;
  const isOld = earlier !== null && !isOwned && atMs - earlier.atMs >= NEWS_MS;
  if (sizeBytes === before) return isOld ? null : earlier;
  const lacks = isOwned && earlier !== null && before < earlier.fromBytes;
  if (!lacks) return { atMs, fromBytes: before };
  return sizeBytes === earlier.fromBytes ? null : { atMs, fromBytes: earlier.fromBytes };
}

/** `before` if it is equal. */
function kept<T extends object>(before: T | undefined, now: T): T {
  if (before === undefined) return now;
  const names = Object.keys(now) as (keyof T)[];
  return names.every((name) => before[name] === now[name]) ? before : now;
}

/** `before` if it has the same objects. */
function keptRecord<T>(before: Record<string, T>, now: ReadonlyMap<string, T>): Record<string, T> {
  const isSame = Object.keys(before).length === now.size && [...now].every(([key, each]) => before[key] === each);
  if (isSame) return before;
  // With a prototype, V8 would keep a description of each set of names.
  const record: Record<string, T> = Object.create(null);
  for (const [key, each] of now) record[key] = each;
  return record;
}

/** A storage that left the host, or is in maintenance, is not in the sample: its lockspace is not missed. */
function servedIn(before: string[], { storages }: HostSample): string[] {
  const serves = storages.flatMap(({ storageUuid, lock }) =>
    lock === "held" || before.includes(storageUuid) ? [storageUuid] : [],
  );
  return serves.length === before.length && serves.every((uuid, at) => before[at] === uuid) ? before : serves;
}
