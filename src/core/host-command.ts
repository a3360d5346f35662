import type { Limits } from "./limits.ts";
import { isRelevant, type Note, type NotUnderstood } from "./not-understood.ts";
import { type Outcome, reasonOf } from "./outcome.ts";
import { type CommandOutput, divided, partsParseOf, type Split, withPartsParse } from "./parts.ts";

export { OutputNotUnderstood } from "./not-understood.ts";
export type { CommandOutput } from "./parts.ts";

/** What running a command does to a host. Only `read` may run without a confirmed plan. */
export type Effect = "read" | "change" | "destroy";

/** A host command as a value: it is built, shown, tested and audited without being run. */
export interface HostCommand<T, E extends Effect = Effect> {
  readonly effect: E;
  /** The program and its arguments as they reach it; never a shell line. */
  readonly argv: readonly [program: string, ...args: string[]];
  /** Text for the program's standard input; without it the input is empty. */
  readonly stdin?: string;
  /** The standard input once a secret is known; `stdin` is what is shown in its place. */
  readonly withSecret?: { readonly name: string; stdin(secret: string): string };
  /** Enforced on the host (`timeout N …`) and, with a margin, by the bot. */
  readonly timeoutMs: number;
  /** The most that the program can plausibly print. A read does not compile without it. */
  readonly limits?: Limits;
  /** Exit codes that `parse` understands; with any other the outcome is `failed`. */
  readonly exitCodes: readonly number[];
  /**
   * Throws an `OutputNotUnderstood` that names the line where the output is not what the program prints. What is not
   * understood about one object only is left out and goes to `note`. Of a change it throws a `NotDone` where the program
   * says that it did not do it.
   */
  parse(output: CommandOutput, note?: Note): T;
  /**
   * Whether a complaint of the program is transient, so that it runs again: it did nothing, or a second run finds the
   * work done. Never for a command that destroys.
   */
  readonly isTransient?: E extends "destroy" ? never : (complaint: string) => boolean;
  /** The form for old versions of the program, which don't know an option of `argv`. Reads only. */
  readonly fallbackForOldVersions?: E extends "read" ? OldVersionsFallback : never;
}
export interface ReadCommand<T> extends HostCommand<T, "read"> {
  readonly limits: Limits;
}

/** What a command that destroys takes away: what a LUN holds, or the power of a VM. */
export type Lost = "LUN" | "VM";
export type Destruction<T, L extends Lost = Lost> = HostCommand<T, "destroy"> & { readonly loses: L };

export interface OldVersionsFallback {
  readonly argv: HostCommand<unknown>["argv"];
  /** Converts its output to that of newer versions, so that there is one `parse`. Throws and notes as `parse` does. */
  translate(output: CommandOutput, note?: Note): CommandOutput;
  /** Splits a long output into parts that are translated one by one. Without it the output is translated at once. */
  readonly split?: Split;
}

/** Whether the failure of the command is transient. */
export function isTransientFailure({ isTransient }: HostCommand<unknown>, outcome: Outcome): boolean {
  // The reason has the line that the parser did not understand.
  if (outcome.kind === "unknown") return isTransient?.(outcome.reason) === true;
  return outcome.kind === "failed" && isTransient?.(outcome.stderr) === true;
}

/** The command in its form for old versions; null if it has none. */
export function fallbackCommand<T>(command: HostCommand<T>): HostCommand<T> | null {
  const { fallbackForOldVersions: fallback, ...rest } = command;
  if (fallback === undefined) return null;
  const ofParts = partsParseOf(command.parse);
  const parse: typeof command.parse = (output, note) => command.parse(fallback.translate(output, note), note);
  if (ofParts !== null) {
    withPartsParse(parse, (output, parts, note) => ofParts(output, translated(fallback, parts, note), note));
  }
  return { ...rest, argv: fallback.argv, parse };
}

function* translated(
  fallback: OldVersionsFallback,
  parts: Iterable<CommandOutput>,
  note?: Note,
): Iterable<CommandOutput> {
  for (const part of parts) {
    const each = fallback.split === undefined ? [part] : divided(part, fallback.split);
    for (const one of each) yield fallback.translate(one, note);
  }
}

/** getopt's words: `lsblk: invalid option -- 'J'`, `wipefs: unrecognized option '--json'`. */
export const lacksOption = (stderr: string): boolean => /(?:invalid|unrecognized|unknown) option/.test(stderr);

/** Reads of one host that are made together, in one round trip; the keys name the answers. */
export type Reads = Readonly<Record<string, ReadCommand<unknown>>>;
/** One outcome for each read: a missing tool or a garbled answer spoils its own place only. */
export type Gathered<R extends Reads> = {
  readonly [K in keyof R]: Outcome<R[K] extends ReadCommand<infer T> ? T : never>;
};

/** The values of reads that all are done. */
export type Answers<R extends Reads> = { readonly [K in keyof R]: R[K] extends ReadCommand<infer T> ? T : never };

/**
 * The values where all reads are done; otherwise why the first that is not can't answer. An output with an object that was
 * not understood is no answer, unless `byObject` says that each object is asked for its own notes.
 */
export function answersIn<R extends Reads>(seen: Gathered<R>, byObject = false): Answers<R> | string {
  const values: Record<string, unknown> = {};
  for (const [name, outcome] of Object.entries<Outcome>(seen)) {
    if (outcome.kind !== "done") return reasonOf(outcome) ?? outcome.kind;
    const doubt = notesOf(outcome).find((each) => (byObject ? each.about === null : isRelevant(each)));
    if (doubt !== undefined) return doubt.why;
    values[name] = outcome.value;
  }
  // Every key of R has got the value that its read's parse made.
  return values as Answers<R>;
}

/** What of the outputs was not understood; nothing of reads that are not done. */
export const notesIn = (seen: Readonly<Record<string, Outcome>>): NotUnderstood[] =>
  Object.values(seen).flatMap(notesOf);

export const notesOf = (outcome: Outcome): readonly NotUnderstood[] =>
  outcome.kind === "done" ? (outcome.notUnderstood ?? []) : [];

/** Why a decision can't rest on an answer: it did not come, or something in it was not understood; null if it can. */
export const whyUncertain = (outcome: Outcome): string | null =>
  reasonOf(outcome) ?? notesOf(outcome).find(isRelevant)?.why ?? null;

/**
 * A program says in so many words that it did not do what it was to do, also where it ends with 0. A `parse` throws it for
 * a definite failure; what nobody knows is an `OutputNotUnderstood`.
 */
export class NotDone extends Error {
  override name = "NotDone";
  readonly said: string;
  constructor(program: string, said: string) {
    super(`${program} did not do it: ${JSON.stringify(said.slice(0, 200))}`);
    this.said = said;
  }
}

/** The only place in the repository where an argv becomes a shell line (POSIX sh). */
export function shellLine(argv: readonly string[]): string {
  return argv.map((argument) => `'${argument.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** Quotes only what a shell must not change, so that people can read it. What runs is quoted throughout. */
export const readable = (argv: readonly string[]): string =>
  argv.map((word) => (/^[A-Za-z0-9@%+=:,./_-]+$/.test(word) ? word : shellLine([word]))).join(" ");
