import { type ErrorCode, errorCodes, gravest } from "./error-codes.ts";
import { changedKeyIn } from "./host-key.ts";
import { oneLinePerFact } from "./one-line-per-fact.ts";

/**
 * What removes a reason: a sentence, or a command without `/zstack`. A command that only
 * shows something is no fix.
 * `when`: in which case, or for what: "if it is dead". `first`: what a person does before the command.
 * `or`: another way than the fix before it.
 */
export type Fix =
  | string
  | { readonly run: string; readonly when?: string; readonly first?: string; readonly or?: true };

/** One reason why something can't be done, in one line. */
export interface Reason {
  readonly code: ErrorCode;
  /** Empty if the headline says it all. */
  readonly text: string;
  readonly fixes: readonly Fix[];
}

/** What could not be read because a host's key changed has the code and the fix of that, at each place. */
export function reason(code: ErrorCode, text: string, ...fixes: readonly Fix[]): Reason {
  const changed = changedKeyIn(text);
  if (changed === null) return { code, text, fixes };
  return {
    code: "HOST_KEY_CHANGED",
    text,
    fixes: [{ when: "if the new key is right", run: `host trust ${changed.host}` }],
  };
}

/** An error that a person can do something about. */
export interface OperatorError {
  /** The code of its gravest reason. */
  readonly code: ErrorCode;
  /** The object and what can't be done with it: `LUN …bbe00a can't be added to cluster-1`. */
  readonly headline: string;
  readonly reasons: readonly string[];
  /** Never empty, because each code has a general fix. */
  readonly fixes: readonly Fix[];
  /** Commands that only show more, without `/zstack`. */
  readonly next: readonly string[];
}

/** A name that does not exist. `existing`: names that it may be compared with. `meant`: the only name it can mean. */
interface UnknownName {
  readonly typed: string;
  readonly existing?: readonly string[];
  readonly meant?: string;
}

interface More {
  /** The best fixes, before those of the reasons. */
  readonly first?: readonly Fix[];
  /** A fix for every reason. */
  readonly fixes?: readonly Fix[];
  readonly next?: readonly string[];
  readonly unknown?: UnknownName;
}

export function operatorError(
  headline: string,
  because: Reason | readonly [Reason, ...Reason[]],
  { first: best = [], fixes = [], next = [] }: More = {},
): OperatorError {
  const reasons: readonly Reason[] = "code" in because ? [because] : because;
  const [first = reason("CONTENT_CHANGED", headline), ...others] = reasons;
  const code = gravest([first.code, ...others.map((each) => each.code)]);
  const known = unique(oneLinePerFact([...best, ...reasons.flatMap((each) => each.fixes), ...fixes]));
  return {
    code,
    headline,
    reasons: oneLinePerFact<never>(reasons.map(({ text }) => text).filter((text) => text !== "")),
    fixes: known.length > 0 ? known : [errorCodes[code].fix],
    next: unique(next),
  };
}

const unique = <T>(all: readonly T[]): T[] => [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];

/** Thrown if an operator's command can't be done. Any other error is a bug. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly error: OperatorError;
  readonly #because: Reason | readonly [Reason, ...Reason[]];
  readonly #more: More;
  constructor(headline: string, because: Reason | readonly [Reason, ...Reason[]], more: More = {}) {
    const error = operatorError(headline, because, more);
    super(`${error.code}: ${headline}: ${error.reasons.join("; ")}`);
    this.error = error;
    this.#because = because;
    this.#more = more;
  }

  /** The name that was typed and does not exist; null if that is not the reason. */
  get unknown(): UnknownName | null {
    return this.#more.unknown ?? null;
  }

  /** The same with these fixes before its own. */
  with(fixes: readonly Fix[]): Refusal {
    const { headline } = this.error;
    return fixes.length === 0 ? this : new Refusal(headline, this.#because, { ...this.#more, first: fixes });
  }

  /** The same refusal, with the host in its headline. */
  on(host: string): Refusal {
    return new Refusal(`${this.error.headline} on ${host}`, this.#because, this.#more);
  }
}

/** An error that was decided and not thrown, as a Refusal. */
export function refusalOf({ code, headline, reasons, fixes, next }: OperatorError): Refusal {
  const [first = "", ...others] = reasons;
  return new Refusal(headline, [reason(code, first, ...fixes), ...others.map((each) => reason(code, each))], { next });
}

/** Throws a Refusal with all reasons, if there are any. */
export function refuse(headline: string, reasons: readonly Reason[], more: More = {}): void {
  const [first, ...others] = reasons;
  if (first !== undefined) throw new Refusal(headline, [first, ...others], more);
}

/** One line of a fix: what is before its command, and the command without `/zstack`, or null. */
export interface FixLine {
  readonly before: string;
  readonly run: string | null;
}

/** Fixes as they are shown: one line each. A fix of two actions has a line for each, in their order. */
export const fixLines = (fixes: readonly Fix[]): FixLine[] =>
  fixes.flatMap((fix, index): FixLine[] => {
    if (typeof fix === "string") return [{ before: `Fix: ${fix}`, run: null }];
    const { run, when, first, or } = fix;
    const label = or === true && index > 0 ? "Or" : "Fix";
    const start = when === undefined ? `${label}: ` : `${label} ${when}: `;
    if (first === undefined) return [{ before: start, run }];
    return [
      { before: `${start}1. ${first}`, run: null },
      { before: `${start}2. `, run },
    ];
  });

const lineText = ({ before, run }: FixLine): string => (run === null ? before : `${before}/zstack ${run}`);

/** Fixes as lines of plain text. */
export const fixTexts = (fixes: readonly Fix[]): string[] => fixLines(fixes).map(lineText);

/** Fixes in one line: `Fix: 1. map it to host1 2. /zstack host rescan host1`. */
export const fixesInLine = (fixes: readonly Fix[]): string =>
  fixTexts(fixes)
    .join(". ")
    .replaceAll(/\. (?:Fix|Or)[^:]*: (?=2\. )/g, " ");

/** A reason with its fixes, in one line. */
export const reasonText = ({ text, fixes }: Reason): string =>
  fixes.length === 0 ? text : `${text}. ${fixesInLine(fixes)}`;

/** The error as plain lines, for a terminal and the log. */
export const errorLines = ({ code, headline, reasons, fixes, next }: OperatorError): string[] => [
  `${code}  ${headline}`,
  ...reasons.map((each) => `• ${each}`),
  ...fixTexts(fixes),
  ...next.map((words) => `Next: /zstack ${words}`),
];

/** Any error as lines for a terminal. */
export function errorText(error: unknown): string {
  if (error instanceof Refusal) return errorLines(error.error).join("\n");
  return error instanceof Error ? error.message : String(error);
}
