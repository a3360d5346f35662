import { SETTINGS } from "../core/limits.ts";

/** One `name value` line. Offsets are of the value with its quotes. */
interface Setting {
  /** `defaults/find_multipaths`, `multipaths/multipath/alias` */
  readonly path: string;
  readonly value: string;
  /** The section that it is in, counted from 1: all settings of one device have the same number. */
  readonly section: number;
  readonly start: number;
  readonly end: number;
}
export interface MultipathConfig {
  readonly settings: readonly Setting[];
  /** The outermost sections, and the start of their closing lines. */
  readonly sections: readonly { readonly name: string; readonly end: number }[];
}

/** multipath's versions read such a text differently. */
export class NotWellFormed extends Error {
  override name = "NotWellFormed";
  readonly line: number;
  constructor(line: number, why: string) {
    super(why);
    this.line = line;
  }
}

/** No real file of multipath is nested so deep. */
export class TooDeep extends NotWellFormed {
  override name = "TooDeep";
  constructor(line: number) {
    super(line, `sections are nested more than ${SETTINGS.depth} levels deep, which is implausible`);
  }
}

/**
 * Settings in multipath's language, as in its files and in the output of `multipathd show config`. A line has a section
 * name with its brace, or one name and one value. multipath ignores the rest of a line. `#` and `!` begin a comment.
 *
 *     defaults {
 *         find_multipaths yes   # the last one counts
 *     }
 */
export function multipathConfig(text: string): MultipathConfig {
  const settings: Setting[] = [];
  const sections: { name: string; end: number }[] = [];
  const open: { readonly name: string; readonly number: number }[] = [];
  let opened = 0;
  let start = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const [first, second] = wordsAtStart(line);
    if (first?.[0] === "}") {
      const closed = open.pop();
      if (closed === undefined) throw new NotWellFormed(index + 1, "a closing brace has no opening brace");
      if (open.length === 0) sections.push({ name: closed.name, end: start });
    } else if (second?.[0] === "{") {
      if (open.length === SETTINGS.depth) throw new TooDeep(index + 1);
      opened += 1;
      open.push({ name: first?.[0] ?? "", number: opened });
    } else if (first?.[0] === "{")
      throw new NotWellFormed(index + 1, "the section name must be on the line of its brace");
    else if (first !== undefined && second !== undefined) {
      const at = { names: open.map(({ name }) => name), number: open.at(-1)?.number ?? 0 };
      settings.push(settingAt(at, first[0], second, start));
    }
    start += line.length + 1;
  }
  const names = open.map(({ name }) => name).join("/");
  if (open.length > 0) throw new NotWellFormed(text.split("\n").length, `section ${names} is not closed`);
  return { settings, sections };
}

