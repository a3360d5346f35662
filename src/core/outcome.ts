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

/** LVM 2.02 says so at each command that is given a setting of a later version. */
const BESIDE_THE_CAUSE = /^\s*(?:WARNING: )?Configuration setting "[^"]*" unknown\.?$/;

/** The reason of an outcome that is not `done`, in one line; null when it is done. */
export function reasonOf(outcome: Outcome): string | null {
  switch (outcome.kind) {
    case "done":
      return null;
    case "failed": {
      const lines = outcome.stderr.split("\n").filter((line) => line.trim() !== "");
      const firstLine = lines.find((line) => !BESIDE_THE_CAUSE.test(line)) ?? lines[0];
      // Some programs end with 0 and say that they did not do it.
      if (outcome.exitCode === 0 && firstLine !== undefined) return firstLine.trim();
      return `exit code ${outcome.exitCode}${firstLine === undefined ? "" : `: ${firstLine.trim()}`}`;
    }
    case "refused":
    case "unknown":
      return outcome.reason;
  }
}
