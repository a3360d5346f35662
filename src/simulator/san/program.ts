import type { KernelEvents } from "./kernel-events.ts";
import type { San } from "./san.ts";
import type { SanHost } from "./san-state.ts";

/** The output and the exit code of a program. */
export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** For a program that prints as things happen, until a signal ends it. */
export interface Live {
  /** Prints at once: nothing holds it back until the program's end. */
  print(text: string): void;
  /** Aborted if nobody reads what it prints any more, or if the reader sent a signal. */
  readonly ended: AbortSignal;
  readonly kernelEvents: KernelEvents;
}

/** The environment of a program: the model, its arguments and its input. It does not know who asks or why. */
export interface Place {
  readonly san: San;
  readonly host: SanHost;
  readonly root: boolean;
  readonly environment: Readonly<Record<string, string>>;
  /** All of standard input; resolves at its end. */
  readonly stdin: () => Promise<string>;
  /** Aborted by `timeout` and by a cut connection's end. */
  readonly signal: AbortSignal;
  /** How long sanlock takes to start a lockspace. */
  readonly lockStartMs: number;
  /** A program that has waited calls it before it changes something, so that the change counts as its own. */
  readonly resume: () => void;
  readonly live: Live;
}

export type Program = (args: readonly string[], place: Place) => Result | Promise<Result>;

export const printed = (stdout: string, exitCode = 0): Result => ({ stdout, stderr: "", exitCode });
export const complained = (stderr: string, exitCode = 1): Result => ({ stdout: "", stderr, exitCode });

/** Waits as a slow program does; ends early when it is killed. */
export function passTime(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal.aborted) done();
    else signal.addEventListener("abort", done);
  });
}
