import { gravest } from "./error-codes.ts";
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
import { type Reason, reason } from "./refusal.ts";

export type Gather = <R extends Reads>(host: Host, reads: R) => Promise<Gathered<R>>;

/**
 * A read on one host, in one round trip immediately before a step. It returns why the step must not run now, or null.
 */
export interface GuardRead {
  readonly host: Host;
  readonly commands: readonly ReadCommand<unknown>[];
  ask(gather: Gather): Promise<Objection | null>;
}

/** Why a step must not run, as one host reports it. */
export interface Objection {
  readonly host: Host;
  readonly reasons: readonly [Reason, ...Reason[]];
}

/** null if nothing prevents the step. Equal reasons count once. */
export function objectionOn(host: Host, reasons: readonly Reason[]): Objection | null {
  const [first, ...others] = new Map(reasons.map((each) => [each.text, each])).values();
  return first === undefined ? null : { host, reasons: [first, ...others] };
}

/** For the audit log, in one line: the gravest code, then each host with its reasons. */
export function objectionText([first, ...others]: readonly [Objection, ...Objection[]]): string {
  const codes = [first, ...others].flatMap(({ reasons }) => reasons.map(({ code }) => code));
  const texts = [first, ...others].map(
    ({ host, reasons }) => `${host.name}: ${reasons.map(({ text }) => text).join("; ")}`,
  );
  return `${gravest([first.reasons[0].code, ...codes])}: ${texts.join("; ")}`;
}

export type Guard = readonly [GuardRead, ...GuardRead[]];

/**
 * Marks a read that checks whether LUNs are in use on a host, or are two different LUNs. Its value is their names. Only
 * `src/storage/checks/lun-guard.ts` may create it; a test checks this.
 */
export const asksOfLuns: unique symbol = Symbol("asks of LUNs");

export interface LunGuardRead extends GuardRead {
  readonly [asksOfLuns]: readonly string[];
}

/** What must be checked before the data on a LUN is destroyed. The first read is of the host that runs the step. */
export type LunGuard = readonly [LunGuardRead, ...GuardRead[]];

interface GuardOptions {
  readonly byObject?: boolean;
  /** A person has confirmed that the host does not use the LUN. No answer is then no reason; an answer still counts. */
  readonly isConfirmedUninvolved?: boolean;
}

/**
 * `against` is called only if all reads are done. A failed read is a reason not to run, and so is an object that was
 * not understood. With `byObject`, `against` checks the notes of each object itself.
 */
export const guardRead = <R extends Reads>(
  host: Host,
  reads: R,
  against: (answers: Answers<R>, notUnderstood: readonly NotUnderstood[]) => Reason | null,
  { byObject = false, isConfirmedUninvolved = false }: GuardOptions = {},
): GuardRead => ({
  host,
  commands: Object.values(reads),
  async ask(gather) {
    const seen = await gather(host, reads);
    const answers = answersIn(seen, byObject);
    if (typeof answers === "string") {
      const why = `could not be asked whether it is safe: ${answers}`;
      return isConfirmedUninvolved ? null : objectionOn(host, [reason("HOST_UNREADABLE", why)]);
    }
    const objection = against(answers, notesIn(seen));
    return objectionOn(host, objection === null ? [] : [objection]);
  },
});

interface OnHost {
  readonly host: Host;
  readonly why: string;
}

/**
 * A condition that makes a command unnecessary. The bot asks until it is true, for at most `withinMs` milliseconds
 * after the stage began.
 */
interface SkipIf {
  readonly condition: ReadCommand<boolean>;
  readonly withinMs: number;
}

/**
 * A destructive step needs a guard; one that destroys the data on a LUN needs a guard of the LUN. Otherwise it does not
 * compile.
 */
export type Step = OnHost &
  (
    | {
        readonly command: ReadCommand<unknown> | HostCommand<unknown, "change">;
        readonly guard?: Guard;
        readonly skipIf?: SkipIf;
      }
    | { readonly command: Destruction<unknown, "LUN">; readonly guard: LunGuard; readonly skipIf?: SkipIf }
    | { readonly command: Destruction<unknown, "VM">; readonly guard: Guard; readonly skipIf?: SkipIf }
    /**
     * A read that must return null before the plan continues. The bot asks again for at most `withinMs` milliseconds
     * (by default once).
     */
    | { readonly check: ReadCommand<string | null>; readonly withinMs?: number }
  );

export const commandOf = (step: Step): HostCommand<unknown> => ("check" in step ? step.check : step.command);
