import { change } from "../core/change.ts";
import type { HostCommand } from "../core/host-command.ts";
import { Refusal, reason } from "../core/refusal.ts";
import {
  isAllDisks,
  isSameSetting,
  type Make,
  type MapNames,
  type MultipathConfig,
  multipathConfig,
  NotWellFormed,
  sectionsIn,
} from "./multipath-settings.ts";

export const MULTIPATH_CONF = "/etc/multipath.conf";

/** The file's settings. Refuses a file that multipath itself rejects: a person must fix it first. */
export function confIn(text: string): MultipathConfig {
  try {
    return multipathConfig(text);
  } catch (error) {
    if (!(error instanceof NotWellFormed)) throw error;
    throw new Refusal(
      `${MULTIPATH_CONF} can't be changed`,
      reason("CONFIG_NOT_READABLE", `line ${error.line}: ${error.message}`),
    );
  }
}

/**
 * The text of multipath.conf with our settings: `find_multipaths yes`, and `user_friendly_names` as desired, in every
 * section that has it. null keeps the names; a new file gets WWIDs. An existing setting gets its value in place, and a
 * missing one is added to the defaults section. Every other byte is unchanged.
 */
export function multipathConf(before: string | null, desired: MapNames | null): string {
  const text = withSetting(before ?? "", "defaults", "find_multipaths", "yes");
  const names = desired ?? (before === null ? "wwid" : null);
  return names === null ? text : withNames(text, "defaults", names);
}

/** The same for `overrides`: built-in settings of some makes, or another file, would win over the defaults. */
export const overriding = (text: string, names: MapNames): string => withNames(text, "overrides", names);

const FRIENDLY = "user_friendly_names";

/** The same for one make, in its own device section. An existing section with the setting is unchanged. */
export function namingMake(text: string, { vendor, product }: Make, names: MapNames): string {
  const isThere = sectionsIn(confIn(text), "devices/device").some(
    (device) => device.get("vendor") === vendor && device.get("product") === product && device.has(FRIENDLY),
  );
  if (isThere) return text;
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = ["\tdevice {", `\t\tvendor "${vendor}"`, `\t\tproduct "${product}"`];
  const value = names === "friendly" ? "yes" : "no";
  return withLines(text, "devices", [...lines, `\t\t${FRIENDLY} ${value}`, "\t}"].join(newline) + newline);
}

/** Other values in overrides, devices and single maps would win, so all of them are set. */
function withNames(text: string, section: "defaults" | "overrides", names: MapNames): string {
  const value = names === "friendly" ? "yes" : "no";
  const everywhere = inPlace(text, value, (path) => path.endsWith(`/${FRIENDLY}`));
  return withSetting(everywhere, section, FRIENDLY, value);
}

function withSetting(text: string, section: "defaults" | "overrides", name: string, value: string): string {
  const { settings } = confIn(text);
  const path = `${section}/${name}`;
  if (settings.some((setting) => setting.path === path)) return inPlace(text, value, (each) => each === path);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  return withLines(text, section, `\t${name} ${value}${newline}`);
}

/** Adds lines at the end of a section, which is created if it is missing. */
function withLines(text: string, section: string, lines: string): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const end = confIn(text).sections.find((each) => each.name === section)?.end;
  if (end !== undefined) return text.slice(0, end) + lines + text.slice(end);
  const start = text === "" || text.endsWith("\n") ? text : text + newline;
  return `${start}${section} {${newline}${lines}}${newline}`;
}

/** If a setting is there several times, the last counts. All of them get the value. */
const inPlace = (text: string, value: string, isMeant: (path: string) => boolean): string =>
  confIn(text)
    .settings.filter(({ path }) => isMeant(path))
    .reduceRight(
      (changed, place) =>
        isSameSetting(place.value, value) ? changed : changed.slice(0, place.start) + value + changed.slice(place.end),
      text,
    );

/** The sections other than defaults that set the names of maps. */
export const sectionsNaming = (text: string): string[] => [
  ...new Set(
    confIn(text).settings.flatMap(({ path }) =>
      path.endsWith(`/${FRIENDLY}`) && path !== `defaults/${FRIENDLY}` ? [path.slice(0, path.indexOf("/"))] : [],
    ),
  ),
];

/**
 * Whether its blacklist excludes every disk, as `mpathconf --disable` writes it: then multipath makes no map. A
 * blacklist with exceptions is a whitelist and stays unchanged.
 */
export function blacklistsAll(text: string): boolean {
  const { settings } = confIn(text);
  return (
    settings.some(({ path, value }) => path === "blacklist/devnode" && isAllDisks(value)) &&
    !settings.some(({ path }) => /^blacklist_exceptions\/(?!property$)/.test(path))
  );
}

/** Whether mpathconf recognises such a line and removes it. It ignores every other form. */
export const mpathconfFinds = (text: string): boolean =>
  blacklistsAll(text) &&
  !blacklistsAll(text.replace(/^[ \t]*devnode "\.?\*".*$/gm, "")) &&
  /^blacklist[ \t]*\{/m.test(text);

/** RHEL's own tool if there is no multipath.conf yet: creates it with these settings and starts the daemon. */
export const makeMultipathConf = (names: MapNames): HostCommand<null, "change"> => ({
  ...enableMultipath,
  argv: [
    "mpathconf",
    "--enable",
    "--find_multipaths",
    "y",
    "--user_friendly_names",
    names === "friendly" ? "y" : "n",
    "--with_multipathd",
    "y",
  ],
});

/**
 * Removes a blacklist of all disks from multipath.conf, loads dm-multipath and starts the daemon. Nothing else changes.
 */
export const enableMultipath = change(["mpathconf", "--enable", "--with_multipathd", "y"], { timeoutMs: 60_000 });
