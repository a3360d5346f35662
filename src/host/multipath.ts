import type { HostCommand, ReadCommand } from "../core/host-command.ts";
import { MAPS } from "../core/limits.ts";
import type { Note } from "../core/not-understood.ts";
import { beforeLines, inParts } from "../core/parts.ts";
import type { MultipathMap } from "../core/storage.ts";
import { isBusy } from "./multipath-map.ts";
import { multipathMaps } from "./multipath-topology.ts";
import { notOk } from "./multipathd-answer.ts";

/** Every assembled multipath map with its paths, as the kernel and the path checkers see them now. */
export const listMultipathMaps: ReadCommand<MultipathMap[]> = {
  effect: "read",
  argv: ["multipath", "-ll"],
  // It asks every path itself: with hundreds of them, or dead ones, that takes its time, and it is then that one looks.
  timeoutMs: 20_000,
  // 0 also where there is no map; 1 where device-mapper can't be asked, which says nothing about maps.
  limits: MAPS,
  exitCodes: [0],
  // Below a map's name everything is indented, or begins with `size=`.
  parse: inParts(
    beforeLines((line) => / dm-\d+(?: |$)/.test(line) && /^\w/.test(line)),
    ({ stdout }, note?: Note) => multipathMaps(stdout, note),
  ),
};

/** Notes the LUN's WWID among those that get a map: with `find_multipaths strict` no other does. Twice gives the same. */
export const noteForMultipath = (wwid: string): HostCommand<null, "change"> => ({
  effect: "change",
  argv: ["multipath", "-a", wwid],
  timeoutMs: 10_000,
  exitCodes: [0],
  parse: () => null,
});

/** multipathd reads its settings and its disks anew and makes the maps that are missing; those in use stay. */
export const reconfigureMultipathd: HostCommand<null, "change"> = {
  effect: "change",
  argv: ["multipathd", "reconfigure"],
  timeoutMs: 60_000,
  exitCodes: [0, 1],
  passes: isBusy,
  parse: ({ stdout, stderr, exitCode }) => {
    // It ends with 0 also where the daemon says no.
    const answer = stdout.trim();
    if (exitCode === 0 && (answer === "" || answer === "ok")) return null;
    throw notOk(`${stdout}${stderr}`.trim());
  },
};
