import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./texts.ts";

/** One line of the glossary's last table. */
export interface Forbidden {
  readonly word: string;
  readonly instead: string;
  readonly pattern: RegExp;
}

const HEADING = "## Words we don't use";

/** The glossary's last table is the list that counts: nothing is written twice. */
export function forbiddenWords(): Forbidden[] {
  const glossary = readFileSync(join(root, "docs/GLOSSARY.md"), "utf8");
  const rows = glossary
    .slice(glossary.indexOf(HEADING))
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) => {
    const [, words = "", instead = "", exceptions = ""] = row.split("|").map((cell) => cell.trim());
    return codesIn(words).map((word) => ({ word, instead, pattern: patternOf(word, codesIn(exceptions)) }));
  });
}

/** The glossary without the table of forbidden words, which it must name. */
export const withoutForbidden = (glossary: string): string =>
  glossary.slice(0, glossary.indexOf(HEADING) === -1 ? undefined : glossary.indexOf(HEADING));

const codesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code ?? []);

/** Whole words in any case. A hyphen, a dot or a slash joins words to a name: `look-alikes.ts` is none of ours. */
function patternOf(word: string, exceptions: readonly string[]): RegExp {
  const source = (text: string) =>
    text
      .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", "\\w*")
      .replaceAll(" ", "\\s+");
  const end = /\w$|\*$/.test(word) ? "(?![\\w/-]|\\.\\w)" : "";
  const found = `(?<![\\w/.-])${source(word)}${end}`;
  // An exception is read first, so that the word within it is passed over.
  const passed = exceptions.map((exception) => `(?<![\\w/.-])${source(exception)}(?!\\w)`);
  return new RegExp([...passed, `(${found})`].join("|"), "gi");
}
