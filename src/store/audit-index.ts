import { createHash } from "node:crypto";
import { mkdir, open, rename } from "node:fs/promises";
import { endianness } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import { yieldToOthers } from "../core/parts.ts";
import type { Line } from "./audit-file.ts";
import { closedName } from "./audit-folder.ts";
import { parseAuditLine } from "./audit-line.ts";
import type { LogFile } from "./audit-log-file.ts";
import { AuditRows, type StoredColumns } from "./audit-rows.ts";

/** Derived from the log: it may be deleted, and is made again. */
const FOLDER = "audit-index";

/** The first bytes of a file say what follows. Blanks fill them up. */
const HEADER_BYTES = 512;
/** Work on a large file is done in pieces of this size: one takes a few milliseconds. */
const PIECE_BYTES = 1024 * 1024;

/** Of what the rows say. An index of another version is made again. */
const VERSION = 3;

const headerSchema = z.strictObject({
  version: z.literal(VERSION),
  endianness: z.literal(endianness()),
  /** Of the file of the log. */
  bytes: z.int().positive(),
  rows: z.int().positive(),
  words: z.int().min(0),
  sha256: z.string(),
});

/** The rows of the log's closed files. Those of the current file are in memory. */
export class AuditIndex {
  readonly #folder: string;
  readonly #failed: (doing: string, error: unknown) => void;
  /** Rows that are being made or read. A second search waits for the same ones. */
  readonly #open = new Map<number, Promise<AuditRows>>();

  constructor(directory: string, failed: (doing: string, error: unknown) => void) {
    this.#folder = join(directory, FOLDER);
    this.#failed = failed;
  }

  /** From the index; made again from the log if they are missing or do not belong to the file. */
  rowsOf(file: LogFile): Promise<AuditRows> {
    const known = this.#open.get(file.firstId);
    if (known !== undefined) return known;
    const rows = this.#readOrMake(file).finally(() => this.#open.delete(file.firstId));
    this.#open.set(file.firstId, rows);
    return rows;
  }

  /** Writes the rows of a file that is closed now. A failure costs time at the next search, and nothing else. */
  async keep(file: LogFile, rows: AuditRows): Promise<void> {
    await write(this.#pathOf(file), file, rows).catch((error) => this.#failed("writing the index of the log", error));
  }

  async #readOrMake(file: LogFile): Promise<AuditRows> {
    const kept = await read(this.#pathOf(file), file).catch(() => null);
    if (kept !== null) return kept;
    const rows = new AuditRows();
    for await (const line of file.lines()) rows.add(entryIn(line, file), line);
    await this.keep(file, rows);
    return rows;
  }

  #pathOf({ firstId }: LogFile): string {
    return join(this.#folder, basename(closedName(firstId), ".jsonl"));
  }
}

/** A damaged line is found by `audit verify`, with its number. */
function entryIn(line: Line, file: LogFile) {
  try {
    return parseAuditLine(line.text);
  } catch (error) {
    throw new Error(`the line at byte ${line.at} of ${file.path}: ${error instanceof Error ? error.message : error}`);
  }
}

async function write(path: string, { bytes }: LogFile, rows: AuditRows): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  const columns = rows.columns.map((each) => Buffer.from(each.buffer, each.byteOffset, each.byteLength));
  const header = {
    ...{ version: VERSION, endianness: endianness(), bytes, rows: rows.length, words: rows.columns[4]?.length ?? 0 },
    sha256: await sha256Of(columns),
  };
  const next = `${path}.new`;
  const file = await open(next, "w", 0o600);
  try {
    await file.appendFile(Buffer.from(JSON.stringify(header).padEnd(HEADER_BYTES)));
    for (const column of columns) await file.appendFile(column);
  } finally {
    await file.close();
  }
  await rename(next, path);
}

/** null: it is of another file, or damaged. */
async function read(path: string, log: LogFile): Promise<AuditRows | null> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const all = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(all, at, Math.min(PIECE_BYTES, size - at), at);
      if (bytesRead === 0) return null;
      at += bytesRead;
    }
    const header = headerSchema.parse(JSON.parse(Buffer.from(all.subarray(0, HEADER_BYTES)).toString("utf8")));
    const { rows, words } = header;
    if (header.bytes !== log.bytes || size !== HEADER_BYTES + rows * BYTES_A_ROW + words * 4) return null;
    if (header.sha256 !== (await sha256Of([all.subarray(HEADER_BYTES)]))) return null;
    return new AuditRows({ columns: columnsIn(all.buffer, rows, words), end: header.bytes });
  } finally {
    await file.close();
  }
}

/** Two numbers of 8 bytes, two of 4 and three of 1. */
const BYTES_A_ROW = 2 * 8 + 2 * 4 + 3;

function columnsIn(buffer: ArrayBuffer, rows: number, words: number): StoredColumns {
  let at = HEADER_BYTES;
  const next = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  return [
    new Float64Array(buffer, next(rows * 8), rows),
    new Float64Array(buffer, next(rows * 8), rows),
    new Uint32Array(buffer, next(rows * 4), rows),
    new Uint32Array(buffer, next(rows * 4), rows),
    new Uint32Array(buffer, next(words * 4), words),
    new Uint8Array(buffer, next(rows), rows),
    new Uint8Array(buffer, next(rows), rows),
    new Uint8Array(buffer, next(rows), rows),
  ];
}

async function sha256Of(pieces: readonly Uint8Array[]): Promise<string> {
  const hash = createHash("sha256");
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += PIECE_BYTES) {
      hash.update(piece.subarray(at, at + PIECE_BYTES));
      await yieldToOthers();
    }
  }
  return hash.digest("hex");
}
