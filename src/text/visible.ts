import { latinTwins } from "../core/latin-twins.ts";

/**
 * Characters that are invisible, move the text around them, or look like others: controls and formats (direction,
 * joiners, tags), private and unassigned ones, and halves of surrogate pairs. Also all that is ignored by default
 * (fillers, variation selectors), every blank except the space, and the letters of mathematics, which resemble those of
 * alphabets.
 */
const unseen = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{1d159}\u{1d400}-\u{1d7ff}]/u;
const letter = /^\p{L}$/u;
const mark = /^\p{M}$/u;
const enclosing = /^\p{Me}$/u;
/** No language has more on one letter. */
const MOST_MARKS = 4;
const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * One line in which everything is visible. Characters that control a terminal, or imitate another text, are escaped.
 */
export const visible = (text: string): string =>
  withoutTwins(text).replace(/[^\u0020-\u007e]+/g, (run: string, at: number, whole: string) =>
    visibleRun(run, whole.slice(Math.max(0, at - 1), at)),
  );

const twin = new RegExp(`[${Object.keys(latinTwins).join("")}]`, "gu");

/** `vg_dаta` with a Cyrillic `а` resembles another name. A word in one alphabet only is shown unchanged. */
function withoutTwins(text: string): string {
  if (text.search(twin) === -1) return text;
  // An existing escape is not part of a word.
  return text.replace(/\\u(?:\{[0-9a-f]+\}|[0-9a-f]{4})|\p{L}+/gu, (run) =>
    /^[^\\]*[A-Za-z]/.test(run) ? run.replace(twin, escaped) : run,
  );
}

/** `before`: the character to which a mark at the beginning would belong. */
function visibleRun(run: string, before: string): string {
  let shown = "";
  let base = before;
  let marks = "";
  for (const character of run) {
    if (mark.test(character) && isAllowedMark(character, base, marks)) {
      marks += character;
      shown += character;
      continue;
    }
    const isSeen = !mark.test(character) && !unseen.test(character);
    shown += isSeen ? character : escaped(character);
    base = isSeen ? character : "";
    marks = "";
  }
  return shown;
}

/**
 * A mark may be on letters only. On an ASCII letter, the two must be one letter of a language: `é`, but no
 * struck-through `l`.
 */
function isAllowedMark(character: string, base: string, marks: string): boolean {
  if (!letter.test(base) || enclosing.test(character) || unseen.test(character)) return false;
  if (base > "\u007f") return [...marks].length < MOST_MARKS;
  return [...(base + marks + character).normalize("NFC")].length === 1;
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return named[character] ?? (code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`);
}

/** As `visible`, for text of several lines: its line breaks stay, and a tab becomes spaces. */
export const visibleLines = (text: string): string[] =>
  text.split(/\r?\n/).map((line) => visible(line.replaceAll("\t", "    ")));
