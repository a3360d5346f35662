import type { HostCommand } from "../core/host-command.ts";
import { Refusal, reason } from "../core/refusal.ts";
import {
  isAllDisks,
  type Make,
  type MapNames,
  type MultipathConfig,
  meansSame,
  multipathConfig,
  NotWellFormed,
  sectionsIn,
} from "./multipath-settings.ts";

export const MULTIPATH_CONF = "/etc/multipath.conf";

/** The file's settings. What multipath itself complains of is refused: a person mends it first. */
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
 * The text of multipath.conf with our settings: `find_multipaths yes`, and `user_friendly_names` as wished (null: as it
 * is there; WWIDs in a new file), wherever it stands. A setting that is there gets its value in place, a missing one is
 * added to the defaults section; all else stays to the byte.
 */
export function multipathConf(before: string | null, desired: MapNames | null): string {
  const text = withSetting(before ?? "", "defaults", "find_multipaths", "yes");
  const names = desired ?? (before === null ? "wwid" : null);
  return names === null ? text : withNames(text, "defaults", names);
}

/** The same, over what was built in for some makes, or is said in another file, and would win over the defaults. */
export const overriding = (text: string, names: MapNames): string => withNames(text, "overrides", names);

const FRIENDLY = "user_friendly_names";

/** The same for one make, in a section of its own; one that is there already has the names. */
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

/** Overrides, devices and single maps that say otherwise would win: all of them are set. */
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

/** At the end of a section, which is made where it is missing. */
function withLines(text: string, section: string, lines: string): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const end = confIn(text).sections.find((each) => each.name === section)?.end;
  if (end !== undefined) return text.slice(0, end) + lines + text.slice(end);
  const start = text === "" || text.endsWith("\n") ? text : text + newline;
  return `${start}${section} {${newline}${lines}}${newline}`;
}

/** Of several lines the last counts: all are set, and which one does no longer matters. */
const inPlace = (text: string, value: string, isMeant: (path: string) => boolean): string =>
  confIn(text)
    .settings.filter(({ path }) => isMeant(path))
    .reduceRight(
      (changed, place) =>
        meansSame(place.value, value) ? changed : changed.slice(0, place.start) + value + changed.slice(place.end),
      text,
    );

/** The sections beside the defaults that say how maps are called. */
export const sectionsNaming = (text: string): string[] => [
  ...new Set(
    confIn(text).settings.flatMap(({ path }) =>
      path.endsWith(`/${FRIENDLY}`) && path !== `defaults/${FRIENDLY}` ? [path.slice(0, path.indexOf("/"))] : [],
    ),
  ),
];

/**
 * Whether its blacklist takes out every disk, as `mpathconf --disable` writes it; then no map is ever made. With exceptions
 * it is a whitelist, which stays as it is.
 */
export function blacklistsAll(text: string): boolean {
  const { settings } = confIn(text);
  return (
    settings.some(({ path, value }) => path === "blacklist/devnode" && isAllDisks(value)) &&
    !settings.some(({ path }) => /^blacklist_exceptions\/(?!property$)/.test(path))
  );
}

/** As mpathconf finds such a line, to take it out; it passes over any other form. */
export const mpathconfFinds = (text: string): boolean =>
  blacklistsAll(text) &&
  !blacklistsAll(text.replace(/^[ \t]*devnode "\.?\*".*$/gm, "")) &&
  /^blacklist[ \t]*\{/m.test(text);

/** RHEL's own way where there is no multipath.conf yet: makes one with these settings, and starts the daemon. */
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

/** Takes a blacklist of all disks out of multipath.conf, loads dm-multipath and starts the daemon; all else stays. */
export const enableMultipath: HostCommand<null, "change"> = {
  effect: "change",
  argv: ["mpathconf", "--enable", "--with_multipathd", "y"],
  timeoutMs: 60_000,
  exitCodes: [0],
  parse: () => null,
};
