import type { CommandOutput, ReadCommand } from "./host-command.ts";
import { collectNotes, isAboutAny, isRelevant, type NotUnderstood, OutputNotUnderstood } from "./not-understood.ts";
import { partsParseOf, runInSlices, runToEnd, type Slices, withPartsParse } from "./parts.ts";

/**
 * Derives a read from another one: its value is `answer(value)`. It throws if something in the output was not
 * understood. With `names`, only doubts about these objects count.
 */
export function mapRead<T, A>(
  read: ReadCommand<T>,
  answer: (value: T) => A,
  names?: readonly string[],
): ReadCommand<A> {
  const answerOf = (value: T, notes: readonly NotUnderstood[]): A => {
    const first = notes.find((doubt) => (names === undefined ? isRelevant(doubt) : isAboutAny(doubt, names)));
    if (first !== undefined) throw OutputNotUnderstood.of(first);
    return answer(value);
  };
  const parse = (output: CommandOutput): A => {
    const { notes, note } = collectNotes();
    return answerOf(read.parse(output, note), notes);
  };
  const ofParts = partsParseOf(read.parse);
  if (ofParts !== null) {
    withPartsParse(parse, async (output, parts) => {
      const { notes, note } = collectNotes();
      const value = await ofParts(output, parts, note);
      return answerOf(value, notes);
    });
  }
  return withParse(read, parse);
}

/** The same for a long output. The answer is made in slices, and other work runs between them. */
export function mapReadInSlices<T, A>(read: ReadCommand<T>, answer: (value: T) => Slices<A>): ReadCommand<A> {
  const whole = mapRead(read, answer);
  const parse = (output: CommandOutput): A => runToEnd(whole.parse(output));
  withPartsParse(parse, async (output, parts) => {
    const ofParts = partsParseOf(whole.parse);
    return runInSlices(ofParts === null ? whole.parse(output) : await ofParts(output, parts));
  });
  return withParse(read, parse);
}

/** A read as a check. `judge` returns the problem, or null if there is none. */
export const check = <T>(
  read: ReadCommand<T>,
  judge: (value: T) => string | null,
  names?: readonly string[],
): ReadCommand<string | null> => mapRead(read, judge, names);

const withParse = <T, A>(read: ReadCommand<T>, parse: ReadCommand<A>["parse"]): ReadCommand<A> => ({ ...read, parse });
