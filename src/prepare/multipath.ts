import { check } from "../core/check.ts";
import type { Step } from "../core/step.ts";
import { listMultipathMaps } from "../host/multipath.ts";
import { enableMultipath, MULTIPATH_CONF } from "../host/multipath-conf.ts";
import { isNamed, isSameSetting, type MapNames, type NamedMap } from "../host/multipath-settings.ts";
import { type MultipathSettings, readMultipathdSettings, reconfigureMultipathd } from "../host/multipathd.ts";
import { enableUnits } from "../host/systemd.ts";
import { settleDevices } from "../host/udev.ts";
import { isOn } from "../storage/steps/lock-services.ts";
import type { Difference } from "./difference.ts";
import { moduleDifferences } from "./kernel-modules.ts";
import { byMpathconf, confDifference, inWords, namesAfter } from "./multipath-conf.ts";
import { MULTIPATHD, type MultipathObservation } from "./multipath-observation.ts";
import { disksOf, freeLuns } from "./unmapped-luns.ts";

/** The differences from a host with the desired maps, in the order in which they are changed. */
export function multipathDifferences(
  observation: MultipathObservation,
  names: MapNames | null,
  askedAt: string,
): Difference[] {
  const { host, seen } = observation;
  const conf = confDifference(observation, names, askedAt);
  const daemon = daemonDifference(observation, names, conf.length > 0);
  return [...moduleDifferences(host, seen), ...conf, ...daemon, ...mapsDifference(observation, daemon.length > 0)];
}

function daemonDifference(
  observation: MultipathObservation,
  names: MapNames | null,
  confChanges: boolean,
): Difference[] {
  const { host, seen, settings, view } = observation;
  const after = namesAfter(observation, names);
  const why = settingsReason(settings, after);
  const misnamed = names === null ? [] : misnamedMaps(observation, names, view.maps);
  const on = isOn(seen.units, MULTIPATHD);
  if (on && why === null && misnamed.length === 0 && !confChanges) return [];
  const start: Step[] = [
    ...(seen.os.family === "rhel" && !byMpathconf(observation)
      ? [{ host, command: enableMultipath, why: "starts the daemon, as RHEL does" }]
      : []),
    { host, command: enableUnits([MULTIPATHD]), why: "the daemon runs now and at boot" },
  ];
  const inForce = check(readMultipathdSettings, (now) => settingsReason(now, after));
  return [
    {
      host,
      what: "multipathd",
      now: on && settings !== null ? settingsText(settings, misnamed) : "off",
      wanted: "runs with these settings, now and at boot",
      steps: [
        ...(on ? [] : start),
        { host, command: reconfigureMultipathd, why: "the daemon reads its settings and makes the maps" },
        { host, check: inForce, withinMs: 30_000, why: "proves that the settings are in force" },
        ...(names === null ? [] : [namesCheck(observation, names)]),
      ],
    },
  ];
}

const settingsText = ({ findMultipaths, naming }: MultipathSettings, misnamed: readonly NamedMap[]): string => {
  const settings = inWords(findMultipaths, naming.general === "friendly" ? "yes" : "no");
  return misnamed.length === 0 ? settings : `${settings}; calls ${misnamed.map(nameOf).join(", ")} otherwise`;
};

/**
 * The daemon's settings may also come from /etc/multipath/conf.d. It reads this directory later, so it overrides the
 * file.
 */
function settingsReason(now: MultipathSettings | null, names: MapNames): string | null {
  if (now === null) return "does not run multipathd";
  const conf = "(does a file in /etc/multipath/conf.d say so?)";
  if (!isSameSetting(now.findMultipaths, "yes"))
    return `runs multipathd with find_multipaths ${now.findMultipaths} ${conf}`;
  if (now.naming.general === names) return null;
  return `runs multipathd with user_friendly_names ${now.naming.general === "friendly" ? "yes" : "no"} ${conf}`;
}

/** Settings decide how maps will be named. The maps show whether they have these names. */
const namesCheck = (observation: MultipathObservation, names: MapNames): Step => {
  const proof = check(listMultipathMaps, (maps) => {
    const wrong = misnamedMaps(observation, names, maps);
    return wrong.length === 0
      ? null
      : `still calls ${wrong.map(nameOf).join(", ")} otherwise (does a device or multipaths section in /etc/multipath/conf.d say so?)`;
  });
  return { host: observation.host, check: proof, withinMs: 30_000, why: "proves that the maps have these names" };
};

/** A map without paths keeps its name until it has a path again. */
function misnamedMaps<M extends NamedMap & { readonly paths: readonly unknown[] }>(
  observation: MultipathObservation,
  names: MapNames,
  maps: readonly M[],
): M[] {
  const aliases = aliasesInSettings(observation);
  return maps.filter((map) => map.paths.length > 0 && !isNamed(map, names, aliases));
}

/** Names that people gave, in this file or in another one. */
export const aliasesInSettings = ({ seen: { files } }: MultipathObservation): readonly string[] => files.naming.aliases;

const nameOf = ({ alias, wwid }: NamedMap): string => alias ?? wwid;

/** Every LUN with several paths gets a map, unless a path is in use alone or a rule excludes the LUN. */
function mapsDifference(observation: MultipathObservation, daemonReads: boolean): Difference[] {
  const { host } = observation;
  const free = freeLuns(observation);
  if (free.length === 0) return [];
  const proof = check(
    listMultipathMaps,
    (maps) => {
      const missing = free.filter(({ wwid }) => !maps.some((map) => map.wwid === wwid)).map(({ wwid }) => wwid);
      return missing.length === 0
        ? null
        : `has no map of ${missing.join(", ")} (is it blacklisted in ${MULTIPATH_CONF}?)`;
    },
    free.map(({ wwid }) => wwid),
  );
  return [
    {
      host,
      what: "maps",
      now: `none of ${free.map(({ wwid, on }) => `${wwid} (${disksOf(on)})`).join("; ")}`,
      wanted: "a map each",
      steps: [
        ...(daemonReads ? [] : [{ host, command: reconfigureMultipathd, why: "makes the maps that are missing" }]),
        { host, command: settleDevices, why: "waits until udev has named what appeared" },
        { host, check: proof, withinMs: 60_000, why: "proves that the maps are there" },
      ],
    },
  ];
}
