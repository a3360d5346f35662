import { hostOf, MOST_WORDS, outcomeOf, riskOf, textsOf, wordsIn } from "../core/audit-sieve.ts";
import { type AuditEntry, type AuditEvent, operationStates } from "../core/operation.ts";
import { risks } from "../core/policy.ts";
import type { Span } from "./audit-file.ts";

/** What an entry is for a search by operation. Only these are distinguished. */
export const [OTHER, PLANNED, CONFIRMED, ENDED, DECIDED] = [0, 1, 2, 3, 4];

/** The kind of a row, from the entry's event. */
const kinds: Readonly<Partial<Record<AuditEvent["kind"], number>>> = {
  ...{ planned: PLANNED, confirmed: CONFIRMED, ended: ENDED },
  ...{ approved: DECIDED, rejected: DECIDED, "break-glass": DECIDED },
};

/** An array of numbers that grows. It takes as few bytes a number as its type. */
type Numbers = Float64Array | Uint32Array | Uint8Array;

class Column<T extends Numbers> {
  #numbers: T;
  #length: number;
  readonly #longer: (length: number) => T;

  constructor(longer: (length: number) => T, numbers: T = longer(64)) {
    this.#longer = longer;
    this.#numbers = numbers;
    this.#length = 0;
  }

  static of<T extends Numbers>(longer: (length: number) => T, numbers: T): Column<T> {
    const column = new Column(longer, numbers);
    column.#length = numbers.length;
    return column;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const longer = this.#longer(Math.max(64, this.#length * 2));
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[this.#length++] = number;
  }

  get length(): number {
    return this.#length;
  }

  get used(): Numbers {
    return this.#numbers.subarray(0, this.#length);
  }

  at(index: number): number {
    return this.#numbers[index] ?? 0;
  }
}

const floats = (length: number): Float64Array => new Float64Array(length);
const integers = (length: number): Uint32Array => new Uint32Array(length);
const bytes = (length: number): Uint8Array => new Uint8Array(length);

/** The columns as they are on disk, in this order: the widest numbers first, so that each is aligned. */
export type StoredColumns = readonly [
  at: Float64Array,
  place: Float64Array,
  operation: Uint32Array,
  wordsEnd: Uint32Array,
  words: Uint32Array,
  kind: Uint8Array,
  outcome: Uint8Array,
  risk: Uint8Array,
];

/**
 * One row for each entry of a file of the log: what a search needs to know of it, in some 50 bytes. Words are kept as
 * 32-bit hashes, so a row may be found by mistake, and never missed.
 */
export class AuditRows {
  readonly #at: Column<Float64Array>;
  /** Where the entry begins in its file. */
  readonly #place: Column<Float64Array>;
  /** The number of its operation; 0: none. */
  readonly #operation: Column<Uint32Array>;
  /** Where its words end in `#words`. */
  readonly #wordsEnd: Column<Uint32Array>;
  readonly #words: Column<Uint32Array>;
  readonly #kind: Column<Uint8Array>;
  readonly #outcome: Column<Uint8Array>;
  readonly #risk: Column<Uint8Array>;
  /** Where the last entry ends. */
  #end: number;
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(stored?: { readonly columns: StoredColumns; readonly end: number }) {
    const of = stored?.columns;
    this.#at = of ? Column.of(floats, of[0]) : new Column(floats);
    this.#place = of ? Column.of(floats, of[1]) : new Column(floats);
    this.#operation = of ? Column.of(integers, of[2]) : new Column(integers);
    this.#wordsEnd = of ? Column.of(integers, of[3]) : new Column(integers);
    this.#words = of ? Column.of(integers, of[4]) : new Column(integers);
    this.#kind = of ? Column.of(bytes, of[5]) : new Column(bytes);
    this.#outcome = of ? Column.of(bytes, of[6]) : new Column(bytes);
    this.#risk = of ? Column.of(bytes, of[7]) : new Column(bytes);
    this.#end = stored?.end ?? 0;
    for (let row = 0; row < this.length; row++) this.#latestMs = Math.max(this.#latestMs, this.#at.at(row));
  }

  /** Entries come in the order of the file. */
  add(entry: AuditEntry, { at, end }: Span): void {
    const time = Date.parse(entry.at);
    this.#at.push(time);
    this.#place.push(at);
    this.#operation.push(operationNumber(entry.operationId));
    this.#kind.push(kinds[entry.event.kind] ?? OTHER);
    this.#outcome.push(codeOf(operationStates, outcomeOf(entry)));
    this.#risk.push(codeOf(risks, riskOf(entry)));
    for (const hash of hashesOf(entry)) this.#words.push(hash);
    this.#wordsEnd.push(this.#words.length);
    this.#end = end;
    this.#latestMs = Math.max(this.#latestMs, time);
  }

  get length(): number {
    return this.#at.length;
  }

  /** The latest time of an entry, in milliseconds since the epoch. */
  get latestMs(): number {
    return this.#latestMs;
  }

  get end(): number {
    return this.#end;
  }

  get columns(): readonly Numbers[] {
    return [
      ...[this.#at, this.#place, this.#operation, this.#wordsEnd],
      ...[this.#words, this.#kind, this.#outcome, this.#risk],
    ].map(({ used }) => used);
  }

  atMs = (row: number): number => this.#at.at(row);
  operation = (row: number): number => this.#operation.at(row);
  kind = (row: number): number => this.#kind.at(row);
  outcome = (row: number): number => this.#outcome.at(row);
  risk = (row: number): number => this.#risk.at(row);

  span(row: number): Span {
    const next = row + 1;
    return { at: this.#place.at(row), end: next < this.length ? this.#place.at(next) : this.#end };
  }

  /** Whether the entry has one of these words. */
  hasWord(row: number, hashes: readonly number[]): boolean {
    const end = this.#wordsEnd.at(row);
    for (let at = row === 0 ? 0 : this.#wordsEnd.at(row - 1); at < end; at++) {
      const hash = this.#words.at(at);
      if (hash === ANY_WORD || hashes.includes(hash)) return true;
    }
    return false;
  }
}

/** Of an entry with more words than are kept. */
const ANY_WORD = 0;

function hashesOf(entry: AuditEntry): Iterable<number> {
  const host = hostOf(entry.event);
  const words = new Set([personHash(entry.by), ...(host === null ? [] : [wordHash(host)])]);
  for (const text of textsOf(entry.event)) {
    for (const word of wordsIn(text)) {
      words.add(wordHash(word));
      if (words.size > MOST_WORDS) return [personHash(entry.by), ANY_WORD];
    }
  }
  return words;
}

export const personHash = (person: string): number => wordHash(`@${person.toLowerCase()}`);

/** FNV-1a with 32 bits; never 0. */
export function wordHash(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0 || 1;
}

/** `op-12` is 12; 0: none. */
export const operationNumber = (id: string | null): number =>
  id === null ? 0 : Number(id.slice(id.indexOf("-") + 1)) || 0;

/** 0: none. */
export const codeOf = <T>(list: readonly T[], value: T | null): number =>
  value === null ? 0 : list.indexOf(value) + 1;
