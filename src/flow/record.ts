import type { Operation } from "../core/operation.ts";
import type { Inline } from "../core/reply.ts";

export const asked = (words: string, by: string): Inline[] => ["Asked by ", { person: by }, ": ", { code: words }];

/** `Cancelled by @alice, 20:31` */
export const doneBy = (what: string, by: string | null, at: string | null): Inline[] => [
  what,
  ...(by === null ? [] : [" by ", { person: by }]),
  ...(at === null ? [] : [", ", { at, shows: "clock" as const }]),
];

/**
 * The line under a message once its buttons are gone: who did what, and when. `what`: the result of a plan that
 * nobody confirmed.
 */
export function recordOf(operation: Operation, what: readonly Inline[] = []): Inline[] {
  const { confirmedBy, confirmedAt, words, askedBy } = operation;
  const confirmed = confirmedBy === null ? [] : doneBy("Confirmed", confirmedBy, confirmedAt);
  const all = [confirmed, what, asked(words, askedBy)].filter(({ length }) => length > 0);
  return all.flatMap((each, index) => (index === 0 ? each : [" · ", ...each]));
}
