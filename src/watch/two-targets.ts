import type { Gathered, ReadCommand } from "../core/host-command.ts";
import { type PathPage, readPathPage, readUnitSerial } from "../host/scsi.ts";
import type { WatchedPath } from "./sample.ts";

/** What one path reports of its LUN. The kernel read it when the disk appeared: nothing asks the disk. */
interface PathIdentity {
  readonly serial: string | null;
  /** The number of the target's port, unique in one array. */
  readonly port: number | null;
}
/** By the path, its disk and its address: another disk is read again. */
export type Identities = ReadonlyMap<string, PathIdentity>;

export const identityKey = ({ key, device, hctl }: WatchedPath): string => `${key} ${device} ${hctl}`;

/** With iSCSI the target; an array may offer a LUN over another transport too. */
const wayOf = ({ port, array }: WatchedPath): string =>
  port !== null && /:\d+$/.test(port) ? (array ?? "iSCSI") : "not over iSCSI";

/** The paths of each LUN that is reached through several targets. They may be several LUNs with one WWID. */
function byTargets(paths: readonly WatchedPath[]): ReadonlyMap<string, readonly WatchedPath[]> {
  const ways = new Map<string, Set<string>>();
  for (const path of paths) {
    const own = ways.get(path.wwid);
    if (own === undefined) ways.set(path.wwid, new Set([wayOf(path)]));
    else own.add(wayOf(path));
  }
  const several = [...ways].flatMap(([wwid, own]) => (own.size > 1 ? [wwid] : []));
  return new Map(several.map((wwid) => [wwid, paths.filter((path) => path.wwid === wwid)]));
}

const MOST_PATHS = 40;

/** Those that are not known yet, as many as one round trip reads. */
export const pathsToIdentify = (paths: readonly WatchedPath[], known: Identities): readonly WatchedPath[] =>
  [...byTargets(paths).values()]
    .flat()
    .filter((path) => /^sd[a-z]+$/.test(path.device) && !known.has(identityKey(path)))
    .slice(0, MOST_PATHS);

type IdentityReads = { readonly [name: `serial of ${string}`]: ReadCommand<string | null> } & {
  readonly [name: `page of ${string}`]: ReadCommand<PathPage>;
};

export const identityReads = (paths: readonly WatchedPath[]): IdentityReads =>
  Object.fromEntries(
    paths.flatMap(({ device }) => [
      [`serial of ${device}`, readUnitSerial(device)],
      [`page of ${device}`, readPathPage(device)],
    ]),
  );

/** What could not be read is asked again with the next observation. */
export function identitiesIn(
  paths: readonly WatchedPath[],
  seen: Gathered<IdentityReads>,
): readonly (readonly [key: string, identity: PathIdentity])[] {
  return paths.flatMap((path) => {
    const serial = seen[`serial of ${path.device}`];
    const page = seen[`page of ${path.device}`];
    if (serial?.kind !== "done" || page?.kind !== "done") return [];
    return [[identityKey(path), { serial: serial.value, port: page.value.port }] as const];
  });
}

/** Why the paths of one WWID lead to two LUNs, or may do so. */
export interface TwoTargets {
  /** Ports or serial numbers prove it. Otherwise nothing proves that it is one LUN. */
  readonly isProven: boolean;
  readonly text: string;
}

/**
 * By WWID. null: it is not known yet. What is one LUN is not there. Two arrays number their ports alike, and have different
 * serial numbers, unless one is a copy of the other. One array has no port number twice.
 */
export function twoTargetsIn(paths: readonly WatchedPath[], known: Identities): ReadonlyMap<string, TwoTargets | null> {
  const found = new Map<string, TwoTargets | null>();
  for (const [wwid, own] of byTargets(paths)) {
    const verdict = verdictOf(own, known);
    if (verdict !== "one") found.set(wwid, verdict);
  }
  return found;
}

function verdictOf(paths: readonly WatchedPath[], known: Identities): TwoTargets | "one" | null {
  const each = paths.flatMap((path) => {
    const identity = known.get(identityKey(path));
    return identity === undefined ? [] : [{ device: path.device, way: wayOf(path), ...identity }];
  });
  const ways = [...new Set(paths.map(wayOf))];
  const through = `${ways.length} targets (${ways.join(", ")})`;
  for (const one of each)
    for (const other of each) {
      if (other.way === one.way) continue;
      const names = `${one.device} and ${other.device}`;
      if (one.serial !== null && other.serial !== null && one.serial !== other.serial)
        return { isProven: true, text: `${names} have other serial numbers, through ${through}` };
      if (one.port !== null && one.port === other.port)
        return { isProven: true, text: `${names} both have the port number ${one.port}, through ${through}` };
    }
  if (each.length < paths.length) return null;
  const unproven = each.find(({ serial, port }) => serial === null || port === null);
  if (unproven === undefined) return "one";
  const lacks = unproven.serial === null ? "serial number" : "port number";
  return { isProven: false, text: `${unproven.device} reports no ${lacks}, and its paths lead to ${through}` };
}
