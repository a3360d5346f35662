import {
  type Answers,
  answersIn,
  type Destruction,
  type Gathered,
  type HostCommand,
  notesIn,
  type ReadCommand,
  type Reads,
} from "./host-command.ts";
import type { Host } from "./inventory.ts";
import type { NotUnderstood } from "./not-understood.ts";

export type Gather = <R extends Reads>(host: Host, reads: R) => Promise<Gathered<R>>;

/** What is read on one host, in one round trip, immediately before a step: it answers why the step must not run now, or null. */
export interface GuardRead {
  readonly host: Host;
  readonly commands: readonly ReadCommand<unknown>[];
  ask(gather: Gather): Promise<string | null>;
}

export type Guard = readonly [GuardRead, ...GuardRead[]];

/**
 * Marks a read that asks whether LUNs are in use on a host or are two LUNs, and names them. Only
 * `src/storage/checks/lun-guard.ts` may give it, which a test holds.
 */
export const asksOfLuns: unique symbol = Symbol("asks of LUNs");

export interface LunGuardRead extends GuardRead {
  readonly [asksOfLuns]: readonly string[];
}

/** What must be asked before a LUN's contents go; the first read is of the host that does it. */
export type LunGuard = readonly [LunGuardRead, ...GuardRead[]];

interface GuardOptions {
  readonly byObject?: boolean;
  /** A person has said that the host has no part in it: no answer is no reason then, but an answer counts. */
  readonly isConfirmedUninvolved?: boolean;
}

/**
 * `against` is asked only when all reads are done: what can't be read is a reason not to run, and so is an object that is
 * not understood. With `byObject`, `against` itself asks of which objects something is not.
 */
export const guardRead = <R extends Reads>(
  host: Host,
  reads: R,
  against: (answers: Answers<R>, notUnderstood: readonly NotUnderstood[]) => string | null,
  { byObject = false, isConfirmedUninvolved = false }: GuardOptions = {},
): GuardRead => ({
  host,
  commands: Object.values(reads),
  async ask(gather) {
    const seen = await gather(host, reads);
    const answers = answersIn(seen, byObject);
    if (typeof answers === "string") {
      return isConfirmedUninvolved ? null : `${host.name} could not be asked whether it is safe: ${answers}`;
    }
    const why = against(answers, notesIn(seen));
    return why === null ? null : `${host.name}: ${why}`;
  },
});

interface OnHost {
  readonly host: Host;
  readonly why: string;
}

/** What makes a command unnecessary: asked until it answers true, for at most `withinMs` after the stage began. */
interface SkipIf {
  readonly condition: ReadCommand<boolean>;
  readonly withinMs: number;
}

/** A step that destroys needs a guard, and one that destroys what a LUN holds a guard of the LUN; else it does not compile. */
export type Step = OnHost &
  (
    | {
        readonly command: ReadCommand<unknown> | HostCommand<unknown, "change">;
        readonly guard?: Guard;
        readonly skipIf?: SkipIf;
      }
    | { readonly command: Destruction<unknown, "LUN">; readonly guard: LunGuard; readonly skipIf?: SkipIf }
    | { readonly command: Destruction<unknown, "VM">; readonly guard: Guard; readonly skipIf?: SkipIf }
    /** A read that must answer null before the plan continues; asked again until it does, for at most `withinMs` (default: once). */
    | { readonly check: ReadCommand<string | null>; readonly withinMs?: number }
  );

export const commandOf = (step: Step): HostCommand<unknown> => ("check" in step ? step.check : step.command);
