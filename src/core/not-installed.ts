import type { CommandOutput, ReadCommand } from "./host-command.ts";
import { done, type Outcome } from "./outcome.ts";
import { partsParseOf, withPartsParse } from "./parts.ts";

/**
 * A host without a program has nothing of the program's kind: that is an answer. Only this file knows how a missing program
 * shows; whether its absence is an answer or a problem, each question says for itself.
 */
const NOT_INSTALLED = 127;

/** The program is not there. */
export const isNotInstalled = (outcome: Outcome): boolean =>
  outcome.kind === "failed" && outcome.exitCode === NOT_INSTALLED;

/** What was read, with `none` where the program of a read is not installed: `noneIfNotInstalled(seen, { leases: null })`. */
export function noneIfNotInstalled<S extends Readonly<Record<string, Outcome>>>(seen: S, none: NoneOf<S>): S {
  const filled: Record<string, Outcome> = { ...seen };
  for (const [name, value] of Object.entries(none)) {
    const outcome = filled[name];
    if (outcome !== undefined && isNotInstalled(outcome)) filled[name] = done(value);
  }
  // `none` has for each of its names a value of that name's read.
  return filled as S;
}
type NoneOf<S> = { readonly [K in keyof S]?: Exclude<S[K], undefined> extends Outcome<infer T> ? T : never };

/** The same for a read that is part of a guard or a check. */
export function orNone<T>(read: ReadCommand<T>, none: T): ReadCommand<T> {
  const isMissing = ({ exitCode }: CommandOutput) => exitCode === NOT_INSTALLED;
  const parse: typeof read.parse = (output, note) => (isMissing(output) ? none : read.parse(output, note));
  const ofParts = partsParseOf(read.parse);
  if (ofParts !== null) {
    withPartsParse(parse, async (output, parts, note) =>
      isMissing(output) ? none : await ofParts(output, parts, note),
    );
  }
  return { ...read, parse, exitCodes: [...read.exitCodes, NOT_INSTALLED] };
}
