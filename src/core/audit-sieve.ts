import type { AuditEntry, AuditEvent, OperationState } from "./operation.ts";
import type { Risk } from "./policy.ts";

/**
 * What an index can decide about an entry of the log without reading it. What it lets through may match; the search
 * reads it and decides. Null, or an empty list: everything is let through.
 */
export interface AuditSieve {
  /** Milliseconds since the epoch. */
  readonly since: number | null;
  readonly until: number | null;
  /** One of these people did it. */
  readonly people: readonly string[] | null;
  /** For each condition, the entry has one of these words. */
  readonly words: readonly (readonly string[])[];
  readonly operation: string | null;
  readonly outcome: OperationState | null;
  readonly risk: Risk | null;
}

export const everything: AuditSieve = {
  ...{ since: null, until: null, people: null, words: [] },
  ...{ operation: null, outcome: null, risk: null },
};

/** More words of one entry are not kept: it is then let through for each word. */
export const MOST_WORDS = 400;

const WORD = /[\w.-]+/g;

/** The words of a text as names are compared: `ps-1` and `ps-10` are two. An option of a program is no name. */
export const wordsIn = (text: string): string[] => (text.match(WORD) ?? []).filter((word) => !word.startsWith("-"));

/** The texts of an event in which names are found. */
export function textsOf(event: AuditEvent): readonly string[] {
  switch (event.kind) {
    case "asked":
    case "acted":
    case "planned":
      return [event.words];
    case "began":
      return event.argv;
    case "recording":
      return [JSON.stringify(event.changes)];
    default:
      return [];
  }
}

export const hostOf = (event: AuditEvent): string | null => ("host" in event ? event.host : null);

/** The result that an entry reports: of a step, or of the operation. */
export const outcomeOf = ({ event }: AuditEntry): OperationState | null =>
  event.kind === "ended" ? event.state : event.kind === "finished" ? event.outcome.kind : null;

export const riskOf = ({ event }: AuditEntry): Risk | null => (event.kind === "planned" ? (event.risk ?? null) : null);
