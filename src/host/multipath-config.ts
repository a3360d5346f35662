import { SETTINGS } from "../core/limits.ts";

/** One `name value` line. Offsets are of the value with its quotes. */
export interface Setting {
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
