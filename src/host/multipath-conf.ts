import { Refusal } from "../core/refusal.ts";

export const MULTIPATH_CONF = "/etc/multipath.conf";

export type MapNames = "wwid" | "friendly";
/** One `name value` line. Offsets are of the value with its quotes. */
interface Setting {
  /** `defaults/find_multipaths`, `multipaths/multipath/alias` */
  readonly path: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}
interface ParsedConf {
  readonly settings: readonly Setting[];
  /** Where the closing line of each defaults section starts. */
  readonly defaultsEnds: readonly number[];
}

/**
 * The text of multipath.conf with our settings: `find_multipaths yes`, and `user_friendly_names` as wished (null: as it
 * is there; WWIDs in a new file). A setting that is there gets its value in place, a missing one is added to the defaults section; all else stays to the byte.
 */
export function multipathConf(before: string | null, wished: MapNames | null): string {
  const names = wished ?? (before === null ? "wwid" : null);
  const wanted: [string, string][] = [
    ["find_multipaths", "yes"],
    ...(names === null
      ? []
      : [["user_friendly_names", names === "friendly" ? "yes" : "no"] satisfies [string, string]]),
  ];
  return wanted.reduce((text, [name, value]) => withSetting(text, name, value), before ?? "");
}

function withSetting(text: string, name: string, value: string): string {
  const { settings, defaultsEnds } = parsed(text);
  const places = settings.filter((setting) => setting.path === `defaults/${name}`);
  // Of several the last counts: all are set, and which one does no longer matters.
  if (places.length > 0) {
    return places.reduceRight(
      (changed, place) =>
        meansSame(place.value, value) ? changed : changed.slice(0, place.start) + value + changed.slice(place.end),
      text,
    );
  }
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const line = `\t${name} ${value}${newline}`;
  const end = defaultsEnds[0];
  if (end !== undefined) return text.slice(0, end) + line + text.slice(end);
  const start = text === "" || text.endsWith("\n") ? text : text + newline;
  return `${start}defaults {${newline}${line}}${newline}`;
}

/** multipath has more than one word for yes: it prints `on` for `find_multipaths yes`. */
export const meansSame = (given: string, wanted: string): boolean => inOneWord(given) === inOneWord(wanted);
const inOneWord = (value: string): string => ({ on: "yes", off: "no", "1": "yes", "0": "no" })[value] ?? value;

/** What the text sets of what we set; null where it leaves a setting to what is built in. */
export function settingsIn(text: string): { findMultipaths: string | null; userFriendlyNames: string | null } {
  const { settings } = parsed(text);
  const value = (name: string) => settings.findLast(({ path }) => path === `defaults/${name}`)?.value ?? null;
  return { findMultipaths: value("find_multipaths"), userFriendlyNames: value("user_friendly_names") };
}

/** How the text has maps called; built in is the WWID. */
export const namesIn = (text: string): MapNames =>
  meansSame(settingsIn(text).userFriendlyNames ?? "no", "yes") ? "friendly" : "wwid";

/** Whether its blacklist takes out every disk, as `mpathconf --disable` writes it; then no map is ever made. */
export const blacklistsAll = (text: string): boolean =>
  parsed(text).settings.some(
    ({ path, value }) => path === "blacklist/devnode" && ["*", ".*", "^.*", "^.*$"].includes(value),
  );

/** Names that people gave to maps; they stay, however the other maps are called. */
export const givenAliases = (text: string): string[] =>
  parsed(text).settings.flatMap(({ path, value }) => (path === "multipaths/multipath/alias" ? [value] : []));

/**
 * As multipath reads it, line by line: a section's name with its brace, or one name and one value; the rest of a line is
 * not read, and `#` and `!` begin a comment.
 *
 *     defaults {
 *         find_multipaths yes   # the last one counts
 *     }
 */
function parsed(text: string): ParsedConf {
  const settings: Setting[] = [];
  const defaultsEnds: number[] = [];
  const open: string[] = [];
  let start = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const words = [...line.matchAll(/"(?:""|[^"])*"|[#!].*|[{}]|[^\s"#!{}]+/g)];
    const [first, second] = words.filter(([word]) => !/^[#!]/.test(word));
    if (first?.[0] === "}") {
      if (open.length === 0) throw notWellFormed(index, "a brace closes what none opened");
      if (open.join("/") === "defaults") defaultsEnds.push(start);
      open.pop();
    } else if (second?.[0] === "{") open.push(first?.[0] ?? "");
    else if (first?.[0] === "{") throw notWellFormed(index, "its name must stand on the line of the brace");
    else if (first !== undefined && second !== undefined) settings.push(settingAt(open, first[0], second, start));
    start += line.length + 1;
  }
  if (open.length > 0) throw notWellFormed(text.split("\n").length - 1, `section ${open.join("/")} is not closed`);
  return { settings, defaultsEnds };
}

function settingAt(open: readonly string[], name: string, word: RegExpExecArray, lineStart: number): Setting {
  const start = lineStart + word.index;
  return {
    path: [...open, name].join("/"),
    value: word[0].replace(/^"(.*)"$/, "$1"),
    start,
    end: start + word[0].length,
  };
}

/** What multipath reads from such a file differs by version: a person mends it first. */
const notWellFormed = (index: number, why: string): Refusal =>
  new Refusal(`changing ${MULTIPATH_CONF}`, `line ${index + 1}: ${why}`, ["help multipath enable"]);
