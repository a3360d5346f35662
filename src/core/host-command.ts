import type { Outcome } from "./outcome.ts";

/** What running a command does to a host. Only `read` may run without a confirmed plan. */
export type Effect = "read" | "change" | "destroy";

export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A host command as a value: it is built, shown, tested and audited without being run. */
export interface HostCommand<T, E extends Effect = Effect> {
  readonly effect: E;
  /** The program and its arguments as they reach it; never a shell line. */
  readonly argv: readonly [program: string, ...args: string[]];
  /** Text for the program's standard input; without it the input is empty. */
  readonly stdin?: string;
  /** Held on the host (`timeout N …`) and, with a margin, by the waiting end. */
  readonly timeoutMs: number;
  /** Exit codes that `parse` understands; with any other the outcome is `failed`. */
  readonly exitCodes: readonly number[];
  /** Throws an `OutputNotUnderstood` that names the line where the output is not what the program prints. */
  parse(output: CommandOutput): T;
}
export type ReadCommand<T> = HostCommand<T, "read">;

/** Reads of one host that are made together, in one round trip; the keys name the answers. */
export type Reads = Readonly<Record<string, ReadCommand<unknown>>>;
/** One outcome for each read: a missing tool or a garbled answer spoils its own place only. */
export type Gathered<R extends Reads> = {
  readonly [K in keyof R]: Outcome<R[K] extends ReadCommand<infer T> ? T : never>;
};

/** A program printed what its parser does not know; says the program and the line. */
export class OutputNotUnderstood extends Error {
  override name = "OutputNotUnderstood";
  constructor(program: string, line: string, expected: string) {
    super(`${program} printed ${JSON.stringify(line.slice(0, 200))} where ${expected} was expected`);
  }
}

/** The only place in the repository where an argv becomes a shell line (POSIX sh). */
export function shellLine(argv: readonly string[]): string {
  return argv.map((argument) => `'${argument.replaceAll("'", `'\\''`)}'`).join(" ");
}
