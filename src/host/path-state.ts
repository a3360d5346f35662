import type { MultipathMap, Path } from "../core/storage.ts";

/** multipathd counts on `ready` paths and on `ghost` ones, which are standby; on no other state of its checkers. */
const WORKING: readonly string[] = ["ready", "ghost"];

export const isWorking = ({ dmState, checkerState }: Pick<Path, "dmState" | "checkerState">): boolean =>
  dmState === "active" && WORKING.includes(checkerState);

export type Health = "lost" | "degraded" | "healthy";

/** `outside`: paths of the same LUN that the map has not taken in. */
export function healthOf({ paths }: Pick<MultipathMap, "paths">, outside = 0): Health {
  const working = paths.filter(isWorking).length;
  if (working === 0) return "lost";
  return working < paths.length + outside ? "degraded" : "healthy";
}
