import type { Facts } from "../core/facts.ts";
import { type Answers, answersIn, notesIn } from "../core/host-command.ts";
import type { Host } from "../core/inventory.ts";
import { done, valueOr } from "../core/outcome.ts";
import { readRealPath, readTextFile } from "../host/file.ts";
import { listBlockDevices } from "../host/lsblk.ts";
import { listMultipathMaps } from "../host/multipath.ts";
import { MULTIPATH_CONF } from "../host/multipath-conf.ts";
import { type MultipathSettings, readMultipathdSettings, readMultipathFiles } from "../host/multipathd.ts";
import { readOsRelease } from "../host/os-release.ts";
import { listPackageManagers } from "../host/packages.ts";
import { readUnits } from "../host/systemd.ts";
import { listDiskIds } from "../host/udev.ts";
import { type HostView, problemsOf, viewWith } from "../storage/observe/host-view.ts";
import { makeLuns } from "../storage/observe/lun.ts";
import { moduleReads } from "./kernel-modules.ts";
import { familyOn } from "./needed-packages.ts";
import type { Unread } from "./observe.ts";

export const MULTIPATHD = "multipathd.service";

const reads = {
  os: readOsRelease,
  conf: readTextFile(MULTIPATH_CONF),
  confAt: readRealPath(MULTIPATH_CONF),
  files: readMultipathFiles,
  units: readUnits([MULTIPATHD]),
  ids: listDiskIds,
  devices: listBlockDevices,
  managers: listPackageManagers,
  ...moduleReads,
};

const daemonReads = { settings: readMultipathdSettings };

/** One host before its multipath is set up. */
export interface MultipathObservation {
  readonly host: Host;
  readonly seen: Answers<typeof reads>;
  /** The settings that the daemon uses. Null if it does not run. */
  readonly settings: MultipathSettings | null;
  readonly view: HostView;
}

/** Each host is read alone. The result has the hosts that could be read, and the reasons for the others. */
export async function observeMultipath(hosts: readonly Host[], facts: Facts): Promise<MultipathObservations> {
  const seen = await Promise.all(hosts.map((host) => observeMultipathOn(host, facts)));
  return {
    observations: seen.filter((each) => "seen" in each),
    leftOut: seen.filter((each) => "problems" in each),
  };
}
interface MultipathObservations {
  readonly observations: readonly MultipathObservation[];
  readonly leftOut: readonly Unread[];
}

async function observeMultipathOn(host: Host, facts: Facts): Promise<MultipathObservation | Unread> {
  const { maps, ...rest } = await facts.gather(host, { ...reads, maps: listMultipathMaps });
  const seen = answersIn<typeof reads>(rest, true);
  if (typeof seen === "string") return { host, problems: problemsOf(reads, rest, "by object") };
  // Without its kernel module, multipath has no maps.
  const withoutModule = maps.kind === "failed" && maps.exitCode === 1 && !seen.modules.includes("dm_multipath");
  if (maps.kind !== "done" && !withoutModule)
    return { host, problems: problemsOf({ maps: listMultipathMaps }, { maps }) };
  // A stopped daemon is not asked, because systemd would start it.
  const runs = seen.units.some((unit) => unit.name === MULTIPATHD && unit.active);
  const asked = runs ? await facts.gather(host, daemonReads) : { settings: done(null) };
  if (asked.settings.kind !== "done") return { host, problems: problemsOf(daemonReads, { settings: asked.settings }) };
  const known = valueOr(maps, []);
  const { ids, devices } = seen;
  const os = { ...seen.os, family: familyOn(seen.os, seen.managers) };
  const notUnderstood = notesIn({ ...rest, maps });
  const view = viewWith(host, { maps: known, ids, devices, notUnderstood });
  await makeLuns(view);
  return { host, seen: { ...seen, os }, settings: asked.settings.value, view };
}
