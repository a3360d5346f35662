import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { MOST_ENTRIES } from "../core/audit-search.ts";
import type { AuditEntry, AuditEvent } from "../core/operation.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { AuditLog } from "../flow/ports.ts";
import { lineToType } from "../line-to-type.ts";
import { flushDirectory } from "../replace-file.ts";
import {
  type BrokenChain,
  type ChainVerdict,
  type KnownLength,
  lengthsKnownTo,
  verifyChain,
  type WholeChain,
} from "./audit-chain.ts";
import { type Line, linesAt, linesBackwards, linesBetween, longestLineBytes } from "./audit-file.ts";
import { auditLine, noHash, parseAuditLine } from "./audit-line.ts";
import { movePartialLineAside } from "./audit-partial-line.ts";
import { type Batch, GroupCommit } from "./group-commit.ts";
import { OperationLines } from "./operation-lines.ts";

/**
 * Opens `audit.jsonl` after a check of its complete chain and of the length that the operations and the inventory know.
 * Throws if it is damaged, and leaves it unchanged.
 */
export async function openAuditLog(
  directory: string,
  knownBytes = 0,
  inventory: KnownLength | null = null,
): Promise<OpenAuditLog> {
  const path = join(directory, "audit.jsonl");
  const file = await open(path, "a+", 0o600);
  try {
    await flushDirectory(directory);
    const lengths = lengthsKnownTo(knownBytes, inventory);
    // One more than a search reads: it shows that there are older ones.
    const ofOperations = new OperationLines(MOST_ENTRIES + 1);
    const marks = new Marks();
    const verdict = await verifyChain(file, (await file.stat()).size, { lengths }, ({ id, operationId }, line) => {
      marks.add(id, line.at);
      if (operationId !== null) ofOperations.add(line);
    });
    if (verdict.kind === "broken") throw damagedLog(path, verdict);
    const notice = await movePartialLineAside(directory, path, verdict.bytes);
    return new OpenAuditLog(file, path, verdict, { ofOperations, marks }, notice);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** An entry without its predecessor yet. */
type Unchained = Omit<AuditEntry, "id" | "previousHash" | "hash">;

/** The audit log: one entry per line, append-only, each with the hash of the one before. */
export class OpenAuditLog implements AuditLog {
  /** A repair at the start that the operator must know; usually null. */
  readonly notice: string | null;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #commit: GroupCommit<Unchained, AuditEntry>;
  readonly #ofOperations: OperationLines;
  readonly #marks: Marks;
  /** Of the last entry on disk. */
  #head: { readonly id: number; readonly hash: string };

  constructor(file: FileHandle, path: string, whole: WholeChain, places: Places, notice: string | null) {
    this.notice = notice;
    this.#ofOperations = places.ofOperations;
    this.#marks = places.marks;
    this.#file = file;
    this.#path = path;
    this.#commit = new GroupCommit(file, path, whole.bytes, (items) => this.#chained(items));
    this.#head = { id: whole.entries, hash: whole.lastHash ?? noHash };
  }

  async append(by: string, operationId: string | null, event: AuditEvent): Promise<AuditEntry> {
    // An entry that could not be read back must not break the entries that are written with it.
    const item = { at: new Date().toISOString(), by, operationId, event };
    const { line } = auditLine({ id: 1, ...item, previousHash: noHash });
    if (Buffer.byteLength(line) + NUMBER_BYTES > longestLineBytes) {
      throw new Error(`an entry of ${line.length} characters is too long for the audit log`);
    }
    return this.#commit.append(item);
  }

  /** Entries after the last one on disk. Numbers and hashes advance only with written entries. */
  #chained(items: readonly Unchained[]): Batch<AuditEntry> {
    let head = this.#head;
    let at = this.#commit.onDisk;
    const made = items.map((item) => {
      const { entry, line } = auditLine({ id: head.id + 1, ...item, previousHash: head.hash });
      head = { id: entry.id, hash: entry.hash };
      const bytes = Buffer.from(`${line}\n`);
      const span = { at, end: at + bytes.length };
      at = span.end;
      return { entry, bytes, span };
    });
    return {
      bytes: Buffer.concat(made.map(({ bytes }) => bytes)),
      results: made.map(({ entry }) => entry),
      committed: () => {
        this.#head = head;
        for (const { entry, span } of made) {
          this.#marks.add(entry.id, span.at);
          if (entry.operationId !== null) this.#ofOperations.add(span);
        }
      },
    };
  }

  head(): { readonly id: number; readonly hash: string } {
    return this.#head;
  }

  /** Only bytes on disk count: operations store the position, and after a crash the log is compared with them. */
  position(): number {
    return this.#commit.onDisk;
  }

  async *backwards(only: "all" | "of operations" = "all"): AsyncGenerator<AuditEntry> {
    const lines =
      only === "all" ? linesBackwards(this.#file, this.#commit.onDisk) : linesAt(this.#file, this.#ofOperations.latest);
    for await (const line of lines) yield this.#entryOf(line);
  }

  /** The last entries, the latest first. */
  async tail(limit: number): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    if (limit <= 0) return entries;
    for await (const entry of this.backwards()) if (entries.push(entry) === limit) break;
    return entries;
  }

  async between(from: number, to: number | null, operationId: string | null = null): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    const end = Math.min(to ?? this.#commit.onDisk, this.#commit.onDisk);
    for await (const line of linesBetween(this.#file, from, end)) {
      const entry = this.#entryOf(line);
      if (operationId === null || entry.operationId === operationId) entries.push(entry);
    }
    return entries;
  }

  async after(id: number, limit: number): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    if (limit <= 0 || id >= this.#head.id) return entries;
    let from: number | null = null;
    for await (const line of linesBetween(this.#file, this.#marks.before(id + 1), this.#commit.onDisk)) {
      const entry = this.#entryOf(line);
      if (entry.id <= id) continue;
      from ??= line.at;
      if (entries.push(entry) >= limit || line.end - from >= MOST_BYTES_AFTER) break;
    }
    return entries;
  }

  /** Reads the complete log. */
  verify(): Promise<ChainVerdict> {
    return verifyChain(this.#file, this.#commit.onDisk);
  }

  /** Waits for pending writes. */
  async close(): Promise<void> {
    await this.#commit.close();
    await this.#file.close();
  }

  #entryOf(line: Line): AuditEntry {
    try {
      return parseAuditLine(line.text);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const why = `the line at byte ${line.at} was changed or damaged while the bot ran: ${problem}`;
      throw new Refusal(`${this.#path} can't be read`, reason("AUDIT_LOG_DAMAGED", why));
    }
  }
}

/** A reader that falls behind gets no more at once. */
const MOST_BYTES_AFTER = 1024 * 1024;

interface Places {
  readonly ofOperations: OperationLines;
  readonly marks: Marks;
}

/** The place of every 256th entry, so that an entry is found by its number without a scan of the log. */
class Marks {
  readonly #places: number[] = [];

  /** Entries come in the order of their numbers, 1 2 3 … */
  add(id: number, at: number): void {
    if ((id - 1) % MARK_EVERY === 0) this.#places.push(at);
  }

  /** A place in bytes at or before the entry, at most 255 entries before it. */
  before(id: number): number {
    return this.#places[Math.floor((Math.max(1, id) - 1) / MARK_EVERY)] ?? 0;
  }
}
const MARK_EVERY = 256;

/** Room for a longer number than the one with which an entry was measured. */
const NUMBER_BYTES = 100;

export const damagedLog = (path: string, { line, problem }: BrokenChain): Refusal =>
  new Refusal(
    `${path} can't be read`,
    reason(
      "AUDIT_LOG_DAMAGED",
      `line ${line}: ${problem}`,
      "restore it from a backup",
      `or move it and operations.json away as evidence, and type ${lineToType("audit begin", '"why"')}`,
    ),
  );
