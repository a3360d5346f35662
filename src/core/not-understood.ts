/** A program printed something that its parser does not know. The message names the program and the line. */
export class OutputNotUnderstood extends Error {
  override name = "OutputNotUnderstood";
  readonly line: string;
  constructor(program: string, line: string, expected: string) {
    super(`${program} printed ${JSON.stringify(line.slice(0, MOST_SHOWN))} where ${expected} was expected`);
    this.line = line.slice(0, MOST_SHOWN);
  }

  /** The note that prevents a decision. */
  static of({ line, why }: NotUnderstood): OutputNotUnderstood {
    const error = new OutputNotUnderstood("", line, "");
    error.message = why;
    return error;
  }
}
const MOST_SHOWN = 200;

/** One place in an output that the parser did not understand. It understood the rest. */
export interface NotUnderstood {
  readonly line: string;
  readonly why: string;
  /**
   * Every name of the object concerned, as programs print it: a map by WWID, alias and dm-N. No change may use such an
   * object. Null: it may concern any object of the output. Empty: it concerns no decision.
   */
  readonly about: readonly string[] | null;
}

/** Gets what a parser did not understand. */
export type Note = (unclear: NotUnderstood) => void;

/** An output with more notes does not come from the program. */
export const MOST_NOTES = 1_000;

/** Collects the notes of one output. `note` throws if there are more than an output can plausibly have. */
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
 * Parses the items of a list one by one. An item that is not understood is noted with its object and left out, so that
 * it hides no other item. Throws if no item is understood: the output does not come from the program.
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

/** Whether the note prevents a decision about an object. `names` are all names of the object. */
export const isAboutAny = ({ about }: NotUnderstood, names: readonly string[]): boolean =>
  about === null || about.some((name) => names.includes(name));

/** Whether the note can prevent any decision. */
export const isRelevant = ({ about }: NotUnderstood): boolean => about === null || about.length > 0;
