import { latinTwins as latin } from "../core/latin-twins.ts";

/** A message about the first letter of a text that is not ASCII. Null if there is none. */
export function unexpectedLetter(text: string): string | null {
  const [letter] = /(?![\0-\x7f])[\p{L}\p{Nd}]/u.exec(text) ?? [];
  if (letter === undefined) return null;
  const code = `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  const script = scripts.find(([, pattern]) => pattern.test(letter))?.[0] ?? null;
  const what = script === null ? code : `${code}, ${script}`;
  const like = latin[letter];
  return like === undefined
    ? `"${letter}" in it (${what}) is not a letter or digit of ASCII; type it on a Latin keyboard`
    : `"${letter}" in it (${what}) only looks like the Latin "${like}"; type it on a Latin keyboard`;
}

/** Whether one run of letters mixes Latin letters with letters that look like them. Nobody types that intentionally. */
export const mixesLetters = (text: string): boolean =>
  (text.match(/\p{L}+/gu) ?? []).some(
    (run) => /[A-Za-z]/.test(run) && [...run].some((letter) => Object.hasOwn(latin, letter)),
  );

const scripts: readonly (readonly [string, RegExp])[] = [
  ["Cyrillic", /\p{Script=Cyrillic}/u],
  ["Greek", /\p{Script=Greek}/u],
  ["Arabic", /\p{Script=Arabic}/u],
  ["Han", /\p{Script=Han}/u],
  ["Armenian", /\p{Script=Armenian}/u],
  ["Cherokee", /\p{Script=Cherokee}/u],
];