/** The first two words of a line. The rest of the line is not read, so its length does not matter. */
function wordsAtStart(line: string): RegExpExecArray[] {
  const words: RegExpExecArray[] = [];
  for (const word of line.matchAll(/"(?:""|[^"])*"|[#!].*|[{}]|[^\s"#!{}]+/g)) {
    if (/^[#!]/.test(word[0])) break;
    if (words.push(word) === 2) break;
  }
  return words;
}

function settingAt(
  at: { readonly names: readonly string[]; readonly number: number },
  name: string,
  word: RegExpExecArray,
  lineStart: number,
): Setting {
  const start = lineStart + word.index;
  return {
    path: [...at.names, name].join("/"),
    value: word[0].replace(/^"(.*)"$/, "$1").replaceAll('""', '"'),
    section: at.number,
    start,
    end: start + word[0].length,
  };
}

/** multipath has more than one word for yes: it prints `on` for `find_multipaths yes`. */
export const isSameSetting = (given: string, wanted: string): boolean => canonical(given) === canonical(wanted);
const canonical = (value: string): string => ({ on: "yes", off: "no", "1": "yes", "0": "no" })[value] ?? value;

/** A setting's value by its complete path, outside of repeated sections. If there are several, the last counts. */
export const valueIn = ({ settings }: MultipathConfig, path: string): string | null =>
  settings.findLast((setting) => setting.path === path)?.value ?? null;

/** The settings of each section of a path that may be there many times, `devices/device`, by their names. */
export function sectionsIn({ settings }: MultipathConfig, path: string): ReadonlyMap<string, string>[] {
  const found = new Map<number, Map<string, string>>();
  for (const setting of settings) {
    if (!setting.path.startsWith(`${path}/`)) continue;
    const values = found.get(setting.section) ?? new Map<string, string>();
    found.set(setting.section, values.set(setting.path.slice(path.length + 1), setting.value));
  }
  return [...found.values()];
}

/** The names of maps: their WWIDs, or names such as mpatha that the host chooses. */
export type MapNames = "wwid" | "friendly";

/** The names of maps that the settings give. */
export interface MapNaming {
  readonly general: MapNames;
  /** Settings of single makes; the last match counts. Empty if `overrides` sets the names of all. */
  readonly byDevice: readonly { readonly vendor: string; readonly product: string; readonly names: MapNames }[];
  readonly byWwid: readonly { readonly wwid: string; readonly names: MapNames }[];
  /** Names that people gave to single maps; they are independent of the other names. */
  readonly aliases: readonly string[];
}

const SETTING = "user_friendly_names";

/**
 * `overrides` wins over `devices`, and `devices` over `defaults`. A setting of one map wins over all. The built-in
 * default is the WWID.
 */
export function mapNaming(config: MultipathConfig, knowsOverrides = true): MapNaming {
  const overriding = knowsOverrides ? valueIn(config, `overrides/${SETTING}`) : null;
  const maps = sectionsIn(config, "multipaths/multipath");
  return {
    general: inNames(overriding ?? valueIn(config, `defaults/${SETTING}`) ?? "no"),
    byDevice:
      overriding !== null
        ? []
        : sectionsIn(config, "devices/device").flatMap((device) => {
            const said = device.get(SETTING);
            const { vendor = ".*", product = ".*" } = Object.fromEntries(device);
            return said === undefined ? [] : [{ vendor, product, names: inNames(said) }];
          }),
    byWwid: maps.flatMap((map) => {
      const [wwid, said] = [map.get("wwid"), map.get(SETTING)];
      return wwid === undefined || said === undefined ? [] : [{ wwid, names: inNames(said) }];
    }),
    aliases: maps.flatMap((map) => map.get("alias") ?? []),
  };
}

const inNames = (value: string): MapNames => (isSameSetting(value, "yes") ? "friendly" : "wwid");

export interface Make {
  readonly vendor: string;
  readonly product: string;
}

export interface NamedMap {
  readonly wwid: string;
  readonly alias: string | null;
  readonly vendor: string | null;
  readonly product: string | null;
}

/** The kind of name of a map without its own alias. */
export function namesFor(map: NamedMap, { general, byDevice, byWwid }: MapNaming): MapNames {
  const own = byWwid.find(({ wwid }) => wwid === map.wwid);
  const device = byDevice.findLast(
    ({ vendor, product }) => hasMatch(vendor, map.vendor ?? "") && hasMatch(product, map.product ?? ""),
  );
  return own?.names ?? device?.names ?? general;
}

/** The make in the section that sets the names for this map; null if there is none. */
export const makeNaming = (map: NamedMap, { byDevice }: MapNaming): Make | null =>
  byDevice.findLast(
    ({ vendor, product }) => hasMatch(vendor, map.vendor ?? "") && hasMatch(product, map.product ?? ""),
  ) ?? null;

/** Whether a map has the desired kind of name. A name that a person gave is always right. */
export const isNamed = ({ alias }: NamedMap, names: MapNames, aliases: readonly string[]): boolean =>
  alias === null ? names === "wwid" : names === "friendly" || aliases.includes(alias);

/** Regular expressions, by the property that they are matched with. null of a make matches all. */
interface DiskRules {
  readonly devnode: readonly string[];
  readonly wwid: readonly string[];
  readonly protocol: readonly string[];
  readonly device: readonly { readonly vendor: string | null; readonly product: string | null }[];
}
/** The disks that multipath ignores, and the exceptions that it takes. */
export interface Blacklist {
  readonly rules: DiskRules;
  readonly exceptions: DiskRules;
}

export const blacklistIn = (config: MultipathConfig): Blacklist => ({
  rules: rulesIn(config, "blacklist"),
  exceptions: rulesIn(config, "blacklist_exceptions"),
});

function rulesIn(config: MultipathConfig, section: "blacklist" | "blacklist_exceptions"): DiskRules {
  const of = (name: string) =>
    config.settings.flatMap(({ path, value }) => (path === `${section}/${name}` ? [value] : []));
  const device = sectionsIn(config, `${section}/device`).map((rule) => ({
    vendor: rule.get("vendor") ?? null,
    product: rule.get("product") ?? null,
  }));
  return { devnode: of("devnode"), wwid: of("wwid"), protocol: of("protocol"), device };
}

/** As `mpathconf --disable` writes it, and as people do. */
export const isAllDisks = (devnode: string): boolean => ["*", ".*", "^.*", "^.*$"].includes(devnode);

/** The blacklist without a rule over all disks. */
export const withoutAllDisks = ({ rules, exceptions }: Blacklist): Blacklist => ({
  rules: { ...rules, devnode: rules.devnode.filter((pattern) => !isAllDisks(pattern)) },
  exceptions,
});

/** A disk as the rules see it. */
export interface RuledDisk {
  readonly kernelName: string;
  readonly wwid: string;
  readonly vendor: string | null;
  readonly model: string | null;
  /** `fc`, `iscsi`, `sas` … */
  readonly transport: string | null;
}

/**
 * The rule that hides a disk from multipath, as it is written; null if there is none. Rules by udev's properties are
 * not included.
 */
export function blacklistedBy(disk: RuledDisk, { rules, exceptions }: Blacklist): string | null {
  for (const by of ["devnode", "device", "protocol", "wwid"] as const) {
    const rule = ruleFor(disk, by, rules);
    if (rule !== null && ruleFor(disk, by, exceptions) === null) return rule;
  }
  return null;
}

/**
 * A blacklist of everything with exceptions is a whitelist made by a person. Returns the lines for
 * `blacklist_exceptions` that would add a disk. None if the rule that hides the disk is no whitelist.
 */
export function exceptionsFor(disk: RuledDisk, blacklist: Blacklist): string[] {
  const { rules, exceptions } = blacklist;
  return (["devnode", "device", "protocol", "wwid"] as const).flatMap((by) => {
    if (ruleFor(disk, by, rules) === null || ruleFor(disk, by, exceptions) !== null) return [];
    return isWhitelist(by, blacklist) ? exceptionBy(disk, by) : [];
  });
}

function isWhitelist(by: keyof DiskRules, { rules, exceptions }: Blacklist): boolean {
  if (exceptions[by].length > 0) return true;
  return by !== "device" && rules[by].some(isAllDisks) && Object.values(exceptions).some((each) => each.length > 0);
}

function exceptionBy(disk: RuledDisk, by: keyof DiskRules): string[] {
  if (by === "devnode") return [`devnode "^${disk.kernelName}$"`];
  if (by === "wwid") return [`wwid "${literally(disk.wwid)}"`];
  if (by === "device") {
    const [vendor, product] = [disk.vendor, disk.model].map((name) => (name === null ? ".*" : literally(name)));
    return [`device { vendor "${vendor}" product "${product}" }`];
  }
  const protocol = protocolOf(disk);
  return protocol === null ? [] : [`protocol "${protocol}"`];
}

/** These characters have a meaning in a regular expression: `2105(F20)`. A dot matches itself. */
const literally = (name: string): string => name.replaceAll(/[\\()[\]{}*+?^$|]/g, "\\$&");

function ruleFor(disk: RuledDisk, by: keyof DiskRules, rules: DiskRules): string | null {
  if (by === "device") {
    const rule = rules.device.find(
      ({ vendor, product }) => fits(vendor, disk.vendor ?? "") && fits(product, disk.model ?? ""),
    );
    if (rule === undefined) return null;
    const words = Object.entries(rule).flatMap(([name, value]) => (value === null ? [] : [`${name} "${value}"`]));
    return `device { ${words.join(" ")} }`;
  }
  const reported = { devnode: disk.kernelName, wwid: disk.wwid, protocol: protocolOf(disk) }[by];
  const pattern = reported === null ? undefined : rules[by].find((each) => fits(each, reported));
  return pattern === undefined ? null : `${by} "${pattern}"`;
}

/** An exclamation mark before the pattern inverts the match. */
const fits = (pattern: string | null, text: string): boolean =>
  pattern === null || (pattern.startsWith("!") ? !hasMatch(pattern.slice(1), text) : hasMatch(pattern, text));

/** Multipath's name of it: `scsi:fcp`, `scsi:iscsi`; null if the host does not report the transport of the disk. */
const protocolOf = ({ transport }: RuledDisk): string | null =>
  transport === null ? null : `scsi:${transport === "fc" ? "fcp" : transport}`;

/**
 * Whether a text matches an extended regular expression of POSIX, as multipath's settings use them. An invalid
 * expression matches nothing.
 */
function hasMatch(pattern: string, text: string): boolean {
  try {
    return new RegExp(inOurs(pattern)).test(text);
  } catch {
    return false;
  }
}

/** A leading star matches anything in RHEL's multipath. JavaScript has another notation for `[[:digit:]]`. */
const inOurs = (pattern: string): string =>
  (pattern.startsWith("*") ? `.${pattern}` : pattern).replace(/\[:(\w+):\]/g, (all, name) => CLASSES.get(name) ?? all);

const CLASSES: ReadonlyMap<string, string> = new Map([
  ["alnum", "A-Za-z0-9"],
  ["alpha", "A-Za-z"],
  ["digit", "0-9"],
  ["lower", "a-z"],
  ["space", "\\s"],
  ["upper", "A-Z"],
  ["xdigit", "0-9A-Fa-f"],
]);
