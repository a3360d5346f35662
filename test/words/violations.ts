import { forbiddenWords, withoutForbidden } from "./forbidden.ts";
import { filesUnder, type Written, writtenIn } from "./texts.ts";

const words = forbiddenWords();
/** Most texts have none of them, which one expression finds faster than all. */
const any = new RegExp(words.map(({ pattern }) => pattern.source).join("|"), "i");

/** Every forbidden word in a file or under a folder, as `file:line: "word": write …: the text around it`. */
export const violationsIn = (path: string, kinds: readonly Written["kind"][]): string[] =>
  filesUnder(path).flatMap((file) =>
    textsOf(file)
      .filter(({ kind }) => kinds.includes(kind))
      .flatMap(({ line, text }) => violationsOf(text).map((each) => `${file}:${line}: ${each}`)),
  );

/** The words of one text that are on the list. */
export function violationsOf(text: string): string[] {
  if (!any.test(text)) return [];
  return words.flatMap(({ pattern, instead }) =>
    [...text.matchAll(pattern)].flatMap(({ 1: found, index }) => {
      if (found === undefined) return [];
      const around = text.slice(Math.max(0, index - 40), index + found.length + 40).replaceAll(/\s+/g, " ");
      return [`"${found}": write ${instead}: …${around}…`];
    }),
  );
}

/**
 * Sentences with more words than a tired reader takes in, as `file:line: 27 words: the sentence`. In `test/` the titles
 * count: the other texts there are mostly the output of tools.
 */
export const longSentencesIn = (path: string): string[] =>
  filesUnder(path).flatMap((file) =>
    textsOf(file)
      .filter(({ kind }) => kind === "title" || (kind === "text" && !file.startsWith("test/")))
      .flatMap(({ line, text }) =>
        sentencesOf(text)
          .filter((sentence) => !isToolText(file, sentence))
          .map((sentence) => ({ sentence, count: sentence.match(/[\p{L}\d…]['’\p{L}\d…=-]*/gu)?.length ?? 0 }))
          .filter(({ count }) => count > MOST_WORDS)
          .map(({ sentence, count }) => `${file}:${line}: ${count} words: ${sentence}`),
      ),
  );

const MOST_WORDS = 20;

/** What the simulated hosts print, store or expect as a real tool does: usages, files and argument lists. */
const isToolText = (file: string, sentence: string): boolean =>
  file.startsWith("src/simulator/") && (sentence.trim().includes("\n") || sentence.startsWith("-"));

const sentencesOf = (text: string): string[] => text.split(/(?<=[.!?:;])\s+|\s\|\s|\n\s*\n/);

/** The glossary and its test name what it forbids. */
function textsOf(file: string): Written[] {
  const texts = writtenIn(file);
  if (file === "test/words/words.test.ts") return texts.filter(({ kind }) => kind !== "text");
  if (file !== "docs/GLOSSARY.md") return texts;
  const end = withoutForbidden(texts.map(({ text }) => text).join("\n")).split("\n").length;
  return texts.slice(0, end - 1);
}
