import { type FileHandle, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { type AuditSieve, everything } from "../core/audit-sieve.ts";
import type { AuditVerdict, BrokenLog } from "../core/audit-verdict.ts";
import type { AuditEntry, AuditEvent } from "../core/operation.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { AuditLog } from "../flow/ports.ts";
import { lineToType } from "../line-to-type.ts";
import { flushDirectory } from "../replace-file.ts";
import { archiveOld } from "./audit-archive.ts";
import { type KnownLength, type LogFacts, lengthsKnownTo, verifyChain, type WholeChain } from "./audit-chain.ts";
import { CheckpointWriter, readCheckpoints, SIGNED_EVERY, signed } from "./audit-checkpoints.ts";
import { type Line, longestLineBytes } from "./audit-file.ts";
import { entriesIn, type Hit, type Indexed, operationsIn, spanOf } from "./audit-find.ts";
import { CURRENT, closedName } from "./audit-folder.ts";
import { AuditIndex } from "./audit-index.ts";
import { type AuditKey, openAuditKey } from "./audit-key.ts";
import { auditLine, noHash, parseAuditLine } from "./audit-line.ts";
import { LogFile } from "./audit-log-file.ts";
import { movePartialLineAside } from "./audit-partial-line.ts";
import { AuditRows } from "./audit-rows.ts";
import { checkClosedFiles } from "./audit-start.ts";
import { verifyLog } from "./audit-verify.ts";
import { type Batch, GroupCommit } from "./group-commit.ts";

/** A file of this size is closed, and a new one begins: a start reads the current file completely, in a second. */
const CLOSED_AT_BYTES = 16 * 1024 * 1024;

interface Options {
  readonly closedAtBytes?: number;
  /** Closed files older than so many days are packed into the folder `archive`. null: never. */
  readonly archiveDays?: number | null;
  /** Work failed that only costs time or is done again later. */
  readonly failed?: (doing: string, error: unknown) => void;
}

/**
 * Opens the log after a check of its current file, of the closed files' sizes and ends, and of the length that the
 * operations and the inventory know. Throws if it is damaged, and leaves it unchanged.
 */
export async function openAuditLog(
  directory: string,
  knownBytes = 0,
  inventory: KnownLength | null = null,
  options: Options = {},
): Promise<OpenAuditLog> {
  const path = join(directory, CURRENT);
  const key = await openAuditKey(directory);
  const signatures = await readCheckpoints(directory);
  const closed = await checkClosedFiles(directory, path, signatures);
  if ("kind" in closed) throw damagedLog(closed);
  const file = await open(path, "a+", 0o600);
  try {
    await flushDirectory(directory);
    const { size, ino: inode } = await file.stat();
    const from = closed.files.at(-1)?.to ?? 0;
    const current = new LogFile({ firstId: (closed.last?.id ?? 0) + 1, from, path, bytes: size, isPacked: false });
    current.keep(file);
    const anchors = closed.signed.map(({ id, hash }) => ({ id, hash, how: "signed" as const }));
    const rows = new AuditRows();
    const lengths = lengthsKnownTo(knownBytes, inventory);
    const verdict = await verifyChain([current], { lengths, anchors, before: closed.last }, (entry, line) =>
      rows.add(entry, line),
    );
    if (verdict.kind === "broken") throw damagedLog(verdict);
    const torn = await movePartialLineAside(directory, path, verdict.bytes - from);
    const notice = [torn, elsewhere(closed.files)].filter((each) => each !== null).join(". ") || null;
    current.grew(verdict.bytes - from);
    const checkpoints = await CheckpointWriter.open(directory, signatures);
    return new OpenAuditLog(
      { directory, file, inode, current, rows, closed: closed.files, key, checkpoints, notice, verdict },
      options,
    );
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** For people: the oldest files may have been moved to another place. */
function elsewhere([first]: readonly LogFile[]): string | null {
  if (first === undefined || first.firstId === 1) return null;
  return `the audit log begins with entry ${first.firstId} in ${first.path}: the files before it are not in the data folder`;
}

interface Opened {
  readonly directory: string;
  readonly file: FileHandle;
  readonly inode: number;
  readonly current: LogFile;
  readonly rows: AuditRows;
  readonly closed: readonly LogFile[];
  readonly key: AuditKey;
  readonly checkpoints: CheckpointWriter;
  readonly notice: string | null;
  readonly verdict: WholeChain;
}

/** An entry without its predecessor yet. */
type Unchained = Omit<AuditEntry, "id" | "previousHash" | "hash">;

/** The audit log: one entry per line, append-only, each with the hash of the one before. Old files are closed. */
export class OpenAuditLog implements AuditLog {
  /** A repair at the start that the operator must know; usually null. */
  readonly notice: string | null;
  /** Of the key that signs the log. */
  readonly key: Pick<AuditKey, "fingerprint" | "publicKey">;
  readonly #directory: string;
  readonly #signer: AuditKey;
  readonly #commit: GroupCommit<Unchained, AuditEntry>;
  readonly #checkpoints: CheckpointWriter;
  readonly #index: AuditIndex;
  readonly #options: Options;
  readonly #closed: LogFile[];
  /** In the background: signatures, the index, the archive. */
  readonly #work = new Set<Promise<unknown>>();
  #current: LogFile;
  #rows: AuditRows;
  #closesAt: number;
  #inode: number;
  /** New names may not be on disk yet. */
  #isFolderDirty = false;
  #archiving: Promise<void> | null = null;
  /** Of the last entry on disk. */
  #head: { readonly id: number; readonly hash: string };

  constructor(opened: Opened, options: Options) {
    const { file, current, verdict } = opened;
    this.notice = opened.notice;
    this.key = opened.key;
    this.#directory = opened.directory;
    this.#signer = opened.key;
    this.#checkpoints = opened.checkpoints;
    this.#options = options;
    this.#index = new AuditIndex(opened.directory, (doing, error) => this.#failed(doing, error));
    this.#closed = [...opened.closed];
    this.#current = current;
    this.#rows = opened.rows;
    this.#inode = opened.inode;
    this.#closesAt = options.closedAtBytes ?? CLOSED_AT_BYTES;
    this.#head = { id: verdict.entries, hash: verdict.lastHash ?? noHash };
    this.#commit = new GroupCommit(
      file,
      current.path,
      current.bytes,
      (items) => this.#chained(items),
      () => this.#closeIfLong(),
    );
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
        this.#current.grew(at);
        for (const { entry, span } of made) {
          this.#rows.add(entry, span);
          if (entry.id % SIGNED_EVERY === 0) this.#sign(entry, this.#current.from + span.end);
        }
      },
    };
  }

  /** Of the file that is written now. */
  get inode(): number {
    return this.#inode;
  }

  head(): { readonly id: number; readonly hash: string } {
    return this.#head;
  }

  /** Only bytes on disk count: operations store the position, and after a crash the log is compared with them. */
  position(): number {
    return this.#current.to;
  }

  async *backwards(sieve: AuditSieve = everything): AsyncGenerator<AuditEntry> {
    for await (const hits of entriesIn(this.#indexed(), sieve)) {
      const step = hits[0]?.file.isPacked ? hits.length : HITS_AT_ONCE;
      for (let at = 0; at < hits.length; at += step)
        for (const [line, file] of await linesOf(hits.slice(at, at + step))) yield entryOf(line, file);
    }
  }

  async *operations(sieve: AuditSieve = everything): AsyncGenerator<readonly AuditEntry[]> {
    for await (const found of operationsIn(this.#indexed(), sieve)) {
      for (const hits of found) yield (await linesOf(hits)).map(([line, file]) => entryOf(line, file));
    }
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
    const end = Math.min(to ?? this.position(), this.position());
    for (const file of this.#files.filter((each) => each.from < end && each.to > from)) {
      for await (const line of file.lines(from, end)) {
        const entry = entryOf(line, file);
        if (operationId === null || entry.operationId === operationId) entries.push(entry);
      }
    }
    return entries;
  }

  async after(id: number, limit: number): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    if (limit <= 0 || id >= this.#head.id) return entries;
    let bytes = 0;
    for (const file of this.#files) {
      const next = (entries.at(-1)?.id ?? id) + 1;
      const rows = file === this.#current ? this.#rows : null;
      if (rows === null && next >= this.#idAfter(file)) continue;
      const place = (rows ?? (await this.#index.rowsOf(file))).span(Math.max(0, next - file.firstId)).at;
      for await (const line of file.lines(file.from + place)) {
        entries.push(entryOf(line, file));
        bytes += line.end - line.at;
        if (entries.length >= limit || bytes >= MOST_BYTES_AFTER) return entries;
      }
    }
    return entries;
  }

  /** The number after the last entry of a closed file. */
  #idAfter(file: LogFile): number {
    return this.#files[this.#files.indexOf(file) + 1]?.firstId ?? this.#head.id + 1;
  }

  get #files(): readonly LogFile[] {
    return [...this.#closed, this.#current];
  }

  /** The latest first. Each has its rows when it is needed. */
  async *#indexed(): AsyncGenerator<Indexed> {
    const closed = this.#closed.toReversed();
    yield { file: this.#current, rows: this.#rows };
    for (const file of closed) yield { file, rows: await this.#index.rowsOf(file) };
  }

  /** Reads the complete log, and all signatures. */
  async verify(known: LogFacts = {}): Promise<AuditVerdict> {
    return verifyLog(this.#directory, this.#files, await readCheckpoints(this.#directory), known);
  }

  /** Begins a new file if this one is long. Only between two batches, when the file ends with a complete line. */
  async #closeIfLong(): Promise<void> {
    if (this.#isFolderDirty) await this.#flushFolder();
    if (this.#commit.onDisk < this.#closesAt || !this.#commit.isClean) return;
    try {
      await this.#continueInNewFile();
    } catch (error) {
      // The long file is as good as a short one, and the next attempt is soon.
      this.#closesAt = this.#commit.onDisk + AGAIN_BYTES;
      this.#failed("closing a long file of the audit log", error);
      return;
    }
    await this.#flushFolder();
    this.archive();
  }

  async #continueInNewFile(): Promise<void> {
    const path = join(this.#directory, CURRENT);
    const closed = this.#current;
    const closedPath = join(this.#directory, closedName(closed.firstId));
    await rename(path, closedPath);
    const file = await open(path, "ax+", 0o600).catch(async (error: unknown) => {
      await rename(closedPath, path);
      throw error;
    });
    this.#inode = (await file.stat()).ino;
    // All at once: a reader sees the log before or after it.
    closed.movedTo(closedPath, false);
    this.#closed.push(closed);
    this.#isFolderDirty = true;
    this.#closesAt = this.#options.closedAtBytes ?? CLOSED_AT_BYTES;
    this.#current = new LogFile({ firstId: this.#head.id + 1, from: closed.to, path, bytes: 0, isPacked: false });
    this.#current.keep(file);
    this.#commit.continueIn(file, path);
    this.#inBackground("writing the index of the log", this.#index.keep(closed, this.#rows));
    this.#rows = new AuditRows();
    this.#sign(this.#head, closed.to);
    await closed.retire();
  }

  /** A crash would lose the entries of a file if its name is not on disk. */
  async #flushFolder(): Promise<void> {
    await flushDirectory(this.#directory);
    this.#isFolderDirty = false;
  }

  #sign({ id, hash }: { readonly id: number; readonly hash: string }, bytes: number): void {
    const checkpoint = signed({ id, hash, bytes }, new Date().toISOString(), this.#signer);
    this.#inBackground("signing the audit log", this.#checkpoints.append(checkpoint));
  }

  /** Moves old closed files into the archive, in the background. */
  archive(nowMs = Date.now()): void {
    const { archiveDays = null } = this.#options;
    if (archiveDays === null || this.#archiving !== null) return;
    const work = archiveOld(this.#directory, this.#closed, archiveDays, nowMs).then(() => undefined);
    this.#archiving = work;
    this.#inBackground(
      "archiving old files of the audit log",
      work.finally(() => {
        this.#archiving = null;
      }),
    );
  }

  #inBackground(doing: string, work: Promise<unknown>): void {
    const ended: Promise<unknown> = work
      .catch((error) => this.#failed(doing, error))
      .finally(() => this.#work.delete(ended));
    this.#work.add(ended);
  }

  #failed(doing: string, error: unknown): void {
    this.#options.failed?.(doing, error);
  }

  /** Waits for pending work. */
  async settled(): Promise<void> {
    await Promise.all(this.#work);
  }

  /** Waits for pending writes, and signs the last entry. */
  async close(): Promise<void> {
    await this.#commit.close();
    if (this.#head.id > this.#checkpoints.last) this.#sign(this.#head, this.position());
    await this.settled();
    await this.#checkpoints.close();
    await this.#current.retire();
  }
}

/** A list shows some tens of entries. */
const HITS_AT_ONCE = 100;
/** A reader that falls behind gets no more at once. */
const MOST_BYTES_AFTER = 1024 * 1024;
/** If a file can't be closed, it is tried again after so many more bytes. */
const AGAIN_BYTES = 1024 * 1024;

/** Of hits in order, the latest first. */
async function linesOf(hits: readonly Hit[]): Promise<(readonly [Line, LogFile])[]> {
  const found: (readonly [Line, LogFile])[] = [];
  for (let first = 0; first < hits.length; ) {
    const file = hits[first]?.file;
    if (file === undefined) break;
    let end = first;
    while (hits[end]?.file === file) end++;
    const lines = await file.at(hits.slice(first, end).map(spanOf).reverse());
    found.push(...lines.map((line) => [line, file] as const));
    first = end;
  }
  return found;
}

function entryOf(line: Line, file: LogFile): AuditEntry {
  try {
    return parseAuditLine(line.text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const why = `the line at byte ${line.at} was changed or damaged while the bot ran: ${problem}`;
    throw new Refusal(`${file.path} can't be read`, reason("AUDIT_LOG_DAMAGED", why));
  }
}

/** Room for a longer number than the one with which an entry was measured. */
const NUMBER_BYTES = 100;

export const damagedLog = ({ path, line, problem }: BrokenLog): Refusal =>
  new Refusal(
    `${path} can't be read`,
    reason(
      "AUDIT_LOG_DAMAGED",
      `line ${line}: ${problem}`,
      "restore it from a backup",
      `or move audit*.jsonl, archive/ and operations.json away as evidence, and type ${lineToType("audit begin", '"why"')}`,
    ),
  );
