import { type AuditSieve, wordsIn } from "../core/audit-sieve.ts";
import { operationStates } from "../core/operation.ts";
import { yieldToOthers } from "../core/parts.ts";
import { risks } from "../core/policy.ts";
import type { Span } from "./audit-file.ts";
import type { LogFile } from "./audit-log-file.ts";
import { type AuditRows, codeOf, OTHER, operationNumber, PLANNED, personHash, wordHash } from "./audit-rows.ts";

/** A file of the log, and its rows. */
export interface Indexed {
  readonly file: LogFile;
  readonly rows: AuditRows;
}
/** An entry that may match, by its place. */
export interface Hit extends Indexed {
  readonly row: number;
}
export const spanOf = ({ rows, row }: Hit): Span => rows.span(row);

/** So many rows are compared in a few milliseconds. */
const ROWS_AT_ONCE = 20_000;

type Condition = (rows: AuditRows, row: number) => boolean;

/** The sieve as conditions on a row. */
function conditionsOf({ since, until, people, words, outcome, risk }: AuditSieve): readonly Condition[] {
  const conditions: Condition[] = [];
  if (since !== null || until !== null) {
    const [from, to] = [since ?? Number.NEGATIVE_INFINITY, until ?? Number.POSITIVE_INFINITY];
    conditions.push((rows, row) => rows.atMs(row) >= from && rows.atMs(row) <= to);
  }
  if (people !== null) {
    const hashes = people.map(personHash);
    conditions.push((rows, row) => rows.hasWord(row, hashes));
  }
  for (const any of words) {
    const hashes = any.map(longestWordOf);
    // A name without a letter or digit is in no word: only the search can find it.
    if (hashes.every((hash) => hash !== null)) conditions.push((rows, row) => rows.hasWord(row, hashes));
  }
  if (outcome !== null) {
    const code = codeOf(operationStates, outcome);
    conditions.push((rows, row) => rows.outcome(row) === code);
  }
  if (risk !== null) {
    const code = codeOf(risks, risk);
    conditions.push((rows, row) => rows.risk(row) === code);
  }
  return conditions;
}

function longestWordOf(name: string): number | null {
  const [longest] = wordsIn(name).sort((left, right) => right.length - left.length);
  return longest === undefined ? null : wordHash(longest);
}

/** The entries that may match, the latest first. `files`: the latest first, each with its rows when it is asked for. */
export async function* entriesIn(files: AsyncIterable<Indexed>, sieve: AuditSieve): AsyncGenerator<readonly Hit[]> {
  const conditions = conditionsOf(sieve);
  const operation = operationNumber(sieve.operation);
  const { since } = sieve;
  for await (const { file, rows } of files) {
    if (since !== null && rows.latestMs < since) return;
    for (let end = rows.length; end > 0; end -= ROWS_AT_ONCE) {
      const hits: Hit[] = [];
      for (let row = end - 1; row >= Math.max(0, end - ROWS_AT_ONCE); row--) {
        if (operation !== 0 && rows.operation(row) !== operation) continue;
        if (conditions.every((holds) => holds(rows, row))) hits.push({ file, rows, row });
      }
      if (hits.length > 0) yield hits;
      await yieldToOthers();
    }
  }
}

/** An operation of which not all entries were seen. */
interface Open {
  /** A bit for each condition that one of its entries meets. */
  met: number;
  /** What a list shows of it, and some entries that meet a condition; the latest first. */
  readonly hits: Hit[];
  /** For each condition, the entries that meet it and are not of a kind that a list shows. */
  readonly counts: number[];
}

/** Entries that are read to decide whether a condition is met: an entry may be found by mistake. */
const READ_FOR_A_CONDITION = 3;

/**
 * The operations that may match, the latest first: of each the entries that a list shows, and some that meet the
 * conditions. An operation is complete at its plan, or at the beginning of the log.
 */
export async function* operationsIn(
  files: AsyncIterable<Indexed>,
  sieve: AuditSieve,
): AsyncGenerator<readonly (readonly Hit[])[]> {
  const conditions = conditionsOf(sieve);
  const all = 2 ** conditions.length - 1;
  const only = operationNumber(sieve.operation);
  const { since } = sieve;
  const open = new Map<number, Open>();
  for await (const { file, rows } of files) {
    // Older operations have no entry in the time. An open one may still lack its plan.
    const isOver = since !== null && rows.latestMs < since;
    if (isOver && open.size === 0) break;
    for (let end = rows.length; end > 0; end -= ROWS_AT_ONCE) {
      const found: (readonly Hit[])[] = [];
      for (let row = end - 1; row >= Math.max(0, end - ROWS_AT_ONCE); row--) {
        const number = rows.operation(row);
        if (number === 0 || (only !== 0 && number !== only)) continue;
        let own = open.get(number);
        if (own === undefined) {
          if (isOver) continue;
          own = { met: 0, hits: [], counts: [] };
          open.set(number, own);
        }
        const kind = rows.kind(row);
        let isRead = kind !== OTHER;
        for (let index = 0; index < conditions.length; index++) {
          // Enough is known of this condition.
          if ((own.counts[index] ?? 0) >= READ_FOR_A_CONDITION) continue;
          if (conditions[index]?.(rows, row) !== true) continue;
          own.met |= 1 << index;
          if (kind !== OTHER) continue;
          own.counts[index] = (own.counts[index] ?? 0) + 1;
          isRead = true;
        }
        if (isRead) own.hits.push({ file, rows, row });
        if (kind !== PLANNED) continue;
        open.delete(number);
        if (own.met === all) found.push(own.hits);
      }
      if (found.length > 0) yield found;
      await yieldToOthers();
    }
  }
  yield [...open.values()].filter(({ met }) => met === all).map(({ hits }) => hits);
}
