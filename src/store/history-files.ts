import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Refusal, reason } from "../core/refusal.ts";
import type { TrackKind } from "../core/track-history.ts";

/**
 * History files are in a folder for each month: `names.log`, a file for each day, and `storages.log`. A month has its
 * own numbers of tracks, so it is complete without the others and is deleted as a whole.
 */
export type Shelf = "days" | "storages";
/** Capacities change seldom and are read over weeks. All of a month are in one file. */
export const shelfOf = (kind: TrackKind): Shelf => (kind === "capacity" ? "storages" : "days");

export interface HistoryFile {
  /** `2026-11` */
  readonly month: string;
  /** `29.log` */
  readonly name: string;
  /** Its seconds are counted from here. Milliseconds since the epoch. */
  readonly beginMs: number;
}

const DAY_MS = 86_400_000;

export function fileAt(shelf: Shelf, atMs: number): HistoryFile {
  const day = new Date(atMs).toISOString().slice(0, 10);
  const month = day.slice(0, 7);
  return shelf === "days"
    ? { month, name: `${day.slice(8)}.log`, beginMs: Date.parse(day) }
    : { month, name: "storages.log", beginMs: Date.parse(`${month}-01`) };
}

/** Every file that a time between the two is in, in the order of time. */
export function filesBetween(shelf: Shelf, fromMs: number, toMs: number): HistoryFile[] {
  const files = new Map<number, HistoryFile>();
  for (let atMs = Math.floor(fromMs / DAY_MS) * DAY_MS; atMs <= toMs; atMs += DAY_MS) {
    const file = fileAt(shelf, atMs);
    files.set(file.beginMs, file);
  }
  return [...files.values()];
}

export const pathOf = (directory: string, { month, name }: HistoryFile): string => join(directory, month, name);
export const namesPath = (directory: string, month: string): string => join(directory, month, "names.log");

/** Empty if there is none. */
export const textIn = (path: string): Promise<string> =>
  readFile(path, "utf8").catch((error) => {
    if (error.code === "ENOENT") return "";
    throw new Refusal(
      "The history can't be read",
      reason("DATA_FOLDER_UNUSABLE", `${path}: ${error.message}`, "let the bot's user read it, or move it away"),
    );
  });

/** The latest day before this one that has a file; null: there is none. */
async function dayBefore(directory: string, atMs: number): Promise<number | null> {
  const today = fileAt("days", atMs).beginMs;
  const days: number[] = [];
  for (const month of await readdir(directory)) {
    if (!/^\d{4}-\d\d$/.test(month)) continue;
    for (const name of await readdir(join(directory, month)))
      if (/^\d\d\.log$/.test(name)) days.push(Date.parse(`${month}-${name.slice(0, 2)}`));
  }
  const before = days.filter((dayMs) => dayMs < today);
  return before.length === 0 ? null : Math.max(...before);
}

/**
 * Deletes the days that are older than `days`, and whole months. If there is no file of yesterday, the bot was off or the
 * clock is wrong. Then nothing is deleted until the next day: a wrong clock must not cost the whole history.
 */
export async function deleteOld(directory: string, atMs: number, days: number): Promise<void> {
  const before = await dayBefore(directory, atMs);
  if (before === null || atMs - before > 2 * DAY_MS) return;
  const oldestMs = atMs - days * DAY_MS;
  const oldest = new Date(oldestMs).toISOString().slice(0, 10);
  for (const month of await readdir(directory)) {
    if (!/^\d{4}-\d\d$/.test(month) || month > oldest.slice(0, 7)) continue;
    if (month < oldest.slice(0, 7)) {
      await rm(join(directory, month), { recursive: true, force: true });
      continue;
    }
    for (const name of await readdir(join(directory, month)))
      if (/^\d\d\.log$/.test(name) && name.slice(0, 2) < oldest.slice(8)) await rm(join(directory, month, name));
  }
}
