import type { Known } from "./known.ts";
import type { WatchedPath } from "./sample.ts";

/** *degraded*: some paths failed or are gone. *lost*: all. */
type MapHealth = "complete" | "degraded" | "lost";

/** The maps of one host by their health. A path that is gone counts as failed. */
export function mapsByHealth(paths: readonly WatchedPath[], known: Known | null): Readonly<Record<MapHealth, number>> {
  const maps = new Map<string, { all: number; working: number }>();
  const count = (wwid: string, works: boolean): void => {
    const map = maps.get(wwid) ?? { all: 0, working: 0 };
    maps.set(wwid, map);
    map.all += 1;
    if (works) map.working += 1;
  };
  const seen = new Set<string>();
  for (const { key, wwid, works } of paths) {
    seen.add(key);
    count(wwid, works);
  }
  for (const [key, { wwid }] of Object.entries(known?.paths ?? {})) if (!seen.has(key)) count(wwid, false);
  const counts = { complete: 0, degraded: 0, lost: 0 };
  for (const { all, working } of maps.values())
    counts[working === 0 ? "lost" : working < all ? "degraded" : "complete"] += 1;
  return counts;
}
