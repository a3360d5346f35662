/** A program printed what its parser does not know; says the program and the line. */
export class OutputNotUnderstood extends Error {
  override name = "OutputNotUnderstood";
  readonly line: string;
  constructor(program: string, line: string, expected: string) {
    super(`${program} printed ${JSON.stringify(line.slice(0, MOST_SHOWN))} where ${expected} was expected`);
    this.line = line.slice(0, MOST_SHOWN);
  }

  /** What was noted, where a decision rests on it. */
  static of({ line, why }: NotUnderstood): OutputNotUnderstood {
    const error = new OutputNotUnderstood("", line, "");
    error.message = why;
    return error;
  }
}
const MOST_SHOWN = 200;

/** One place of an output that its parser did not understand, while it understood the rest. */
export interface NotUnderstood {
  readonly line: string;
  readonly why: string;
  /**
   * Every name of the object that it is about, as programs name it: a map by WWID, alias and dm-N. No change may rest on
   * such an object. null: it may be about any object of the output. Empty: no decision rests on it.
   */
  readonly about: readonly string[] | null;
}

/** Takes what a parser did not understand. */
export type Note = (unclear: NotUnderstood) => void;

/** An output with more notes is not what the program prints. */
export const MOST_NOTES = 1_000;

/** The notes of one output. Throws if it has more than an output can plausibly have. */
export function collectNotes(): { readonly notes: readonly NotUnderstood[]; readonly note: Note } {
  const notes: NotUnderstood[] = [];
  return {
    notes,
    note(unclear) {
      if (notes.length === MOST_NOTES) throw tooManyNotes(unclear);
      notes.push(unclear);
    },
  };
}

const tooManyNotes = ({ line, why }: NotUnderstood): OutputNotUnderstood =>
  OutputNotUnderstood.of({
    line,
    why: `${why}; so were ${MOST_NOTES} others, which is implausible`,
    about: null,
  });

/**
 * Reads the items of a list one by one. An item that is not understood is noted with its object and left out: one
 * such line hides nothing else. If no item is understood, the output is not what the program prints.
 */
export function parseEach<I, T>(
  items: readonly I[],
  read: (item: I) => readonly T[],
  aboutOf: (item: I) => NotUnderstood["about"],
  note: Note = ignored,
): T[] {
  const values: T[] = [];
  let [first, unclear]: [OutputNotUnderstood | null, number] = [null, 0];
  const notes: NotUnderstood[] = [];
  for (const item of items) {
    try {
      for (const value of read(item)) values.push(value);
    } catch (error) {
      if (!(error instanceof OutputNotUnderstood)) throw error;
      first ??= error;
      unclear += 1;
      if (unclear > MOST_NOTES) throw tooManyNotes(noteOf(first, null));
      notes.push(noteOf(error, aboutOf(item)));
    }
  }
  if (first !== null && unclear === items.length) throw first;
  for (const each of notes) note(each);
  return values;
}

export const noteOf = ({ line, message }: OutputNotUnderstood, about: NotUnderstood["about"]): NotUnderstood => ({
  line,
  why: message,
  about,
});

export const ignored: Note = () => {};

/** Whether a decision about an object may not rest on the output: `names` are all names of the object. */
export const isAboutAny = ({ about }: NotUnderstood, names: readonly string[]): boolean =>
  about === null || about.some((name) => names.includes(name));

/** Whether any decision may be affected. */
export const isRelevant = ({ about }: NotUnderstood): boolean => about === null || about.length > 0;
