import type { Limits } from "./limits.ts";
import { isRelevant, type Note, type NotUnderstood } from "./not-understood.ts";
import { type Outcome, reasonOf } from "./outcome.ts";
import { type CommandOutput, divided, partsParseOf, type Split, withPartsParse } from "./parts.ts";

export { OutputNotUnderstood } from "./not-understood.ts";
export type { CommandOutput } from "./parts.ts";

/** What running a command does to a host. Only `read` may run without a confirmed plan. */
export type Effect = "read" | "change" | "destroy";

/** A host command as a value. It can be built, shown, tested and audited without being run. */
export interface HostCommand<T, E extends Effect = Effect> {
  readonly effect: E;
  /** The program and its arguments as they reach it; never a shell line. */
  readonly argv: readonly [program: string, ...args: string[]];
  /** Text for standard input. Without it, standard input is empty. */
  readonly stdin?: string;
  /** Makes standard input from a secret. Messages show `stdin` instead. */
  readonly withSecret?: { readonly name: string; stdin(secret: string): string };
  /**
   * A unit of systemd. If it does not run, the host does not run the program and answers with exit code 1 and no output.
   * For a client of a daemon with a socket unit: its question would start the daemon.
   */
  readonly onlyIfActive?: E extends "read" ? string : never;
  /** The time limit. The host enforces it with `timeout N …`; the bot enforces it with a margin. */
  readonly timeoutMs: number;
  /** The maximum of what the program can plausibly print. A read without limits does not compile. */
  readonly limits?: Limits;
  /** Exit codes that `parse` understands. With any other exit code the outcome is `failed`. */
  readonly exitCodes: readonly number[];
  /**
   * Throws an `OutputNotUnderstood` with the line if the output is not what the program prints. If only one object is
   * not understood, `parse` leaves it out and passes it to `note`. For a change, it throws a `NotDone` if the program
   * reports that it did nothing.
   */
  parse(output: CommandOutput, note?: Note): T;
  /**
   * Whether an error of the program is transient: the program did nothing, or a second run is harmless. The bot then
   * runs it again. Never set for a command that destroys.
   */
  readonly isTransient?: E extends "destroy" ? never : (complaint: string) => boolean;
  /** The command for old versions of the program, which don't know an option in `argv`. Only for reads. */
  readonly fallbackForOldVersions?: E extends "read" ? OldVersionsFallback : never;
}
export interface ReadCommand<T> extends HostCommand<T, "read"> {
  readonly limits: Limits;
}

/** What a destructive command takes: the data on a LUN, or the power of a VM. */
export type Lost = "LUN" | "VM";
export type Destruction<T, L extends Lost = Lost> = HostCommand<T, "destroy"> & { readonly loses: L };

export interface OldVersionsFallback {
  readonly argv: HostCommand<unknown>["argv"];
  /** Converts the old output to the new format, so that one `parse` is enough. Throws and notes as `parse` does. */
  translate(output: CommandOutput, note?: Note): CommandOutput;
  /** Splits a long output into parts that are converted one by one. Without it the output is converted at once. */
  readonly split?: Split;
}

/** Whether the failure of the command is transient. */
export function isTransientFailure({ isTransient }: HostCommand<unknown>, outcome: Outcome): boolean {
  // The reason contains the line that was not understood.
  if (outcome.kind === "unknown") return isTransient?.(outcome.reason) === true;
  return outcome.kind === "failed" && isTransient?.(outcome.stderr) === true;
}

/** The command for old versions, or null if it has none. */
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

/** The messages of getopt: `lsblk: invalid option -- 'J'`, `wipefs: unrecognized option '--json'`. */
export const lacksOption = (stderr: string): boolean => /(?:invalid|unrecognized|unknown) option/.test(stderr);

/** Reads of one host in one round trip. The keys name the answers. */
export type Reads = Readonly<Record<string, ReadCommand<unknown>>>;
/** One outcome for each read. A missing tool or an invalid output affects only its own outcome. */
export type Gathered<R extends Reads> = {
  readonly [K in keyof R]: Outcome<R[K] extends ReadCommand<infer T> ? T : never>;
};

/** The values, if all reads are done. */
export type Answers<R extends Reads> = { readonly [K in keyof R]: R[K] extends ReadCommand<infer T> ? T : never };

/**
 * Returns the values if all reads are done. Otherwise it returns the reason of the first read that is not. An output
 * with an object that was not understood counts as not done. With `byObject`, the caller checks the notes of each
 * object itself.
 */
export function answersIn<R extends Reads>(seen: Gathered<R>, byObject = false): Answers<R> | string {
  const values: Record<string, unknown> = {};
  for (const [name, outcome] of Object.entries<Outcome>(seen)) {
    if (outcome.kind !== "done") return reasonOf(outcome) ?? outcome.kind;
    const doubt = notesOf(outcome).find((each) => (byObject ? each.about === null : isRelevant(each)));
    if (doubt !== undefined) return doubt.why;
    values[name] = outcome.value;
  }
  // Every key of R has the value that its read's `parse` returned.
  return values as Answers<R>;
}

/** What was not understood in the outputs of the reads that are done. */
export const notesIn = (seen: Readonly<Record<string, Outcome>>): NotUnderstood[] =>
  Object.values(seen).flatMap(notesOf);

export const notesOf = (outcome: Outcome): readonly NotUnderstood[] =>
  outcome.kind === "done" ? (outcome.notUnderstood ?? []) : [];

/**
 * Why no decision can use this answer: the read is not done, or something in its output was not understood. Null if it
 * can be used.
 */
export const whyUncertain = (outcome: Outcome): string | null =>
  reasonOf(outcome) ?? notesOf(outcome).find(isRelevant)?.why ?? null;

/**
 * The program reports clearly that it did nothing, in some cases with exit code 0. `parse` throws it for such a certain
 * failure. If the result is not known, `parse` throws an `OutputNotUnderstood`.
 */
export class NotDone extends Error {
  override name = "NotDone";
  readonly said: string;
  constructor(program: string, said: string) {
    super(`${program} did not do it: ${JSON.stringify(said.slice(0, 200))}`);
    this.said = said;
  }
}

/** The only function that makes a shell line (POSIX sh) from an argv. */
export function shellLine(argv: readonly string[]): string {
  return argv.map((argument) => `'${argument.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** For people: quotes only what a shell would change. The line that runs has every argument quoted. */
export const readable = (argv: readonly string[]): string =>
  argv.map((word) => (/^[A-Za-z0-9@%+=:,./_-]+$/.test(word) ? word : shellLine([word]))).join(" ");
