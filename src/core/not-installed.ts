import type { CommandOutput, ReadCommand } from "./host-command.ts";
import { done, type Outcome } from "./outcome.ts";
import { partsParseOf, withPartsParse } from "./parts.ts";

/**
 * If a host does not have a program, it has none of the program's objects. That is an answer. Only this file knows how
 * a missing program shows. Each caller decides whether it is an answer or a problem.
 */
const NOT_INSTALLED = 127;

/** Whether the program is not installed. */
export const isNotInstalled = (outcome: Outcome): boolean =>
  outcome.kind === "failed" && outcome.exitCode === NOT_INSTALLED;

/**
 * The outcomes, with the value of `none` if a read's program is not installed: `noneIfNotInstalled(seen, { leases: null
 * })`.
 */
export function noneIfNotInstalled<S extends Readonly<Record<string, Outcome>>>(seen: S, none: NoneOf<S>): S {
  const filled: Record<string, Outcome> = { ...seen };
  for (const [name, value] of Object.entries(none)) {
    const outcome = filled[name];
    if (outcome !== undefined && isNotInstalled(outcome)) filled[name] = done(value);
  }
  // `none` has a value for each of its names, of the type of that name's read.
  return filled as S;
}
type NoneOf<S> = { readonly [K in keyof S]?: Exclude<S[K], undefined> extends Outcome<infer T> ? T : never };

/** The same for a read in a guard or a check. */
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
