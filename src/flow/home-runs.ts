import type { Operation } from "../core/operation.ts";
import type { Inline } from "../core/reply.ts";
import { few } from "../core/shared-facts.ts";
import type { RunNow } from "./stop-reply.ts";

/** An operation between its confirmation and its end, on a Home. */
export interface UnderWay {
  readonly operation: Operation;
  /** null: it is of the last run of the bot, and its end is not written yet. */
  readonly run: RunNow | null;
}
export type Queued = UnderWay & { readonly waits: NonNullable<RunNow["waits"]> };

/** The operations that run, and those that wait for them: the first in the queue first. */
export function underWay(
  { operations }: { readonly operations: readonly Operation[] },
  runs: readonly RunNow[] = [],
): { readonly running: UnderWay[]; readonly queued: Queued[] } {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const all = operations
    .filter(({ state }) => state === "confirmed" || state === "running")
    .map((operation) => ({ operation, run: byId.get(operation.id) ?? null }));
  const queued = all.flatMap((each) => (each.run?.waits ? [{ ...each, waits: each.run.waits }] : []));
  return {
    running: all.filter(({ run }) => run === null || run.waits === null),
    queued: queued.toSorted((one, other) => one.waits.ahead.length - other.waits.ahead.length),
  };
}

export const runningText = ({ operation, run }: UnderWay): Inline[] => [
  ...confirmedText(operation),
  ...stoppingText(run?.stopAsked ?? null),
];

const stoppingText = (asked: RunNow["stopAsked"]): Inline[] =>
  asked === null ? [] : ["\n", "Stops after this step, as ", { person: asked.by, isQuiet: true }, " asked."];

export const queuedText = ({ operation, waits: { ahead, until } }: Queued): Inline[] => [
  ...confirmedText(operation),
  "\n",
  `Place ${ahead.length} in the queue, after ${few(ahead)}. It waits until `,
  { at: until, shows: "clock" },
  " at most.",
];

const confirmedText = (operation: Operation): Inline[] => [
  { bold: operation.title },
  `\n${operation.id}, confirmed by `,
  operation.confirmedBy === null ? "nobody yet" : { person: operation.confirmedBy },
  ...(operation.confirmedAt === null ? [] : [" at ", { at: operation.confirmedAt, shows: "clock" } as const]),
];
