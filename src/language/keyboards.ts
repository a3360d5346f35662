/** A word with digits of another script that the bot must not guess: one wrong digit names another LUN. */
const identity = /[0-9a-f]{16}/i;

/** A longer line is refused because of its length, with any content. */
const longest = 10_000;

const keyBefore = /[A-Za-zＡ-Ｚａ-ｚ][A-Za-z0-9_\-Ａ-Ｚａ-ｚ０-９＿－]*[=＝]/y;
const straight = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|'[^']*'/y;
/** All marks that open or close a quotation: straight, curly, full width, corner brackets, guillemets. */
const families = [
  { mark: '"', all: /["\u201c-\u201f\u300c-\u300f\u301d-\u301f\uff02\uff62\uff63\u00ab\u00bb]/g },
  { mark: "'", all: /['\u2018-\u201b\uff07]/g },
] as const;

/**
 * Replaces the characters of other keyboards by ASCII: quotation marks, and outside quotes also full-width or small
 * letters, digits and signs, digits of other scripts, and typographic dashes and dots. Text in quotes does not change.
 * Letters that only look like Latin letters do not change, because they are other letters.
 */
export function fromOtherKeyboards(text: string): string {
  if (text.length > longest) return text;
  const closers = new Closers(text);
  let result = "";
  for (let at = 0; at < text.length; ) {
    const space = matchAt(/\s+/y, text, at);
    const key = matchAt(keyBefore, text, at + space.length);
    const start = at + space.length + key.length;
    const quoted = quotedAt(text, start, closers);
    const bare = quoted === null ? matchAt(key === "" ? /\S+/y : /\S*/y, text, start) : "";
    result += space + inAscii(key) + (quoted?.shown ?? inAscii(bare));
    at = quoted?.end ?? start + bare.length;
  }
  return result;
}

function quotedAt(text: string, start: number, closers: Closers): { shown: string; end: number } | null {
  const asTyped = matchAt(straight, text, start);
  if (asTyped !== "") return { shown: asTyped, end: start + asTyped.length };
  const first = text[start] ?? "";
  const index = families.findIndex(({ all }) => first.search(all) === 0);
  const mark = families[index]?.mark;
  const close = mark === undefined ? null : closers.after(index, start + 1);
  if (mark === undefined || close === null) return null;
  const inside = text.slice(start + 1, close);
  // Nothing can be escaped between single quotes.
  const single = mark === "'" && !inside.includes("'");
  return { shown: single ? `'${inside}'` : inDoubleQuotes(inside), end: close + 1 };
}

const inDoubleQuotes = (inside: string): string => `"${inside.replace(/["\\]/g, (each) => `\\${each}`)}"`;

/** The end of a quotation: a mark of the same family that a space or nothing follows. */
class Closers {
  readonly #places: readonly (readonly number[])[];
  readonly #next = families.map(() => 0);
  constructor(text: string) {
    this.#places = families.map(({ all }) =>
      [...text.matchAll(all)].flatMap(({ index }) => (/^\S/.test(text[index + 1] ?? "") ? [] : [index])),
    );
  }

  /** Checked from left to right. */
  after(family: number, at: number): number | null {
    const places = this.#places[family] ?? [];
    let next = this.#next[family] ?? 0;
    while (next < places.length && (places[next] ?? 0) < at) next += 1;
    this.#next[family] = next;
    return places[next] ?? null;
  }
}

/** Each item between commas is checked separately: `port=٢٢`, `wwid=３６b0…,…`. */
const inAscii = (run: string): string =>
  inNormalWidth(run)
    .split(",")
    .map((piece) => {
      const withDigits = piece.replace(/(?![0-9])\p{Nd}/gu, digitOf);
      return identity.test(withDigits) ? piece : withDigits;
    })
    .join(",");

/** `<` and `&` do not change, because they are markup in Slack's texts. */
const inNormalWidth = (run: string): string =>
  run
    .replace(/[！-～﹐-﹫]/g, (form) => (/[＜＆﹤﹠]/.test(form) ? form : form.normalize("NFKC")))
    .replace(/[\u201c-\u201f\u300c-\u300f\u301d-\u301f\uff62\uff63\u00ab\u00bb]/g, '"')
    .replace(/[\u2018-\u201b]/g, "'")
    // macOS and iOS replace two hyphens by an em dash. An en dash or a typographic hyphen was copied.
    .replace(/[\u2014\u2015]/g, "--")
    .replace(/[\u2010-\u2013\u2212]/g, "-")
    .replace(/\u2026/g, "...")
    .replace(/[、﹑،]/g, ",")
    .replace(/[。｡]/g, ".");

/** The digits of a script have consecutive code points, from zero to nine. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  // The mathematical digits are five rows without a gap.
  if (code >= 0x1d7ce && code <= 0x1d7ff) return String((code - 0x1d7ce) % 10);
  let zero = code;
  while (code - zero < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String(code - zero);
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}
