import type { ReadCommand } from "../core/host-command.ts";
import type { MultipathMap } from "../core/storage.ts";
import { multipathMaps } from "./multipath-topology.ts";

/** Every assembled multipath map with its paths, as the kernel and the path checkers see them now. */
export const listMultipathMaps: ReadCommand<MultipathMap[]> = {
  effect: "read",
  argv: ["multipath", "-ll"],
  timeoutMs: 10_000,
  // 0 also where there is no map; 1 where device-mapper can't be asked, which says nothing about maps.
  exitCodes: [0],
  parse: ({ stdout }) => multipathMaps(stdout),
};
