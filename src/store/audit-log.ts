import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { AuditEntry, AuditEvent } from "../core/operation.ts";
import type { AuditLog, Clock } from "../flow/ports.ts";
import { endOfLastLine, type Line, linesBackwards, linesBetween } from "./audit-file.ts";
import { auditLine, noHash, parseAuditLine } from "./audit-line.ts";
import { type ChainVerdict, verifyChain } from "./audit-verify.ts";
import { damaged, flushDirectory } from "./json-file.ts";

export interface OpenAuditLog extends AuditLog {
  /** What was found and done at the start that an operator should know; null mostly. */
  readonly notice: string | null;
  /** Reads the whole log. */
  verify(): Promise<ChainVerdict>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

interface Waiting {
  readonly line: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The audit log: `audit.jsonl`, one entry a line, only ever appended to. Each entry carries the hash of the one before, so
 * none can be changed or taken out unseen. Entries that wait for the disk are written and flushed together, in order.
 */
export async function openAuditLog(directory: string, clock: Clock = { now: () => new Date() }): Promise<OpenAuditLog> {
  const path = join(directory, "audit.jsonl");
  const { file, size, notice } = await openWhole(directory, path, clock);
  const last = await lastEntry(file, size, path).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });

  let id = last?.id ?? 0;
  let hash = last?.hash ?? noHash;
  let accepted = size;
  let onDisk = size;
  let waiting: Waiting[] = [];
  let writing: Promise<void> | null = null;
  let broken: Error | null = null;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const bytes = Buffer.concat(batch.map((each) => each.line));
        await file.appendFile(bytes);
        await file.datasync();
        onDisk += bytes.length;
        for (const each of batch) each.resolve();
      } catch (error) {
        // After a failed write or flush nobody can say what is on disk, so nothing more is written on top of it.
        broken = new Error(`${path} could not be written; make room or repair the disk, then restart`, {
          cause: error,
        });
        for (const each of [...batch, ...waiting]) each.reject(broken);
        waiting = [];
      }
    }
    writing = null;
  }

  async function append(by: string, operationId: string | null, event: AuditEvent): Promise<AuditEntry> {
    if (broken !== null) throw broken;
    const at = clock.now().toISOString();
    const { entry, line } = auditLine({ id: id + 1, at, by, operationId, event, previousHash: hash });
    const bytes = Buffer.from(`${line}\n`);
    id = entry.id;
    hash = entry.hash;
    accepted += bytes.length;
    const written = new Promise<void>((resolve, reject) => waiting.push({ line: bytes, resolve, reject }));
    // What is appended in the same tick is flushed together.
    writing ??= Promise.resolve().then(writeAll);
    await written;
    return entry;
  }

  return {
    notice,
    append,
    position: () => accepted,
    async tail(limit) {
      const entries: AuditEntry[] = [];
      if (limit <= 0) return entries;
      for await (const line of linesBackwards(file, onDisk)) {
        if (entries.push(entryOf(line, path)) === limit) break;
      }
      return entries;
    },
    async between(from, to) {
      const entries: AuditEntry[] = [];
      const end = Math.min(to ?? onDisk, onDisk);
      for await (const line of linesBetween(file, from, end)) entries.push(entryOf(line, path));
      return entries;
    },
    verify: () => verifyChain(file, onDisk),
    async close() {
      broken ??= new Error(`${path} is closed`);
      await writing;
      await file.close();
    },
  };
}

/** Opens the log; what a kill left of a last line is put beside it, for it was never announced but is evidence. */
async function openWhole(directory: string, path: string, clock: Clock) {
  const file = await open(path, "a+", 0o600);
  await flushDirectory(directory);
  const { size } = await file.stat();
  const whole = await endOfLastLine(file, size);
  if (whole === size) return { file, size, notice: null };
  const aside = join(directory, `audit.torn-${clock.now().toISOString().replaceAll(":", "-")}`);
  await moveAside(path, aside, whole);
  await flushDirectory(directory);
  const notice = `the last line of ${path} was half written, as after a crash; its ${size - whole} bytes are now in ${aside}`;
  return { file, size: whole, notice };
}

async function moveAside(path: string, aside: string, from: number): Promise<void> {
  const log = await open(path, "r+");
  const torn = await open(aside, "wx", 0o600);
  try {
    const { size } = await log.stat();
    const bytes = Buffer.alloc(size - from);
    await log.read(bytes, 0, bytes.length, from);
    await torn.appendFile(bytes);
    await torn.sync();
    await log.truncate(from);
    await log.sync();
  } finally {
    await torn.close();
    await log.close();
  }
}

async function lastEntry(file: FileHandle, size: number, path: string): Promise<AuditEntry | null> {
  for await (const line of linesBackwards(file, size)) return entryOf(line, path);
  return null;
}

function entryOf(line: Line, path: string): AuditEntry {
  try {
    return parseAuditLine(line.text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw damaged(path, `the line at byte ${line.at}: ${problem}`);
  }
}
