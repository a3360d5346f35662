import { SETTINGS } from "../core/limits.ts";

/** One `name value` line. Offsets are of the value with its quotes. */
interface Setting {
  /** `defaults/find_multipaths`, `multipaths/multipath/alias` */
  readonly path: string;
  readonly value: string;
  /** Which opened section it stands in, counted from 1: what describes one device has the same. */
  readonly section: number;
  readonly start: number;
  readonly end: number;
}
export interface MultipathConfig {
  readonly settings: readonly Setting[];
  /** The sections that stand in no other, and where their closing lines start. */
  readonly sections: readonly { readonly name: string; readonly end: number }[];
}

/** What multipath reads from such a text differs by version. */
export class NotWellFormed extends Error {
  override name = "NotWellFormed";
  readonly line: number;
  constructor(line: number, why: string) {
    super(why);
    this.line = line;
  }
}

/** No file of multipath's is so. */
export class TooDeep extends NotWellFormed {
  override name = "TooDeep";
  constructor(line: number) {
    super(line, `sections stand in each other more than ${SETTINGS.depth} deep, which is implausible`);
  }
}

/**
 * Settings in multipath's language, as its files hold them and `multipathd show config` prints them. It is read line by
 * line: a section's name with its brace, or one name and one value; the rest of a line is not read, and `#` and `!` begin
 * a comment.
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
      if (closed === undefined) throw new NotWellFormed(index + 1, "a brace closes what none opened");
      if (open.length === 0) sections.push({ name: closed.name, end: start });
    } else if (second?.[0] === "{") {
      if (open.length === SETTINGS.depth) throw new TooDeep(index + 1);
      opened += 1;
      open.push({ name: first?.[0] ?? "", number: opened });
    } else if (first?.[0] === "{") throw new NotWellFormed(index + 1, "its name must stand on the line of the brace");
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

/** The first two words of a line. The rest of it is not read, whatever its length. */
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
export const meansSame = (given: string, wanted: string): boolean => inOneWord(given) === inOneWord(wanted);
const inOneWord = (value: string): string => ({ on: "yes", off: "no", "1": "yes", "0": "no" })[value] ?? value;

/** A setting's value by its whole path, where it stands in no repeated section; of several the last counts. */
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

/** What maps are called: by their WWID, or by a name such as mpatha that the host chooses. */
export type MapNames = "wwid" | "friendly";

/** How settings have maps called. */
export interface MapNaming {
  readonly general: MapNames;
  /** What is said of single makes, of which the last counts; nothing where `overrides` speaks for all. */
  readonly byDevice: readonly { readonly vendor: string; readonly product: string; readonly names: MapNames }[];
  readonly byWwid: readonly { readonly wwid: string; readonly names: MapNames }[];
  /** Names that people gave to single maps; they stay, however the other maps are called. */
  readonly aliases: readonly string[];
}

const SETTING = "user_friendly_names";

/** What `overrides` says wins over `devices`, and that over `defaults`; what is said of one map wins over all. Built in is the WWID. */
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

const inNames = (value: string): MapNames => (meansSame(value, "yes") ? "friendly" : "wwid");

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

/** How one map is called that has no name of its own. */
export function namesFor(map: NamedMap, { general, byDevice, byWwid }: MapNaming): MapNames {
  const own = byWwid.find(({ wwid }) => wwid === map.wwid);
  const device = byDevice.findLast(
    ({ vendor, product }) => hasMatch(vendor, map.vendor ?? "") && hasMatch(product, map.product ?? ""),
  );
  return own?.names ?? device?.names ?? general;
}

/** The words of the section that says how a map of its make is called; null where none does. */
export const makeNaming = (map: NamedMap, { byDevice }: MapNaming): Make | null =>
  byDevice.findLast(
    ({ vendor, product }) => hasMatch(vendor, map.vendor ?? "") && hasMatch(product, map.product ?? ""),
  ) ?? null;

/** Whether a map is called as wished; a name that a person gave it is. */
export const isNamed = ({ alias }: NamedMap, names: MapNames, aliases: readonly string[]): boolean =>
  alias === null ? names === "wwid" : names === "friendly" || aliases.includes(alias);

/** Regular expressions by what they are held against; of a make's, null fits all. */
interface DiskRules {
  readonly devnode: readonly string[];
  readonly wwid: readonly string[];
  readonly protocol: readonly string[];
  readonly device: readonly { readonly vendor: string | null; readonly product: string | null }[];
}
/** Which disks multipath leaves alone, and which of them it takes all the same. */
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

/** What is left once a rule over all disks is taken out. */
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

/** The rule that keeps multipath from a disk, as it is written; null where none does. Rules by udev's properties are not among them. */
export function hiddenBy(disk: RuledDisk, { rules, exceptions }: Blacklist): string | null {
  for (const by of ["devnode", "device", "protocol", "wwid"] as const) {
    const rule = ruleFor(disk, by, rules);
    if (rule !== null && ruleFor(disk, by, exceptions) === null) return rule;
  }
  return null;
}

/**
 * A blacklist of everything with exceptions is a whitelist that a person made: the lines that would take a disk into it,
 * as they stand in `blacklist_exceptions`. None where the rule that hides it is no whitelist.
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

/** In a regular expression these would mean something else: `2105(F20)`. A dot fits itself. */
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

/** An exclamation mark before it stands for all that does not match. */
const fits = (pattern: string | null, text: string): boolean =>
  pattern === null || (pattern.startsWith("!") ? !hasMatch(pattern.slice(1), text) : hasMatch(pattern, text));

/** Multipath's name of it: `scsi:fcp`, `scsi:iscsi`; null where the host does not say how the disk is reached. */
const protocolOf = ({ transport }: RuledDisk): string | null =>
  transport === null ? null : `scsi:${transport === "fc" ? "fcp" : transport}`;

/**
 * Whether a text has a match of an extended regular expression of POSIX, as multipath's settings hold them. One that can't
 * be read matches nothing.
 */
function hasMatch(pattern: string, text: string): boolean {
  try {
    return new RegExp(inOurs(pattern)).test(text);
  } catch {
    return false;
  }
}

/** A star at the very beginning stands for anything to RHEL's multipath; `[[:digit:]]` has another name here. */
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
