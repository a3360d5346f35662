import type { NotUnderstood } from "./not-understood.ts";

/**
 * What became of a host command.
 * `unknown`: the connection was lost or the time ran out; the host may or may not have done it.
 */
export type Outcome<T = unknown> =
  | {
      readonly kind: "done";
      readonly value: T;
      readonly exitCode: number | null;
      /** Of a read: what of its output was not understood, and is not in `value`. */
      readonly notUnderstood?: readonly NotUnderstood[];
    }
  | { readonly kind: "failed"; readonly exitCode: number; readonly stderr: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

/** `exitCode` is null where no program was run. */
export const done = <T>(value: T, exitCode: number | null = null): Outcome<T> => ({ kind: "done", value, exitCode });
export const refused = (reason: string): Outcome<never> => ({ kind: "refused", reason });
export const unknown = (reason: string): Outcome<never> => ({ kind: "unknown", reason });

/**
 * What programs print at each run, with any result. LVM 2.02 prints the first of a setting of a later version, and the
 * next two where its lvmetad runs and is not asked.
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

/** The line with the cause: a warning comes before its result. */
function causeIn(stderr: string): string | undefined {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const causes = lines.filter((line) => !NOT_THE_CAUSE.test(line));
  return causes.find((line) => !/^\s*(?:\S+:? +)?WARNING: /.test(line)) ?? causes[0] ?? lines[0];
}

/** The reason of an outcome that is not `done`, in one line; null when it is done. */
export function reasonOf(outcome: Outcome): string | null {
  switch (outcome.kind) {
    case "done":
      return null;
    case "failed": {
      const cause = causeIn(outcome.stderr);
      // Some programs end with 0 and say that they did not do it.
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
