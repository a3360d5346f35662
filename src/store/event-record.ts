import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { flushDirectory } from "../replace-file.ts";
import { linesBetween } from "./audit-file.ts";
import { GroupCommit } from "./group-commit.ts";

/** The size of a generation: at least one is kept, at most two. */
interface Generation {
  readonly ageMs: number;
  readonly events: number;
}
const usual: Generation = { ageMs: 14 * 24 * 3_600_000, events: 50_000 };

const headerSchema = z.strictObject({ since: z.iso.datetime() });
const idSchema = z.string().min(1).max(300);

/** The record of handled events, on disk: each event has one effect, also after a restart. */
export interface EventRecord {
  /** The time since which every event is recorded, in milliseconds since the epoch. Earlier events are not known. */
  readonly since: number;
  /**
   * Decides synchronously: of two deliveries, one is new. Resolves when a new one is on disk. `unrecorded`: it is new,
   * but the write failed.
   */
  take(id: string): Promise<"new" | "again" | "unrecorded">;
  /** A message for the operator about a damaged file; null if there is none. */
  readonly notice: string | null;
  close(): Promise<void>;
}

/**
 * Two append-only files: `seen-gestures.jsonl` and the generation before it, `seen-gestures.old.jsonl`. A generation
 * ends by its age or its length. Then the one before it is deleted.
 */
export async function openEventRecord(
  directory: string,
  now: () => number = Date.now,
  generation: Generation = usual,
): Promise<EventRecord> {
  const paths = pathsIn(directory);
  const found = await readBoth(paths);
  const begun = found.damage === null ? found : await replaced(directory, found, now());
  let { since, current, old } = begun;
  let before = begun.oldSince;
  let lines = await linesOf(paths.current, begun.size);
  /** Events of this process that could not be written. They are written with the next one that can. */
  const unwritten = new Set<string>();
  /** Events that wait for the new generation. */
  const waiting = new Set<string>();
  let beginning: Promise<void> | null = null;
  let closed = false;

  const isOver = () => now() - since >= generation.ageMs || current.size - waiting.size >= generation.events;

  /** In memory as on disk: the events so far become the generation before. */
  function turnOver(at: number): void {
    old = current;
    before = since;
    since = at;
    current = new Set(waiting);
  }

  async function beginGeneration(): Promise<void> {
    const next = new Date(now()).toISOString();
    try {
      await writeNew(paths.next, [], next);
      await rename(paths.current, paths.old);
      await rename(paths.next, paths.current);
      await flushDirectory(directory);
      const ended = lines;
      lines = await linesOf(paths.current, null);
      turnOver(Date.parse(next));
      // Pending writes belong to the generation that ended.
      await ended.close();
    } catch (error) {
      // Memory is limited too while nothing can be written.
      if (current.size >= 2 * generation.events) turnOver(Date.parse(next));
      throw error;
    }
  }

  /** An event that could not be written stays in memory, so this process knows it until the disk takes it. */
  async function recorded(id: string): Promise<"new" | "unrecorded"> {
    waiting.add(id);
    try {
      if (beginning === null && isOver()) {
        beginning = beginGeneration().finally(() => {
          beginning = null;
        });
      }
      if (beginning !== null) await beginning;
      waiting.delete(id);
      await lines.append(id);
      await writeUnwritten();
      return "new";
    } catch {
      unwritten.add(id);
      const [oldest] = unwritten;
      if (unwritten.size > generation.events && oldest !== undefined) unwritten.delete(oldest);
      return "unrecorded";
    } finally {
      waiting.delete(id);
    }
  }

  async function writeUnwritten(): Promise<void> {
    const ids = [...unwritten];
    unwritten.clear();
    const keep = (id: string) => () => void unwritten.add(id);
    await Promise.all(ids.map((id) => lines.append(id).catch(keep(id))));
  }

  return {
    get since() {
      return before ?? since;
    },
    notice: begun.damage,
    take(id) {
      if (current.has(id) || old.has(id)) return Promise.resolve("again");
      current.add(id);
      return closed ? Promise.resolve("unrecorded") : recorded(id);
    },
    async close() {
      closed = true;
      await beginning?.catch(() => undefined);
      await writeUnwritten();
      await lines.close();
    },
  };

  async function readBoth({ current: path, old: oldPath, next }: ReturnType<typeof pathsIn>): Promise<Found> {
    const [here, previous] = [await readOne(path), await readOne(oldPath)];
    // After a kill between the two renames, the file of the new generation still has the other name.
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
      here !== null && here.since > now() + 60_000 ? `${path} begins in the future, so a clock was wrong` : null;
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

/** A partial last line, left by a kill, is ignored: that event had no effect yet. */
async function readOne(path: string): Promise<OneFile | null> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (file === null) return null;
  const ids: string[] = [];
  let since: number | null = null;
  let size = 0;
  let number = 0;
  let damage: string | null = null;
  try {
    for await (const { text, end } of linesBetween(file, 0, (await file.stat()).size)) {
      number++;
      size = end;
      const [header, id] = [headerSchema.safeParse(parsed(text)), idSchema.safeParse(parsed(text))];
      if (number === 1 && header.success) since = Date.parse(header.data.since);
      else if (number > 1 && id.success) ids.push(id.data);
      else damage ??= `${path} is damaged in line ${number}`;
    }
  } finally {
    await file.close();
  }
  return { since: since ?? 0, ids, size, damage: damage ?? (since === null ? `${path} is damaged in line 1` : null) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The readable events of damaged files stay known. Other earlier events are not known. */
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
  const damage = `${found.damage}. The bot kept it next to a new one. It doesn't run what people did in Slack before ${now}: it asks them to do it again.`;
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

/** Appends lines to a file and removes a partial line at its end. `size` null: the file is complete. */
async function linesOf(path: string, size: number | null) {
  const file = await open(path, "a", 0o600);
  const found = (await file.stat()).size;
  if (size !== null && found > size) await file.truncate(size);
  const commit = new GroupCommit<string, null>(file, path, size ?? found, (ids) => ({
    bytes: Buffer.from(ids.map((id) => `${JSON.stringify(id)}\n`).join("")),
    results: ids.map(() => null),
    committed: () => undefined,
  }));
  return {
    append: (id: string) => commit.append(id),
    async close(): Promise<void> {
      await commit.close();
      await file.close();
    },
  };
}
