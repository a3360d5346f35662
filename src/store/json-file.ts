import { readFile } from "node:fs/promises";
import { type Adapter, Low } from "lowdb";
import type { z } from "zod";
import { NotWritten } from "../core/not-written.ts";
import { yieldToOthers } from "../core/parts.ts";
import { Refusal, reason } from "../core/refusal.ts";
import { replaceFile } from "../replace-file.ts";

/**
 * State in one file, written atomically. It has two views: the state on disk (`read`), and the state after all pending
 * writes, which only `update` sees. So nothing is reported that a `kill -9` could undo, and two updates at once build
 * on each other. If a write fails, both views return to the state on disk.
 */
export interface JsonFile<T> {
  /** What is on disk. */
  read(): T;
  /**
   * Calls `change` synchronously. Resolves to its result when the state that it read and the state that it made are on
   * disk. Waiting updates share one write.
   */
  update<R>(change: (latest: T) => readonly [next: T, result: R]): Promise<R>;
  /** Waits for pending writes; takes nothing more, because the next process may have the folder. */
  close(): Promise<void>;
}
/** A store on such a file. */
export type Closing<Store> = Store & Pick<JsonFile<unknown>, "close">;

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * A missing file counts as `initial` and is written at the first change. Throws if the file is damaged, and leaves it
 * unchanged.
 */
export async function openJsonFile<T>(path: string, schema: z.ZodType<T>, initial: T): Promise<JsonFile<T>> {
  const low = new Low<T>(atomicAdapter(path, schema), initial);
  await low.read();
  let onDisk = low.data;
  let latest = onDisk;
  let waiting: Waiting[] = [];
  let writing: Promise<void> | null = null;
  let closed = false;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      low.data = latest;
      try {
        await low.write();
        onDisk = low.data;
        for (const each of batch) each.resolve();
      } catch (error) {
        // Updates since then were built on the failed one, so they fail too.
        const spoiled = [...batch, ...waiting];
        waiting = [];
        latest = onDisk;
        for (const each of spoiled) each.reject(new NotWritten(path, error));
      }
    }
    writing = null;
  }

  return {
    read: () => onDisk,
    async update(change) {
      if (closed) throw new Error(`${path} is closed`);
      const [next, result] = change(latest);
      latest = next;
      if (latest === onDisk) return result;
      const written = new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
      // Updates of the same tick go into the same write.
      writing ??= Promise.resolve().then(writeAll);
      await written;
      return result;
    },
    async close() {
      closed = true;
      await writing;
    },
  };
}

/** A text of so many characters takes milliseconds: it is made in a turn of its own. */
const LONG_TEXT = 1_000_000;

function atomicAdapter<T>(path: string, schema: z.ZodType<T>): Adapter<T> {
  let length = 0;
  return {
    async read() {
      const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      });
      return text === null ? null : parseFile(path, text, schema);
    },
    async write(data) {
      if (length > LONG_TEXT) await yieldToOthers();
      const text = `${JSON.stringify(data, null, 1)}\n`;
      length = text.length;
      await replaceFile(path, text);
    },
  };
}

/** Throws a Refusal that names the file and its first problem. */
export function parseFile<T>(path: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(path, `it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw damaged(path, issue ? `${issue.path.join(".") || "the whole"}: ${issue.message}` : result.error.message);
}

/** The error for a data file that can't be used: the file, the first problem and the fix. */
export const damaged = (path: string, problem: string): Refusal =>
  new Refusal(
    `${path} can't be read`,
    reason("DATA_FOLDER_UNUSABLE", `it is damaged: ${problem}`, "restore it from a backup, or move it away"),
  );
