import { distance } from "fastest-levenshtein";

/** So many suggestions are named. */
const named = 3;
/** Longer words are cut before they are compared, so that no input makes the comparison slow. */
const compared = 64;

/** The most similar names first, at most three. Empty if none is similar. */
export function nearest(typed: string, candidates: readonly string[]): string[] {
  return ranked(candidates.map((candidate) => [candidate, distanceTo(typed, candidate)]));
}

/**
 * The same for names of several words. The first word may be typed alone, the last one may be missing, or two may be
 * swapped.
 */
export function nearestNames(words: readonly string[], names: readonly string[]): string[] {
  return ranked(
    names.map((name) => {
      const parts = name.split(" ");
      const typed = words.slice(0, parts.length);
      const straight = distanceTo(typed.join(" "), parts.slice(0, typed.length).join(" "));
      const swapped = typed.length === 2 && `${typed[1]} ${typed[0]}` === name ? 1 : null;
      return [name, swapped ?? straight];
    }),
  );
}

/** Null if the two are not similar enough. */
function distanceTo(typed: string, candidate: string): number | null {
  const word = typed.slice(0, compared).toLowerCase();
  const wanted = candidate.toLowerCase();
  if (word.length >= 2 && wanted.startsWith(word)) return 0.5;
  const edits = distance(word, wanted);
  // Two edits swap two neighbouring letters, which is the most common typing error.
  const allowed = wanted.length < 4 ? 1 : Math.max(2, Math.floor(wanted.length / 3));
  return edits <= allowed ? edits : null;
}

const ranked = (scored: readonly (readonly [string, number | null])[]): string[] =>
  scored
    .flatMap(([name, score]) => (score === null ? [] : [{ name, score }]))
    .sort((one, other) => one.score - other.score)
    .slice(0, named)
    .map(({ name }) => name);
