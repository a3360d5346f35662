import type { WatchedPath } from "./sample.ts";

/** `host:channel:target` of a path: one port of the array, as one adapter sees it. */
const placeOf = ({ hctl }: WatchedPath): string => hctl.slice(0, hctl.lastIndexOf(":"));

/**
 * Paths that work behind one port and have one WWID. At one port an array has one number for a LUN. Two that work are two
 * LUNs, and multipath writes to both as if they were one.
 */
export function twiceAtOnePort(wwid: string, seen: readonly WatchedPath[]): readonly WatchedPath[] {
  const byPort = new Map<string, WatchedPath[]>();
  for (const path of seen) {
    if (path.wwid !== wwid || !path.works) continue;
    const place = placeOf(path);
    byPort.set(place, [...(byPort.get(place) ?? []), path]);
  }
  const hasTwo = (paths: readonly WatchedPath[]) => new Set(paths.map(({ hctl }) => hctl)).size > 1;
  return [...byPort.values()].find(hasTwo) ?? [];
}

/**
 * Keys of paths that may be another LUN's with the same WWID. The host's LUN does not miss them when they are gone. Of two
 * behind one port, the one that was known is its own.
 */
export function otherLunsIn(seen: readonly WatchedPath[], isKnown: (key: string) => boolean): ReadonlySet<string> {
  const others = new Set<string>();
  // The key of a second path through one port has a number.
  if (!seen.some(({ key }) => key.endsWith(")"))) return others;
  const own = new Map<string, WatchedPath>();
  const inOrder = [...seen.filter(({ key }) => isKnown(key)), ...seen.filter(({ key }) => !isKnown(key))];
  for (const path of inOrder) {
    const place = `${path.wwid} ${placeOf(path)}`;
    if (!own.has(place)) own.set(place, path);
    else if (!isKnown(path.key)) others.add(path.key);
  }
  return others;
}
