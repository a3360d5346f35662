import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { AuditEntry, AuditEvent } from "../core/operation.ts";
import { Refusal } from "../core/refusal.ts";
import type { AuditLog } from "../flow/ports.ts";
import { type Line, lineNumberAt, linesBackwards, linesBetween } from "./audit-file.ts";
import { auditLine, noHash, parseAuditLine } from "./audit-line.ts";
import { putTornAside } from "./audit-torn.ts";
import {
  type BrokenChain,
  type ChainVerdict,
  type KnownLength,
  lengthsKnownTo,
  verifyChain,
  type WholeChain,
} from "./audit-verify.ts";
import { type Batch, GroupCommit } from "./group-commit.ts";
import { flushDirectory } from "./replace-file.ts";

/**
 * Opens `audit.jsonl`, once its whole chain was read and is whole, and at least as long as the operations and the inventory
 * know it. A damaged one throws and stays as it is.
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
    const verdict = await verifyChain(file, (await file.stat()).size, {
      lengths: lengthsKnownTo(knownBytes, inventory),
    });
    if (verdict.kind === "broken") throw damagedLog(path, verdict);
    const notice = await putTornAside(directory, path, verdict.bytes);
    return new OpenAuditLog(file, path, verdict, notice);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** An entry before it is known what it follows. */
type Unchained = Omit<AuditEntry, "id" | "previousHash" | "hash">;

/** The audit log: one entry a line, only ever appended to, each with the hash of the one before. */
export class OpenAuditLog implements AuditLog {
  /** What was found and done at the start that an operator should know; null mostly. */
  readonly notice: string | null;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #commit: GroupCommit<Unchained, AuditEntry>;
  /** Of the last entry on disk. */
  #head: { readonly id: number; readonly hash: string };

  constructor(file: FileHandle, path: string, whole: WholeChain, notice: string | null) {
    this.notice = notice;
    this.#file = file;
    this.#path = path;
    this.#commit = new GroupCommit(file, path, whole.bytes, (items) => this.#chained(items));
    this.#head = { id: whole.entries, hash: whole.lastHash ?? noHash };
  }

  async append(by: string, operationId: string | null, event: AuditEvent): Promise<AuditEntry> {
    // What could not be read again must not spoil what is written with it.
    const item = { at: new Date().toISOString(), by, operationId, event };
    auditLine({ id: 1, ...item, previousHash: noHash });
    return this.#commit.append(item);
  }

  /** Entries that follow the last one on disk; numbers and hashes advance only with what is written. */
  #chained(items: readonly Unchained[]): Batch<AuditEntry> {
    let head = this.#head;
    const made = items.map((item) => {
      const { entry, line } = auditLine({ id: head.id + 1, ...item, previousHash: head.hash });
      head = { id: entry.id, hash: entry.hash };
      return { entry, line };
    });
    return {
      bytes: Buffer.from(made.map(({ line }) => `${line}\n`).join("")),
      results: made.map(({ entry }) => entry),
      committed: () => {
        this.#head = head;
      },
    };
  }

  head(): { readonly id: number; readonly hash: string } {
    return this.#head;
  }

  /** Only what is on disk counts: operations keep it, and after a crash the log is compared with them. */
  position(): number {
    return this.#commit.onDisk;
  }

  async *backwards(): AsyncGenerator<AuditEntry> {
    for await (const line of linesBackwards(this.#file, this.#commit.onDisk)) yield await this.#entryOf(line);
  }

  /** The last entries, the latest first. */
  async tail(limit: number): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    if (limit <= 0) return entries;
    for await (const entry of this.backwards()) if (entries.push(entry) === limit) break;
    return entries;
  }

  async between(from: number, to: number | null): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    const end = Math.min(to ?? this.#commit.onDisk, this.#commit.onDisk);
    for await (const line of linesBetween(this.#file, from, end)) entries.push(await this.#entryOf(line));
    return entries;
  }

  /** Reads the whole log. */
  verify(): Promise<ChainVerdict> {
    return verifyChain(this.#file, this.#commit.onDisk);
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#commit.close();
    await this.#file.close();
  }

  async #entryOf(line: Line): Promise<AuditEntry> {
    try {
      return parseAuditLine(line.text);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const number = await lineNumberAt(this.#file, line.at);
      const why = `line ${number} of ${this.#path} was changed or damaged while the bot ran: ${problem}`;
      throw new Refusal("reading the audit log", [why, "compare it with a backup; npm run audit:verify checks it"], []);
    }
  }
}

const damagedLog = (path: string, { line, problem }: BrokenChain): Error =>
  new Error(
    `${path} is damaged: line ${line}: ${problem}. It was not changed. Restore it from a backup; to begin a new log, move it and operations.json away, keep both as evidence, and type npm run audit:begin -- "why".`,
  );
