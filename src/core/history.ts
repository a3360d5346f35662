import type { OperationState } from "./operation.ts";
import { decisionLabel, type PlanDecision } from "./plan-decisions.ts";
import { type Cell, type Inline, linesPart, type Part } from "./reply.ts";

/** One operation as a history shows it; null is what is not kept or has not happened. */
interface PastOperation {
  readonly id: string;
  readonly state: OperationState | null;
  readonly result: string | null;
  readonly words: string | null;
  readonly askedBy: string | null;
  readonly askedAt: string;
  readonly decisions: readonly PlanDecision[];
  readonly confirmedBy: string | null;
}

/** Up to this number each is some lines on a phone; more of them are a table. */
const MOST_LINES = 20;

export function historyPart(operations: readonly PastOperation[]): Part {
  if (operations.length <= MOST_LINES) return linesPart("Latest first", operations.map(lineOf));
  // A narrow screen shows only the first columns.
  const columns = [...["id", "state", "asked by", "words", "result", "approved by", "confirmed by", "asked (UTC)"]];
  const rows = operations.map(({ id, state, result, words, askedBy, askedAt, decisions, confirmedBy }): Cell[] => [
    ...[id, state ?? "not ended", personCell(askedBy, "not kept"), words ?? "not kept", result ?? "none yet"],
    ...[decisionCell(decisions), personCell(confirmedBy, "nobody"), askedAt.slice(0, 19).replace("T", " ")],
  ]);
  return { kind: "table", columns, rows };
}

const personCell = (person: string | null, none: string): Cell => (person === null ? none : { person });

/** A cell has no room for more than one: that an operation ran without its approver is what matters. */
function decisionCell(decisions: readonly PlanDecision[]): Cell {
  const [last] = decisions.toSorted((one, other) => weight(other) - weight(one));
  if (last === undefined) return "";
  return last.kind === "approved" ? { person: last.by } : last.kind === "rejected" ? "rejected" : "BREAK-GLASS";
}
const weight = ({ kind }: PlanDecision): number => ["approved", "rejected", "break-glass"].indexOf(kind);

/** `op-1 done: all steps done in 5 s · sharedblock add … · asked by @alice, 12:53 · confirmed by @bob` */
function lineOf({ id, state, result, words, askedBy, askedAt, decisions, confirmedBy }: PastOperation): Inline[] {
  return [
    { bold: id },
    ` ${state ?? "not ended"}${result === null ? "" : `: ${result}`} · `,
    words === null ? "words not kept" : { code: words },
    " · asked",
    ...(askedBy === null ? [] : [" by ", { person: askedBy, isQuiet: true } as const]),
    ", ",
    { at: askedAt },
    ...decisions.flatMap((decision): Inline[] => [
      " · ",
      decision.kind === "approved" ? decisionLabel(decision) : { bold: decisionLabel(decision) },
      " ",
      { person: decision.by, isQuiet: true },
    ]),
    ...(confirmedBy === null ? [] : [" · confirmed by ", { person: confirmedBy, isQuiet: true } as const]),
  ];
}

/** `The latest operation`, `The latest 5 operations` */
export const latestTitle = (count: number, one: string, many = `${one}s`): string =>
  count === 1 ? `The latest ${one}` : `The latest ${count} ${many}`;
