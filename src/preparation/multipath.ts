import type { Step } from "../core/plan.ts";
import { copyFile, readTextFile } from "../host/file.ts";
import { enableMultipath, makeMultipathConf } from "../host/mpathconf.ts";
import { listMultipathMaps, reconfigureMultipathd } from "../host/multipath.ts";
import {
  blacklistsAll,
  type MapNames,
  MULTIPATH_CONF,
  meansSame,
  multipathConf,
  namesIn,
  settingsIn,
} from "../host/multipath-conf.ts";
import { type MultipathdSettings, readMultipathdSettings } from "../host/multipathd-settings.ts";
import { enableUnits } from "../host/systemd.ts";
import { settleDevices } from "../host/udev.ts";
import { isOn } from "../sharedblock/lock-services.ts";
import { lunsOf } from "../sharedblock/lun.ts";
import { replaceFile } from "../sharedblock/replace-file.ts";
import { checking, type Difference, hasText } from "./difference.ts";
import { moduleDifferences } from "./kernel-modules.ts";
import { MULTIPATHD, type MultipathLook } from "./multipath-look.ts";

/** What differs from a host that makes its maps as wished, in the order in which it is made so. */
export function multipathDifferences(look: MultipathLook, names: MapNames | null, askedAt: string): Difference[] {
  const { host, seen } = look;
  const conf = confDifference(look, names, askedAt);
  const daemon = daemonDifference(look, names, conf.length > 0);
  return [
    ...moduleDifferences(host, seen.modules, seen.modulesAtBoot),
    ...conf,
    ...daemon,
    ...mapsDifference(look, daemon.length > 0),
  ];
}

/** RHEL has a program of its own for a host without settings, and to take back a blacklist of all disks. */
const byMpathconf = ({ seen: { os, conf } }: MultipathLook): boolean =>
  os.family === "rhel" && (conf === null || blacklistsAll(conf));

export const multipathObjections = (look: MultipathLook): string[] =>
  look.seen.conf !== null && blacklistsAll(look.seen.conf) && !byMpathconf(look)
    ? [`${look.host.name} has every disk in the blacklist of ${MULTIPATH_CONF} (devnode "*"): take that line out there`]
    : [];

/** How maps will be called. */
export const namesAfter = ({ seen: { conf } }: MultipathLook, names: MapNames | null): MapNames =>
  names ?? (conf === null ? "wwid" : namesIn(conf));

function confDifference(look: MultipathLook, names: MapNames | null, askedAt: string): Difference[] {
  const { host, seen } = look;
  const before = seen.conf;
  const text = multipathConf(before, names);
  const after = namesAfter(look, names);
  if (text === before && !byMpathconf(look)) return [];
  const backup = `${MULTIPATH_CONF}.zstack-chatops-${askedAt.replaceAll(/[^0-9]/g, "").slice(0, 14)}`;
  const keep: Step = { host, command: copyFile(MULTIPATH_CONF, backup), why: "keeps what is there now" };
  const written = readTextFile(MULTIPATH_CONF);
  const own: Step[] = [
    ...replaceFile(host, MULTIPATH_CONF, before, text, "only our settings change"),
    { host, check: hasText(written, MULTIPATH_CONF, text), why: "proves that it is written" },
  ];
  const rhel: Step =
    before === null
      ? { host, command: makeMultipathConf(after), why: "RHEL's own file with these settings" }
      : { host, command: enableMultipath, why: "takes the blacklist of all disks out" };
  return [
    {
      host,
      what: MULTIPATH_CONF,
      now: before === null ? "none" : confText(before),
      wanted: inWords("yes", after === "friendly" ? "yes" : "no"),
      steps: [
        ...(before === null ? [] : [keep]),
        ...(before === null && byMpathconf(look) ? [] : text === before ? [] : own),
        ...(byMpathconf(look) ? [rhel] : []),
      ],
    },
  ];
}

