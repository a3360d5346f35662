import type { FileHandle } from "node:fs/promises";
import { NotWritten } from "../core/not-written.ts";

/** The bytes of a batch on disk, and the answer for each of its items. */
export interface Batch<R> {
  readonly bytes: Buffer;
  readonly results: readonly R[];
  /** Called when the bytes are on disk, before the callers resume. */
  committed(): void;
}
/** The methods of a file that are used here. */
type AppendedFile = Pick<FileHandle, "appendFile" | "datasync" | "truncate" | "stat">;

interface Waiting<T, R> {
  readonly item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/** More items than this are written in several batches: making one batch must not block others. */
const MOST_AT_ONCE = 200;

/**
 * Appends to a file. Items that wait at the same time are written and flushed together, in order. After a failed write
 * or flush, the bytes after the last flushed ones are not known. They are cut off before the next write, so that it can
 * succeed when there is space.
 */
export class GroupCommit<T, R> {
  #file: AppendedFile;
  #path: string;
  readonly #batchOf: (items: readonly T[]) => Batch<R>;
  #onDisk: number;
  #waiting: Waiting<T, R>[] = [];
  #writing: Promise<void> | null = null;
  #isClean = true;
  #isClosed = false;

  readonly #beforeBatch: () => Promise<void>;

  /**
   * `batchOf` is called directly before the write, so that its batch follows the bytes on disk. `beforeBatch` may call
   * `continueIn`; if it rejects, the batch is not written.
   */
  constructor(
    file: AppendedFile,
    path: string,
    size: number,
    batchOf: (items: readonly T[]) => Batch<R>,
    beforeBatch: () => Promise<void> = async () => undefined,
  ) {
    this.#beforeBatch = beforeBatch;
    this.#file = file;
    this.#path = path;
    this.#onDisk = size;
    this.#batchOf = batchOf;
  }

  /** The length that survives a crash. */
  get onDisk(): number {
    return this.#onDisk;
  }

  /** Whether the file ends with the bytes on disk: no failed write is left to cut off. */
  get isClean(): boolean {
    return this.#isClean;
  }

  /** The next batch is the first one of an empty file. Only for `beforeBatch`, and only if this file is clean. */
  continueIn(file: AppendedFile, path: string): void {
    this.#file = file;
    this.#path = path;
    this.#onDisk = 0;
  }

  /** Resolves when the item is on disk; rejects with a NotWritten if it is not. */
  async append(item: T): Promise<R> {
    if (this.#isClosed) throw new Error(`${this.#path} is closed`);
    const written = new Promise<R>((resolve, reject) => this.#waiting.push({ item, resolve, reject }));
    // Items of the same tick are flushed together.
    this.#writing ??= Promise.resolve().then(() => this.#writeAll());
    return written;
  }

  /** Waits for pending writes; takes nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting.splice(0, MOST_AT_ONCE);
      try {
        await this.#beforeBatch();
        const { bytes, results, committed } = this.#batchOf(waiting.map(({ item }) => item));
        await this.#write(bytes);
        committed();
        for (const [index, result] of results.entries()) waiting[index]?.resolve(result);
      } catch (error) {
        for (const each of waiting) each.reject(error);
      }
    }
    this.#writing = null;
  }

  async #write(bytes: Buffer): Promise<void> {
    try {
      if (!this.#isClean) await this.#cutBack();
      this.#isClean = false;
      await this.#file.appendFile(bytes);
      await this.#file.datasync();
      this.#isClean = true;
      this.#onDisk += bytes.length;
    } catch (error) {
      if (!this.#isClean) await this.#cutBack().catch(() => undefined); // else before the next write
      throw new NotWritten(this.#path, error);
    }
  }

  /** Cuts the file back to the last length that is known to be on disk. */
  async #cutBack(): Promise<void> {
    const { size } = await this.#file.stat();
    if (size < this.#onDisk)
      throw new Error(`it has ${size} bytes, but ${this.#onDisk} were written: it was cut. Compare it with a backup`);
    await this.#file.truncate(this.#onDisk);
    await this.#file.datasync();
    this.#isClean = true;
  }
}
