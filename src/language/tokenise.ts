/** `column` counts from 1 in the given line. */
export type Token =
  | { readonly kind: "word"; readonly text: string; readonly quoted: boolean; readonly column: number }
  | { readonly kind: "pair"; readonly key: string; readonly value: string; readonly column: number };

export type Tokens =
  | { readonly kind: "tokens"; readonly tokens: readonly Token[] }
  | { readonly kind: "unreadable"; readonly column: number; readonly problem: string; readonly advice: string };

type Value =
  | { readonly text: string; readonly quoted: boolean; readonly end: number }
  | { readonly problem: string; readonly advice: string; readonly at: number };

// These include the characters that change the writing direction. With them, a line can look like another one.
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const space = /\s+/y;
const key = /([A-Za-z][A-Za-z0-9_-]*)=/y;
const bare = /\S*/y;
const single = /'([^']*)'/y;
// The expression is unrolled, so that a missing closing quote costs only one pass.
const double = /"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/y;

/**
 * Splits a line into words and `key=value` pairs. A word or value that begins with a quote ends at the closing quote.
 * Inside double quotes, a backslash escapes a quote or a backslash. A quote in the middle (`it's`) is an ordinary
 * character.
 */
export function tokenise(line: string): Tokens {
  const bad = control.exec(line);
  if (bad !== null) return unreadable(bad.index, `a control character (${codePoint(bad[0])})`, "delete it");
  const tokens: Token[] = [];
  let at = end(space, line, 0);
  while (at < line.length) {
    const name = match(key, line, at)?.[1];
    const value = readValue(line, name === undefined ? at : at + name.length + 1);
    if ("problem" in value) return unreadable(value.at, value.problem, value.advice);
    const wrong = name === undefined ? strayEquals(value, line, at) : strayKey(name, value, line);
    if (wrong !== null) return unreadable(at, wrong.problem, wrong.advice);
    const { text, quoted } = value;
    tokens.push(
      name === undefined
        ? { kind: "word", text, quoted, column: at + 1 }
        : { kind: "pair", key: name, value: text, column: at + 1 },
    );
    at = end(space, line, value.end);
  }
  return { kind: "tokens", tokens };
}

/** Quotes a word or value so that it is read unchanged. It must contain no control character. */
export const quote = (text: string): string =>
  /^[^\s"'=]+$/.test(text) ? text : `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;

function readValue(line: string, at: number): Value {
  const mark = line[at];
  if (mark !== "'" && mark !== '"') {
    const after = end(bare, line, at);
    return { text: line.slice(at, after), quoted: false, end: after };
  }
  const found = match(mark === '"' ? double : single, line, at);
  if (found === null) {
    return {
      at,
      problem: `a quote (${mark}) that is never closed`,
      advice: `put another ${mark} where the value ends`,
    };
  }
  const after = at + found[0].length;
  const inside = found[1] ?? "";
  if (after < line.length && !/\s/.test(line[after] ?? "")) {
    const advice = `put a space after it; a quote inside double quotes is typed \\"`;
    return { at: after, problem: "text right after a closing quote", advice };
  }
  if (/[\t\r\n]/.test(inside)) {
    return { at, problem: "a quoted value with a line break or tab in it", advice: "write it on one line" };
  }
  return { text: mark === '"' ? inside.replace(/\\(["\\])/g, "$1") : inside, quoted: true, end: after };
}

/** `name= ps-1` */
function strayKey(name: string, value: Value, line: string): { problem: string; advice: string } | null {
  if ("problem" in value || value.quoted || value.text !== "") return null;
  const next = line.slice(end(space, line, value.end), end(bare, line, end(space, line, value.end)));
  const example = next === "" || next.includes("=") ? "…" : shortened(next);
  return {
    problem: `${shortened(name)}= without a value`,
    advice: `type ${shortened(name)}=${example} without a space after =, or ${shortened(name)}="" for an empty value`,
  };
}

/** `name =ps-1`, `name = ps-1` */
function strayEquals(value: Value, line: string, at: number): { problem: string; advice: string } | null {
  if ("problem" in value || value.quoted || !value.text.startsWith("=")) return null;
  const before = /(\S+)\s*$/.exec(line.slice(Math.max(0, at - 80), at))?.[1] ?? "key";
  return { problem: "= with a space before it", advice: `type ${shortened(before)}=… without spaces around =` };
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
const codePoint = (character: string): string =>
  `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
const unreadable = (index: number, problem: string, advice: string): Tokens => ({
  kind: "unreadable",
  column: index + 1,
  problem,
  advice,
});

function match(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(line);
}
const end = (pattern: RegExp, line: string, at: number): number => at + (match(pattern, line, at)?.[0].length ?? 0);