function confText(text: string): string {
  const { findMultipaths, userFriendlyNames } = settingsIn(text);
  const settings = inWords(findMultipaths ?? "not set", userFriendlyNames ?? "not set");
  return blacklistsAll(text) ? `blacklists every disk, ${settings}` : settings;
}
const inWords = (findMultipaths: string, userFriendlyNames: string): string =>
  `find_multipaths ${findMultipaths}, user_friendly_names ${userFriendlyNames}`;

function daemonDifference(look: MultipathLook, names: MapNames | null, confChanges: boolean): Difference[] {
  const { host, seen, settings } = look;
  const after = namesAfter(look, names);
  const objection = settingsObjection(settings, after);
  const on = isOn(seen.units, MULTIPATHD);
  if (on && objection === null && !confChanges) return [];
  const start: Step[] = [
    ...(seen.os.family === "rhel" && !byMpathconf(look)
      ? [{ host, command: enableMultipath, why: "starts the daemon, as RHEL does" }]
      : []),
    { host, command: enableUnits([MULTIPATHD]), why: "the daemon runs now and at boot" },
  ];
  const check = checking(readMultipathdSettings, (now) => settingsObjection(now, after));
  return [
    {
      host,
      what: "multipathd",
      now:
        on && settings !== null ? inWords(settings.findMultipaths, settings.userFriendlyNames ? "yes" : "no") : "off",
      wanted: "runs with these settings, now and at boot",
      steps: [
        ...(on ? [] : start),
        { host, command: reconfigureMultipathd, why: "the daemon reads its settings and makes the maps" },
        { host, check, withinMs: 30_000, why: "proves that the settings are in force" },
      ],
    },
  ];
}

/** What the daemon goes by may also come from /etc/multipath/conf.d, which is read later and wins. */
function settingsObjection(now: MultipathdSettings | null, names: MapNames): string | null {
  if (now === null) return "does not run multipathd";
  const conf = "(does a file in /etc/multipath/conf.d say so?)";
  if (!meansSame(now.findMultipaths, "yes"))
    return `runs multipathd with find_multipaths ${now.findMultipaths} ${conf}`;
  if (now.userFriendlyNames === (names === "friendly")) return null;
  return `runs multipathd with user_friendly_names ${now.userFriendlyNames ? "yes" : "no"} ${conf}`;
}

/** Every LUN with several paths that nothing holds by one of them gets its map. */
function mapsDifference({ host, view }: MultipathLook, daemonReads: boolean): Difference[] {
  const bare = lunsOf([view]).flatMap(({ wwid, on }) => on.filter(isBare).map((each) => ({ wwid, on: each })));
  const free = bare.filter(({ on }) => on.mountPoints.length === 0 && on.holders.length === 0);
  if (free.length === 0) return [];
  const check = checking(listMultipathMaps, (maps) => {
    const missing = free.filter(({ wwid }) => !maps.some((map) => map.wwid === wwid)).map(({ wwid }) => wwid);
    return missing.length === 0
      ? null
      : `has no map of ${missing.join(", ")} (is it blacklisted in ${MULTIPATH_CONF}?)`;
  });
  return [
    {
      host,
      what: "maps",
      now: `none of ${free.map(({ wwid, on }) => `${wwid} (${[...on.pathSizes.keys()].join(", ")})`).join("; ")}`,
      wanted: "a map each",
      steps: [
        ...(daemonReads ? [] : [{ host, command: reconfigureMultipathd, why: "makes the maps that are missing" }]),
        { host, command: settleDevices, why: "waits until udev has named what appeared" },
        { host, check, withinMs: 60_000, why: "proves that the maps are there" },
      ],
    },
  ];
}

/** LUNs that can't get a map, since something uses one of their paths by itself. */
export const heldLuns = ({ host, view }: MultipathLook): string[] =>
  lunsOf([view]).flatMap(({ wwid, on }) =>
    on
      .filter(isBare)
      .filter((each) => each.mountPoints.length > 0 || each.holders.length > 0)
      .map(
        (each) =>
          `${wwid} on ${host.name} is in use without a map (${[...each.mountPoints, ...each.holders].join(", ")})`,
      ),
  );

const isBare = (on: { readonly map: unknown; readonly totalPaths: number }): boolean =>
  on.map === null && on.totalPaths > 1;
