import { type ErrorCode, errorCodes, gravest } from "./error-codes.ts";
import { oneLinePerFact } from "./one-line-per-fact.ts";

/**
 * What removes a reason: a sentence, or a command without `/zstack`, optionally `after` a sentence. A command that only
 * shows something is no fix.
 */
export type Fix = string | { readonly run: string; readonly after?: string };

/** One reason why something can't be done, in one line. */
export interface Reason {
  readonly code: ErrorCode;
  readonly text: string;
  readonly fixes: readonly Fix[];
}

export const reason = (code: ErrorCode, text: string, ...fixes: readonly Fix[]): Reason => ({ code, text, fixes });

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

interface More {
  /** A fix for every reason. */
  readonly fixes?: readonly Fix[];
  readonly next?: readonly string[];
}

export function operatorError(
  headline: string,
  because: Reason | readonly [Reason, ...Reason[]],
  { fixes = [], next = [] }: More = {},
): OperatorError {
  const reasons: readonly Reason[] = "code" in because ? [because] : because;
  const [first = reason("CONTENT_CHANGED", headline), ...others] = reasons;
  const code = gravest([first.code, ...others.map((each) => each.code)]);
  const known = unique(oneLinePerFact([...reasons.flatMap((each) => each.fixes), ...fixes]));
  return {
    code,
    headline,
    reasons: oneLinePerFact<never>(reasons.map(({ text }) => text)),
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

  /** The same refusal, with the host in its headline. */
  on(host: string): Refusal {
    return new Refusal(`${this.error.headline} on ${host}`, this.#because, this.#more);
  }
}

/** Throws a Refusal with all reasons, if there are any. */
export function refuse(headline: string, reasons: readonly Reason[], more: More = {}): void {
  const [first, ...others] = reasons;
  if (first !== undefined) throw new Refusal(headline, [first, ...others], more);
}

export const fixText = (fix: Fix): string => {
  if (typeof fix === "string") return fix;
  return fix.after === undefined ? `/zstack ${fix.run}` : `${fix.after}, then /zstack ${fix.run}`;
};

/** A reason with its fixes, in one line. */
export const reasonText = ({ text, fixes }: Reason): string =>
  fixes.length === 0 ? text : `${text}. Fix: ${fixes.map(fixText).join("; ")}`;

/** The error as plain lines, for a terminal and the log. */
export const errorLines = ({ code, headline, reasons, fixes, next }: OperatorError): string[] => [
  `${code}  ${headline}`,
  ...reasons.map((each) => `• ${each}`),
  ...fixes.map((fix) => `Fix: ${fixText(fix)}`),
  ...next.map((words) => `Next: /zstack ${words}`),
];

/** Any error as lines for a terminal. */
export function errorText(error: unknown): string {
  if (error instanceof Refusal) return errorLines(error.error).join("\n");
  return error instanceof Error ? error.message : String(error);
}
