import type { CommandOutput, ReadCommand } from "./host-command.ts";
import { concerns, matters, type NotUnderstood, noting, OutputNotUnderstood } from "./not-understood.ts";
import { alsoInParts, atOnce, inTurns, partsParseOf, type Stretches } from "./parts.ts";

/**
 * The read as a question: `answer` gets what was read. It is not asked if something was not understood; with `names`, what
 * is about other objects than the named ones does not count.
 */
export function mapRead<T, A>(
  read: ReadCommand<T>,
  answer: (value: T) => A,
  names?: readonly string[],
): ReadCommand<A> {
  const answerOf = (value: T, notes: readonly NotUnderstood[]): A => {
    const first = notes.find((doubt) => (names === undefined ? matters(doubt) : concerns(doubt, names)));
    if (first !== undefined) throw OutputNotUnderstood.of(first);
    return answer(value);
  };
  const parse = (output: CommandOutput): A => {
    const { notes, note } = noting();
    return answerOf(read.parse(output, note), notes);
  };
  const ofParts = partsParseOf(read.parse);
  if (ofParts !== null) {
    alsoInParts(parse, async (output, parts) => {
      const { notes, note } = noting();
      const value = await ofParts(output, parts, note);
      return answerOf(value, notes);
    });
  }
  return withParse(read, parse);
}

/** As `mapRead`, for a long output: the answer is made in parts, and others have their turn between them. */
export function mapReadInTurns<T, A>(read: ReadCommand<T>, answer: (value: T) => Stretches<A>): ReadCommand<A> {
  const whole = mapRead(read, answer);
  const parse = (output: CommandOutput): A => atOnce(whole.parse(output));
  alsoInParts(parse, async (output, parts) => {
    const ofParts = partsParseOf(whole.parse);
    return inTurns(ofParts === null ? whole.parse(output) : await ofParts(output, parts));
  });
  return withParse(read, parse);
}

/** A read as a check: `judge` says what is wrong, or null. */
export const check = <T>(
  read: ReadCommand<T>,
  judge: (value: T) => string | null,
  names?: readonly string[],
): ReadCommand<string | null> => mapRead(read, judge, names);

const withParse = <T, A>(read: ReadCommand<T>, parse: ReadCommand<A>["parse"]): ReadCommand<A> => ({ ...read, parse });
