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

interface Options {
  /**
   * A state that the next start could not read is not written: the update rejects, and the others continue. Only new
   * elements of lists are checked, because 2,000 old ones take 40 ms. So the caller limits the length of a list.
   */
  readonly checksUpdates?: boolean;
}

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * A missing file counts as `initial` and is written at the first change. Throws if the file is damaged, and leaves it
 * unchanged.
 */
export async function openJsonFile<T>(
  path: string,
  schema: z.ZodType<T>,
  initial: T,
  { checksUpdates = false }: Options = {},
): Promise<JsonFile<T>> {
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
      if (checksUpdates) refuseDamage(path, schema, latest, next);
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

/** Throws if the next state does not fit the schema. That is a bug of its caller. */
function refuseDamage<T>(path: string, schema: z.ZodType<T>, before: T, next: T): void {
  const result = next === before ? null : schema.safeParse(withoutOld(before, next));
  if (result?.success === false) throw new Error(`${path} is not changed: ${firstProblem(result.error)}`);
}

/** The next state without the elements of its lists that the state before has too. */
function withoutOld(before: unknown, next: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(next)) {
    const old = new Set<unknown>(before);
    return next.filter((each) => !old.has(each));
  }
  if (!isRecord(before) || !isRecord(next)) return next;
  return Object.fromEntries(
    Object.entries(next).map(([key, value]) => [key, Array.isArray(value) ? withoutOld(before[key], value) : value]),
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

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
  throw damaged(path, firstProblem(result.error));
}

function firstProblem({ issues: [issue], message }: z.ZodError): string {
  return issue ? `${issue.path.join(".") || "the whole"}: ${issue.message}` : message;
}

/** The error for a data file that can't be used: the file, the first problem and the fix. */
export const damaged = (path: string, problem: string): Refusal =>
  new Refusal(
    `${path} can't be read`,
    reason("DATA_FOLDER_UNUSABLE", `it is damaged: ${problem}`, "restore it from a backup, or move it away"),
  );
