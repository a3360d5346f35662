import type { FileHandle } from "node:fs/promises";

interface Waiting {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

/** Appends to a file; what waits for the disk at the same time is written and flushed together, in order. */
export class GroupCommit {
  readonly #file: FileHandle;
  readonly #path: string;
  #onDisk: number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #broken: Error | null = null;

  constructor(file: FileHandle, path: string, size: number) {
    this.#file = file;
    this.#path = path;
    this.#onDisk = size;
  }

  /** The length that survives a crash. */
  get onDisk(): number {
    return this.#onDisk;
  }

  /** Resolves once the bytes are on disk. */
  async append(bytes: Buffer): Promise<void> {
    if (this.#broken !== null) throw this.#broken;
    const written = new Promise<void>((resolve, reject) => this.#waiting.push({ bytes, resolve, reject }));
    // What is appended in the same tick is flushed together.
    this.#writing ??= Promise.resolve().then(() => this.#writeAll());
    await written;
  }

  /** Waits for what is being written; nothing is taken any more. */
  async close(): Promise<void> {
    this.#broken ??= new Error(`${this.#path} is closed`);
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(Buffer.concat(batch.map((each) => each.bytes)));
        for (const each of batch) each.resolve();
      } catch (error) {
        this.#break(error, batch);
      }
    }
    this.#writing = null;
  }

  async #write(bytes: Buffer): Promise<void> {
    await this.#file.appendFile(bytes);
    await this.#file.datasync();
    this.#onDisk += bytes.length;
  }

  /** After a failed write or flush nobody can say what is on disk, so nothing more is written on top of it. */
  #break(cause: unknown, batch: readonly Waiting[]): void {
    const why = `${this.#path} could not be written; make room or repair the disk, then restart`;
    this.#broken = new Error(why, { cause });
    for (const each of [...batch, ...this.#waiting]) each.reject(this.#broken);
    this.#waiting = [];
  }
}
