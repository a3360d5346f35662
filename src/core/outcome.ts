import type { NotUnderstood } from "./not-understood.ts";
import type { Reason } from "./refusal.ts";

/**
 * The result of a host command. `unknown`: the connection was lost or the time limit passed. The host may have run the
 * command.
 */
export type Outcome<T = unknown> =
  | {
      readonly kind: "done";
      readonly value: T;
      readonly exitCode: number | null;
      /** Only for steps of an operation: the beginning of what the program printed, at most `MOST_OUTPUT` characters. */
      readonly output?: string;
      /** Only for reads: what was not understood in the output. `value` does not contain it. */
      readonly notUnderstood?: readonly NotUnderstood[];
    }
  | { readonly kind: "failed"; readonly exitCode: number; readonly stderr: string }
  | {
      readonly kind: "refused";
      readonly reason: string;
      /** What prevents it, with codes and fixes, if a guard answered. */
      readonly reasons?: readonly [Reason, ...Reason[]];
    }
  | {
      readonly kind: "unknown";
      readonly reason: string;
      /** The program started and did not end within its time limit. */
      readonly isLate?: true;
    };

/** In characters. */
export const MOST_OUTPUT = 4_000;

/** `exitCode` is null if no program was run. */
export const done = <T>(value: T, exitCode: number | null = null): Outcome<T> => ({ kind: "done", value, exitCode });
export const refused = (reason: string, reasons?: readonly [Reason, ...Reason[]]): Outcome<never> => ({
  ...{ kind: "refused", reason },
  ...(reasons === undefined ? {} : { reasons }),
});
export const unknown = (reason: string): Outcome<never> => ({ kind: "unknown", reason });
/** The program did not end within its time limit. */
export const late = (reason: string): Outcome<never> => ({ kind: "unknown", reason, isLate: true });

/**
 * Lines that programs print at each run, with any result. LVM 2.02 prints the first one about a setting of a later
 * version. It prints the next two if lvmetad runs and LVM does not use it.
 */
const NOT_THE_CAUSE = new RegExp(
  `^\\s*(?:\\S+:? +)?(?:WARNING: )?(?:${[
    'Configuration (?:setting|section) "[^"]*" unknown',
    "Not using lvmetad because ",
    "To avoid corruption, rescan devices to make changes visible",
    "Ignoring duplicate config value",
    "File descriptor \\d+ .* leaked on ",
    "Running as a non-root user",
    "unable to resolve host ",
    ".*\\bsetlocale: ",
  ].join("|")})`,
);

/** The line with the cause. A program prints a warning before its result. */
function causeIn(stderr: string): string | undefined {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const causes = lines.filter((line) => !NOT_THE_CAUSE.test(line));
  return causes.find((line) => !/^\s*(?:\S+:? +)?WARNING: /.test(line)) ?? causes[0] ?? lines[0];
}

/** Why an outcome is not `done`, in one line. Null if it is done. */
export function reasonOf(outcome: Outcome): string | null {
  switch (outcome.kind) {
    case "done":
      return null;
    case "failed": {
      const cause = causeIn(outcome.stderr);
      // Some programs exit with 0 and print that they did nothing.
      if (outcome.exitCode === 0 && cause !== undefined) return cause.trim();
      return `exit code ${outcome.exitCode}${cause === undefined ? "" : `: ${cause.trim()}`}`;
    }
    case "refused":
    case "unknown":
      return outcome.reason;
  }
}

export const valueOr = <T>(outcome: Outcome<T>, otherwise: T): T =>
  outcome.kind === "done" ? outcome.value : otherwise;
