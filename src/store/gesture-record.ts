import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { flushDirectory } from "./replace-file.ts";

/** How much is kept: at least one generation, at most two. */
interface Generation {
  readonly ageMs: number;
  readonly gestures: number;
}
const usual: Generation = { ageMs: 14 * 24 * 3_600_000, gestures: 50_000 };

const headerSchema = z.strictObject({ since: z.iso.datetime() });
const idSchema = z.string().min(1).max(300);

/** Which gestures of people were taken already, on disk: after a restart too, each of them has one effect. */
export interface GestureRecord {
  /** Since when every gesture is recorded, in milliseconds since the epoch: of what was done before nothing is known. */
  readonly since: number;
  /**
   * Decided before anything is awaited: of two deliveries one is new. Resolves once a new one is on disk. `unrecorded`: it
   * is new, but the disk did not take it.
   */
  take(id: string): Promise<"new" | "again" | "unrecorded">;
  /** What to tell the operator about a file that was damaged; null where none was. */
  readonly notice: string | null;
  close(): Promise<void>;
}

interface Waiting {
  readonly id: string;
  resolve(taken: "new" | "unrecorded"): void;
}

/**
 * Two files to which lines are appended: `seen-gestures.jsonl` and the generation before it, `seen-gestures.old.jsonl`. A
 * generation ends by its age or its length, and the one before it is forgotten then.
 */
export async function openGestureRecord(
  directory: string,
  now: () => number = Date.now,
  generation: Generation = usual,
): Promise<GestureRecord> {
  const paths = pathsIn(directory);
  const found = await readBoth(paths);
  const begun = found.damage === null ? found : await replaced(directory, found, now());
  let { since, current, old } = begun;
  let before = begun.oldSince;
  let file = await fileAt(paths.current, begun.size);
  let waiting: Waiting[] = [];
  let writing: Promise<void> | null = null;
  let closed = false;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await endGeneration(batch);
        await file.append(batch.map(({ id }) => `${JSON.stringify(id)}\n`).join(""));
        for (const each of batch) each.resolve("new");
      } catch {
        // What could not be written stays in memory: while this process lives it is known.
        for (const each of batch) each.resolve("unrecorded");
      }
    }
    writing = null;
  }

  async function endGeneration(batch: readonly Waiting[]): Promise<void> {
    const isOver = now() - since >= generation.ageMs || current.size - batch.length >= generation.gestures;
    if (!isOver) return;
    const next = new Date(now()).toISOString();
    await writeNew(paths.next, [], next);
    await rename(paths.current, paths.old);
    await rename(paths.next, paths.current);
    await flushDirectory(directory);
    await file.close();
    file = await fileAt(paths.current, null);
    old = current;
    before = since;
    since = Date.parse(next);
    current = new Set([...batch, ...waiting].map(({ id }) => id));
  }

  return {
    get since() {
      return before ?? since;
    },
    notice: begun.damage,
    take(id) {
      if (current.has(id) || old.has(id)) return Promise.resolve("again");
      current.add(id);
      if (closed) return Promise.resolve("unrecorded");
      const taken = new Promise<"new" | "unrecorded">((resolve) => waiting.push({ id, resolve }));
      // What comes in the same tick is flushed together.
      writing ??= Promise.resolve().then(writeAll);
      return taken;
    },
    async close() {
      closed = true;
      await writing;
      await file.close();
    },
  };

  async function readBoth({ current: path, old: oldPath, next }: ReturnType<typeof pathsIn>): Promise<Found> {
    const [here, previous] = [await readOne(path), await readOne(oldPath)];
    // A kill between the two renames: the new generation has its file under the other name still.
    if (here === null && previous !== null && (await readOne(next))?.damage === null) {
      await rename(next, path);
      return readBoth(paths);
    }
    if (here === null && previous === null) {
      const at = new Date(now()).toISOString();
      await writeNew(path, [], at);
      await flushDirectory(directory);
      return readBoth(paths);
    }
    const missing = here === null ? `${path} is missing` : null;
    // All that people do would count as older than the record.
    const ahead =
      here !== null && here.since > now() + 60_000 ? `${path} begins in the future, by a clock that was wrong` : null;
    return {
      since: here?.since ?? 0,
      current: new Set(here?.ids ?? []),
      size: here?.size ?? 0,
      old: new Set(previous?.ids ?? []),
      oldSince: previous?.since ?? null,
      damage: missing ?? ahead ?? here?.damage ?? previous?.damage ?? null,
    };
  }
}

interface Found {
  readonly since: number;
  readonly current: Set<string>;
  readonly size: number | null;
  readonly old: Set<string>;
  readonly oldSince: number | null;
  readonly damage: string | null;
}

const pathsIn = (directory: string) => ({
  current: join(directory, "seen-gestures.jsonl"),
  old: join(directory, "seen-gestures.old.jsonl"),
  next: join(directory, "seen-gestures.next.jsonl"),
});

interface OneFile {
  readonly since: number;
  readonly ids: readonly string[];
  /** Bytes of whole lines. */
  readonly size: number;
  readonly damage: string | null;
}

/** What a kill left of a last line is left out: that gesture had no effect yet. */
async function readOne(path: string): Promise<OneFile | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (bytes === null) return null;
  const size = bytes.lastIndexOf(0x0a) + 1;
  const [first = "", ...lines] = bytes.subarray(0, size).toString("utf8").split("\n").slice(0, -1);
  const header = headerSchema.safeParse(parsed(first));
  const ids: string[] = [];
  let damage = header.success ? null : `${path} is damaged in line 1`;
  for (const [index, line] of lines.entries()) {
    const id = idSchema.safeParse(parsed(line));
    if (id.success) ids.push(id.data);
    else damage ??= `${path} is damaged in line ${index + 2}`;
  }
  return { since: header.success ? Date.parse(header.data.since) : 0, ids, size, damage };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** What is readable of damaged files goes on being known; of what was done before this moment nothing else is. */
async function replaced(directory: string, found: Found, at: number): Promise<Found> {
  const paths = pathsIn(directory);
  const now = new Date(at).toISOString();
  const ids = [...found.old, ...found.current];
  await writeNew(paths.next, ids, now);
  for (const path of [paths.current, paths.old]) {
    await rename(path, `${path}.damaged-${now.replaceAll(":", "-")}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
  await rename(paths.next, paths.current);
  await flushDirectory(directory);
  const damage = `${found.damage}. It was kept beside a new one. What people did in Slack before ${now} is not run any more; they are told to do it again.`;
  return { since: at, current: new Set(ids), size: null, old: new Set(), oldSince: null, damage };
}

async function writeNew(path: string, ids: readonly string[], since: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile([JSON.stringify({ since }), ...ids.map((id) => JSON.stringify(id)), ""].join("\n"));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A file that grows by whole pieces: what a full disk took half of is cut off before the next one. `size` null: all of it. */
async function fileAt(path: string, size: number | null) {
  const file: FileHandle = await open(path, "a", 0o600);
  let whole = size ?? (await file.stat()).size;
  let torn = true;
  return {
    async append(text: string): Promise<void> {
      const bytes = Buffer.from(text);
      if (torn) await file.truncate(whole);
      torn = true;
      await file.appendFile(bytes);
      await file.datasync();
      whole += bytes.length;
      torn = false;
    },
    close: () => file.close(),
  };
}
