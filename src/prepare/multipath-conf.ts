import { check } from "../core/check.ts";
import { type Reason, reason } from "../core/refusal.ts";
import type { Step } from "../core/step.ts";
import { copyFile, readTextFile } from "../host/file.ts";
import {
  blacklistsAll,
  confIn,
  enableMultipath,
  MULTIPATH_CONF,
  makeMultipathConf,
  mpathconfFinds,
  multipathConf,
  namingMake,
  overriding,
  sectionsNaming,
} from "../host/multipath-conf.ts";
import { type MapNames, makeNaming, mapNaming, namesFor, valueIn } from "../host/multipath-settings.ts";
import { replaceFile } from "../storage/steps/replace-file.ts";
import { type Difference, hasText } from "./difference.ts";
import type { MultipathObservation } from "./multipath-observation.ts";

/** RHEL has its own program for a host without settings, and for removing a blacklist of all disks. */
export const byMpathconf = ({ seen: { os, conf } }: MultipathObservation): boolean =>
  os.family === "rhel" && (conf === null || mpathconfFinds(conf));

export const multipathReasons = (observation: MultipathObservation): Reason[] =>
  observation.seen.conf !== null && blacklistsAll(observation.seen.conf) && !byMpathconf(observation)
    ? [
        reason(
          "CONFIG_NOT_READABLE",
          `${observation.host.name} has every disk in the blacklist of ${MULTIPATH_CONF} (a devnode of all)`,
          `remove that line from ${MULTIPATH_CONF} on ${observation.host.name}, then send the command again`,
        ),
      ]
    : [];

/** How maps are named, unless a section names a single map. */
export const namesAfter = ({ seen: { conf } }: MultipathObservation, names: MapNames | null): MapNames =>
  names ?? (conf === null ? "wwid" : mapNaming(confIn(conf)).general);

/** The file with our settings. Built-in settings of a device, or other files, must not override the desired names. */
function wantedConf({ seen: { conf, files }, view }: MultipathObservation, names: MapNames | null): string {
  const text = multipathConf(conf, names);
  if (names === null) return text;
  const { knowsOverrides } = files;
  const own = mapNaming(confIn(text), knowsOverrides);
  if (knowsOverrides && valueIn(confIn(text), "overrides/user_friendly_names") !== null) return text;
  const naming = { ...own, byDevice: [...files.naming.byDevice, ...own.byDevice] };
  const others = view.maps.filter((map) => namesFor(map, naming) !== names);
  if (others.length === 0) return text;
  if (knowsOverrides) return overriding(text, names);
  // In this version only a device section with the same vendor and product overrides a built-in one.
  const makes = others.flatMap((map) => makeNaming(map, files.naming) ?? []);
  return makes.reduce((changed, make) => namingMake(changed, make, names), text);
}

export function confDifference(
  observation: MultipathObservation,
  names: MapNames | null,
  askedAt: string,
): Difference[] {
  const { host, seen } = observation;
  const before = seen.conf;
  const text = wantedConf(observation, names);
  if (text === before && !byMpathconf(observation)) return [];
  return [
    {
      host,
      what: MULTIPATH_CONF,
      now: before === null ? "none" : confText(before),
      wanted: confText(blacklistsAll(text) ? text.replace(/^[ \t]*devnode "\.?\*".*$/gm, "") : text),
      steps: before === null ? stepsOfNew(observation, text, names) : stepsOfOld(observation, before, text, askedAt),
    },
  ];
}

const written = readTextFile(MULTIPATH_CONF);

function stepsOfNew(observation: MultipathObservation, text: string, names: MapNames | null): Step[] {
  const { host, seen } = observation;
  if (byMpathconf(observation)) {
    const command = makeMultipathConf(namesAfter(observation, names));
    return [{ host, command, why: "RHEL's own file with these settings" }];
  }
  const file = { path: MULTIPATH_CONF, realPath: seen.confAt, text: null };
  return [
    ...replaceFile(host, file, text, "only our settings"),
    { host, check: hasText(written, MULTIPATH_CONF, text), why: "proves that it is written" },
  ];
}

function stepsOfOld(observation: MultipathObservation, before: string, text: string, askedAt: string): Step[] {
  const { host, seen } = observation;
  const backup = `${MULTIPATH_CONF}.zstack-chatops-${askedAt.replaceAll(/[^0-9]/g, "").slice(0, 14)}`;
  const file = { path: MULTIPATH_CONF, realPath: seen.confAt, text: before };
  const isFree = check(written, (now) =>
    now === null || !blacklistsAll(now) ? null : `still has every disk in the blacklist of ${MULTIPATH_CONF}`,
  );
  const own: Step[] = [
    ...replaceFile(host, file, text, "only our settings change"),
    { host, check: hasText(written, MULTIPATH_CONF, text), why: "proves that it is written" },
  ];
  return [
    { host, command: copyFile(MULTIPATH_CONF, backup), why: "keeps what is there now" },
    ...(text === before ? [] : own),
    ...(byMpathconf(observation)
      ? [
          { host, command: enableMultipath, why: "takes the blacklist of all disks out" },
          { host, check: isFree, why: "proves that disks may become maps" },
        ]
      : []),
  ];
}

function confText(text: string): string {
  const config = confIn(text);
  const others = sectionsNaming(text);
  const set = (name: string) => valueIn(config, `defaults/${name}`) ?? "not set";
  const settings = `${inWords(set("find_multipaths"), set("user_friendly_names"))}${
    others.length === 0 ? "" : `, in ${others.join(", ")} ${namesInSections(text)}`
  }`;
  return blacklistsAll(text) ? `blacklists every disk, ${settings}` : settings;
}

/** `yes`, `no`, or both. */
const namesInSections = (text: string): string => {
  const values = confIn(text).settings.flatMap(({ path, value }) =>
    path.endsWith("/user_friendly_names") && !path.startsWith("defaults/") ? [value] : [],
  );
  return [...new Set(values)].join(" and ");
};

export const inWords = (findMultipaths: string, userFriendlyNames: string): string =>
  `find_multipaths ${findMultipaths}, user_friendly_names ${userFriendlyNames}`;
