import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type Line, linesAt, linesBackwards, linesBetween, type Readable, type Span } from "./audit-file.ts";

const unpacked = promisify(gunzip);

/** A larger file is never packed, so that it is never unpacked into memory. */
export const MOST_PACKED_BYTES = 256 * 1024 * 1024;

interface Opened extends Readable {
  /** Of its text, not packed. */
  size(): Promise<number>;
  close(): Promise<void>;
}

interface Place {
  /** The number of its first entry. */
  readonly firstId: number;
  /** The bytes of all files before it. Positions in the log count from its first file. */
  readonly from: number;
  readonly path: string;
  /** Of its complete lines, not packed. */
  readonly bytes: number;
  readonly isPacked: boolean;
}

/** One file of the log. A closed one does not change any more, but it may be packed and moved. */
export class LogFile {
  readonly firstId: number;
  readonly from: number;
  #path: string;
  #isPacked: boolean;
  #bytes: number;
  /** Of the current file. It is closed when the last reader has ended. */
  #kept: FileHandle | null = null;
  #readers = 0;
  /** A list reads many entries of the same file, one after another. */
  #unpacked: WeakRef<Buffer> | null = null;
  #isRetired = false;

  constructor({ firstId, from, path, bytes, isPacked }: Place) {
    this.firstId = firstId;
    this.from = from;
    this.#path = path;
    this.#bytes = bytes;
    this.#isPacked = isPacked;
  }

  get path(): string {
    return this.#path;
  }

  get isPacked(): boolean {
    return this.#isPacked;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Where it ends in the log. */
  get to(): number {
    return this.from + this.#bytes;
  }

  /** The current file is read through the handle that writes it, so its name may change. */
  keep(file: FileHandle): void {
    this.#kept = file;
  }

  grew(bytes: number): void {
    this.#bytes = bytes;
  }

  movedTo(path: string, isPacked: boolean): void {
    this.#path = path;
    this.#isPacked = isPacked;
  }

  /** Closes the kept handle after the last reader. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    await this.#closeKept();
  }

  /** The lines between two positions of the log, in order. */
  async *lines(from: number = this.from, to: number = this.to): AsyncGenerator<Line> {
    const file = await this.#open();
    try {
      for await (const line of linesBetween(file, Math.max(0, from - this.from), Math.min(to - this.from, this.#bytes)))
        yield line;
    } finally {
      await file.close();
    }
  }

  /** Of its text now, not packed. A closed file ends with its last entry. */
  async textBytes(): Promise<number> {
    const file = await this.#open();
    try {
      return await file.size();
    } finally {
      await file.close();
    }
  }

  /** The last line first. */
  async *backwards(): AsyncGenerator<Line> {
    const file = await this.#open();
    try {
      for await (const line of linesBackwards(file, this.#bytes)) yield line;
    } finally {
      await file.close();
    }
  }

  /** The lines in these places of this file, the last first. `spans` are in the order of the file. */
  async at(spans: readonly Span[]): Promise<Line[]> {
    const file = await this.#open();
    try {
      const lines: Line[] = [];
      for await (const line of linesAt(file, spans)) lines.push(line);
      return lines;
    } finally {
      await file.close();
    }
  }

  async #open(): Promise<Opened> {
    if (this.#kept !== null) return this.#sharing(this.#kept);
    // An archived file is moved only after its new path is known here.
    const { file, isPacked } = await this.#openNow().catch(() => this.#openNow());
    if (!isPacked) return onDisk(file, () => file.close());
    try {
      const known = this.#unpacked?.deref();
      if (known !== undefined) return inMemory(known);
      const content = await contentOf(file);
      this.#unpacked = new WeakRef(content);
      return inMemory(content);
    } finally {
      await file.close();
    }
  }

  /** A file may be packed while it is opened: whether it is packed belongs to the path that was opened. */
  async #openNow(): Promise<{ readonly file: FileHandle; readonly isPacked: boolean }> {
    const [path, isPacked] = [this.#path, this.#isPacked];
    return { file: await open(path, "r"), isPacked };
  }

  #sharing(kept: FileHandle): Opened {
    this.#readers++;
    return onDisk(kept, async () => {
      this.#readers--;
      await this.#closeKept();
    });
  }

  async #closeKept(): Promise<void> {
    if (!this.#isRetired || this.#readers > 0) return;
    const kept = this.#kept;
    this.#kept = null;
    await kept?.close();
  }
}

const onDisk = (file: FileHandle, close: () => Promise<void>): Opened => ({
  read: (buffer, offset, length, position) => file.read(buffer, offset, length, position),
  size: async () => (await file.stat()).size,
  close,
});

/** Throws an error without a system call if the packed file was changed. */
async function contentOf(file: FileHandle): Promise<Buffer> {
  const packed = await file.readFile();
  try {
    return await unpacked(packed, { maxOutputLength: MOST_PACKED_BYTES });
  } catch (error) {
    throw new Error(`it can't be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const inMemory = (content: Buffer): Opened => ({
  read: async (buffer, offset, length, position) => ({
    bytesRead: content.copy(buffer, offset, position, position + length),
  }),
  size: async () => content.length,
  close: async () => undefined,
});
