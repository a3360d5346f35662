import { z } from "zod";
import type { HostSample } from "./sample.ts";

/**
 * What each host had, so that something missing or new is noticed. A sample alone does not show what is gone.
 * Kept on disk: what vanished while the bot was down is a finding too.
 */
const knownPathSchema = z.strictObject({
  wwid: z.string(),
  adapter: z.string(),
  port: z.string().nullable(),
  array: z.string().nullable(),
  /** Milliseconds since the epoch. */
  lastSeenMs: z.number(),
});
const knownLunSchema = z.strictObject({
  firstSeenMs: z.number(),
  sizeBytes: z.number().nullable(),
  /** When the size became another, and what it was before; null if it did not lately. */
  resized: z.strictObject({ atMs: z.number(), fromBytes: z.number() }).nullable(),
});
export const knownSchema = z.strictObject({
  /** Of the first sample: everything in it was there before. */
  sinceMs: z.number(),
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

/** A path that is gone for so long is not expected back: its zone or portal was removed. */
const FORGET_PATH_MS = 24 * 3_600_000;
/** A LUN that no storage owns and that is gone for so long is not missed. */
const FORGET_LUN_MS = 600_000;

/** `before`: null for a host that is observed the first time. `owned`: the WWIDs of shared blocks; these are always missed. */
export function learned(before: Known | null, sample: HostSample, owned: ReadonlySet<string>): Known {
  const { paths: seen, atMs } = sample;
  const serves = servedIn(before?.serves ?? [], sample);
  if (seen === null) return { ...(before ?? { sinceMs: atMs, paths: {}, luns: {} }), serves };
  const sinceMs = before?.sinceMs ?? atMs;
  const paths: Record<string, KnownPath> = {};
  const luns: Known["luns"] = {};
  for (const [key, path] of Object.entries(before?.paths ?? {})) {
    const missingMs = atMs - path.lastSeenMs;
    const lunIsThere = seen.some(({ wwid }) => wwid === path.wwid);
    const limitMs = lunIsThere || owned.has(path.wwid) ? FORGET_PATH_MS : FORGET_LUN_MS;
    if (missingMs <= limitMs || (owned.has(path.wwid) && !lunIsThere)) paths[key] = path;
  }
  for (const { key, wwid, adapter, port, array } of seen) paths[key] = { wwid, adapter, port, array, lastSeenMs: atMs };
  for (const wwid of new Set(Object.values(paths).map((path) => path.wwid))) {
    const known = before?.luns[wwid];
    const sizeBytes = seen.find((path) => path.wwid === wwid && path.sizeBytes)?.sizeBytes ?? known?.sizeBytes ?? null;
    const fromBytes = known?.sizeBytes ?? null;
    const isResized = fromBytes !== null && sizeBytes !== null && sizeBytes !== fromBytes;
    luns[wwid] = {
      firstSeenMs: known?.firstSeenMs ?? atMs,
      sizeBytes,
      resized: isResized ? { atMs, fromBytes } : (known?.resized ?? null),
    };
  }
  return { sinceMs, paths, luns, serves };
}

/** A storage that left the host, or is in maintenance, is not in the sample: its lockspace is not missed. */
function servedIn(before: readonly string[], { storages }: HostSample): string[] {
  if (storages === null) return [...before];
  return storages.flatMap(({ storageUuid, lock }) =>
    lock === "held" || before.includes(storageUuid) ? [storageUuid] : [],
  );
}
