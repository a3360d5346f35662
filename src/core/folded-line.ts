import { readable } from "./host-command.ts";

/** Fewer repetitions stay as they are, and so do groups of fewer words. */
const FEWEST_TIMES = 4;
const FEWEST_WORDS = 3;
const MOST_WORDS = 24;

/** A group of words that repeats. One number in it grows by the same `step` each time. */
interface Repetition {
  readonly words: readonly string[];
  readonly times: number;
  /** The index of the word with the number, and the word with `N` for the number. */
  readonly at: number;
  readonly word: string;
  readonly first: number;
  readonly step: number;
}

/**
 * A command for people, as `readable`. A group of words that repeats with an evenly growing number is there once, so
 * nothing is left out:
 *
 *     find /dev/x ( -exec cmp --ignore-initial=N:0 '{}' /dev/zero ';' ) for N from 4096 to 12288 in steps of 4096
 */
export function foldedLine(argv: readonly string[]): string {
  const shown: string[] = [];
  for (let start = 0; start < argv.length; ) {
    const found = repetitionAt(argv, start);
    if (found === null) {
      shown.push(readable(argv.slice(start, start + 1)));
      start += 1;
      continue;
    }
    const words = found.words.map((word, index) => (index === found.at ? found.word : readable([word])));
    const last = found.first + (found.times - 1) * found.step;
    shown.push(`( ${words.join(" ")} ) for N from ${found.first} to ${last} in steps of ${found.step}`);
    start += found.words.length * found.times;
  }
  return shown.join(" ");
}

function repetitionAt(argv: readonly string[], start: number): Repetition | null {
  const most = Math.min(MOST_WORDS, Math.floor((argv.length - start) / FEWEST_TIMES));
  for (let length = FEWEST_WORDS; length <= most; length++) {
    const words = argv.slice(start, start + length);
    const differing = words.flatMap((word, index) => (word === argv[start + length + index] ? [] : [index]));
    const [at] = differing;
    const pattern = differing.length === 1 && at !== undefined ? numberIn(words[at], argv[start + length + at]) : null;
    if (at === undefined || pattern === null) continue;
    const { first, step } = pattern;
    const isTime = (time: number) =>
      words.every((word, index) => {
        const other = argv[start + time * length + index];
        return other === (index === at ? pattern.word.replace("N", `${first + time * step}`) : word);
      });
    let times = 2;
    while (isTime(times)) times += 1;
    if (times >= FEWEST_TIMES) return { words, times, at, ...pattern };
  }
  return null;
}

/** The only number in which two words differ. Null if they differ in something else, or if the number does not grow. */
function numberIn(word = "", next = ""): Pick<Repetition, "word" | "first" | "step"> | null {
  for (const { 0: digits, index } of word.matchAll(/\d+/g)) {
    const [before, after] = [word.slice(0, index), word.slice(index + digits.length)];
    if (before.includes("N") || !next.startsWith(before) || !next.endsWith(after)) continue;
    const first = Number(digits);
    const step = Number(next.slice(before.length, next.length - after.length)) - first;
    const isSame = `${before}${first}${after}` === word && `${before}${first + step}${after}` === next;
    if (isSame && step > 0 && Number.isSafeInteger(first + step)) return { word: `${before}N${after}`, first, step };
  }
  return null;
}
