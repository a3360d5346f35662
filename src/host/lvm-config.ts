import { Refusal } from "../core/refusal.ts";

/** One `name = value` in LVM's configuration language, live or commented out. Offsets are into the text. */
export interface Setting {
  /** `local/host_id` */
  readonly path: string;
  readonly commented: boolean;
  readonly start: number;
  /** Behind the value. */
  readonly end: number;
}
export interface Section {
  readonly path: string;
  /** Of its closing brace. */
  readonly end: number;
}
export interface LvmConfig {
  readonly settings: readonly Setting[];
  readonly sections: readonly Section[];
}

// Strings may hold braces and hashes, lists may span lines; the order of the alternatives decides.
const TOKEN = /"(?:\\.|[^"\\])*"|'[^']*'|#[^\n]*|\[[^\]]*\]|[{}=]|[^\s"'#[\]{}=]+/g;
const COMMENTED = /^#\s*([A-Za-z0-9_]+)\s*=\s*(?:"[^"]*"|\[[^\]]*\]|[^\s"#[\]{}=]+)[ \t]*$/;

/**
 * Where each setting and section stands in a file of this form, whose other text is kept as it is:
 *
 *     local {
 *         # host_id = 0
 *     }
 *     global/use_lvmlockd = 1
 */
export function lvmConfig(file: string, text: string): LvmConfig {
  const settings: Setting[] = [];
  const sections: Section[] = [];
  const open: string[] = [];
  const pathOf = (name: string) => [...open, name].join("/");
  let name: { readonly word: string; readonly start: number } | null = null;
  let assigning = false;
  for (const token of text.matchAll(TOKEN)) {
    const [word] = token;
    const end = token.index + word.length;
    if (word.startsWith("#")) {
      const commented = COMMENTED.exec(word)?.[1];
      if (commented !== undefined) settings.push({ path: pathOf(commented), commented: true, start: token.index, end });
    } else if (word === "{") {
      open.push(name?.word ?? "");
      name = null;
    } else if (word === "}") {
      if (open.length === 0) throw unbalanced(file, text, token.index, "a brace closes what none opened");
      sections.push({ path: open.join("/"), end: token.index });
      open.pop();
      name = null;
    } else if (word === "=") {
      assigning = name !== null;
    } else if (assigning && name !== null) {
      settings.push({ path: pathOf(name.word), commented: false, start: name.start, end });
      assigning = false;
      name = null;
    } else {
      name = { word: word.replace(/^"(.*)"$/, "$1"), start: token.index };
    }
  }
  if (open.length > 0) throw unbalanced(file, text, text.length, `section "${open.join("/")}" is not closed`);
  return { settings, sections };
}

const unbalanced = (file: string, text: string, at: number, why: string): Refusal =>
  new Refusal(`changing ${file}`, `line ${text.slice(0, at).split("\n").length}: ${why}`, []);
