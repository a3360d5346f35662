import type { Result } from "./program.ts";

/** The forced end of a run: before the program did anything, or when all is done. */
export type Turn =
  | { readonly kind: "cut"; readonly after: "before" | "effect" }
  | { readonly kind: "says"; readonly after: "before" | "effect"; says(real: Result): Result };

/** A run of a program, without the `sudo`, `env` and `timeout` around it. */
export interface WatchedRun {
  readonly host: string;
  readonly argv: readonly string[];
  /** The whole line that was sent to the host. */
  readonly line: string;
}

/** Observes every program on every host. A program waits for it before it begins and before its end is reported. */
export interface Watch {
  begins(run: WatchedRun): Promise<Turn | null>;
  /** `real` is null if the program was prevented from running; `answered` is null if the connection is cut. */
  ends(
    run: WatchedRun & { readonly real: Result | null; readonly answered: Result | null; readonly changed: boolean },
  ): Promise<void>;
}
