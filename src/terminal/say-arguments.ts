import { fromOtherKeyboards } from "../language/keyboards.ts";

/** What was typed after `say`. */
export interface SayArguments {
  readonly words: string;
  /** A plan that destroys nothing is confirmed. */
  readonly yes: boolean;
  /** Why the change is done without the channel; null: it is done with it. */
  readonly breakGlass: string | null;
  /** The folder for files of the answer, relative to the current one. */
  readonly folder: string;
}

const withValue = { "--break-glass": "breakGlass", "--folder": "folder" } as const;

/**
 * Options count at any place. `--yes` counts also at the end inside the quotes. null: there are no words, or an option
 * lacks its value.
 */
export function sayArguments(given: readonly string[]): SayArguments | null {
  const values: { breakGlass: string | null; folder: string } = { breakGlass: null, folder: "." };
  const rest: string[] = [];
  for (let index = 0; index < given.length; index++) {
    const word = given[index] ?? "";
    if (!isOption(word)) {
      rest.push(word);
      continue;
    }
    index += 1;
    const value = given[index]?.trim() ?? "";
    if (value === "" || value.startsWith("--")) return null;
    values[withValue[word]] = value;
  }
  const typed = rest.filter((word) => word !== "--yes").join(" ");
  const words = typed.replace(/\s+--yes$/, "");
  const yes = rest.includes("--yes") || words !== typed;
  const meant = fromOtherKeyboards(words.trim());
  return meant === "" ? null : { words: meant, yes, ...values };
}

const isOption = (word: string): word is keyof typeof withValue => Object.hasOwn(withValue, word);
