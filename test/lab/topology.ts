import type { CommandOutput } from "../../src/core/host-command.ts";
import { listMultipathMaps } from "../../src/host/multipath.ts";
import type { Lun } from "./luns.ts";

/** What is missing until `multipath -ll` shows each LUN with two working paths; null if nothing is missing. */
export function allMapsWhole(printed: CommandOutput, expected: readonly Lun[]): string | null {
  if (printed.exitCode !== 0) return `multipath -ll ended with ${printed.exitCode}: ${printed.stderr.trim()}`;
  const maps = listMultipathMaps.parse(printed);
  const missing = expected.filter((lun) => {
    const paths = maps.find((map) => map.wwid === lun.wwid)?.paths ?? [];
    return paths.filter((path) => path.dmState === "active" && path.checkerState === "ready").length < 2;
  });
  return missing.length === 0 ? null : `without two working paths: ${missing.map(({ name }) => name).join(", ")}`;
}
