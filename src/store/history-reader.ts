import type { Span, Track, TrackHistory, TrackKind } from "../core/track-history.ts";
import { filesBetween, type HistoryFile, namesPath, pathOf, type Shelf, shelfOf, textIn } from "./history-files.ts";
import { BEAT, changeLines, ENDED, eachWanted, namedTracks, START } from "./history-lines.ts";

interface Open {
  readonly fromMs: number;
  readonly value: string;
}
interface Reading {
  readonly track: Track;
  readonly spans: Span[];
  open: Open | null;
}

interface Wanted {
  readonly kinds: readonly TrackKind[];
  readonly wants: (track: Track) => boolean;
}

/** `nowMs`: until then the bot was on, and what it observed last still holds; null: it could not write lately. */
export async function readHistory(
  directory: string,
  kinds: readonly TrackKind[],
  fromMs: number,
  toMs: number,
  nowMs: number | null,
  wants: (track: Track) => boolean = () => true,
): Promise<TrackHistory[]> {
  const all = await Promise.all(
    (["days", "storages"] as const).map((shelf) => {
      const here = kinds.filter((kind) => shelfOf(kind) === shelf);
      return here.length === 0 ? [] : readShelf(directory, shelf, { kinds: here, wants }, fromMs, toMs, nowMs);
    }),
  );
  return all.flat();
}

async function readShelf(
  directory: string,
  shelf: Shelf,
  wanted: Wanted,
  fromMs: number,
  toMs: number,
  nowMs: number | null,
): Promise<TrackHistory[]> {
  const readings = new Map<string, Reading>();
  let month: string | null = null;
  let numbered = new Map<number, Reading>();
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const file of filesBetween(shelf, fromMs, toMs)) {
    if (file.month !== month) numbered = numberedIn(await textIn(namesPath(directory, file.month)), readings, wanted);
    month = file.month;
    const text = await textIn(pathOf(directory, file));
    lastMs = replay(text, file, numbered, [...readings.values()], { fromMs, toMs, lastMs });
  }
  for (const reading of readings.values()) close(reading, fromMs, Math.min(toMs, nowMs ?? lastMs));
  return [...readings.values()].filter(({ spans }) => spans.length > 0).map(({ track, spans }) => ({ track, spans }));
}

/** The tracks of a month by their numbers. A track of an earlier month continues. */
function numberedIn(names: string, readings: Map<string, Reading>, { kinds, wants }: Wanted): Map<number, Reading> {
  const numbered = new Map<number, Reading>();
  for (const { id, track } of namedTracks(names, kinds)) {
    if (!wants(track)) continue;
    const key = JSON.stringify(track);
    const reading = readings.get(key) ?? { track, spans: [], open: null };
    readings.set(key, reading);
    numbered.set(id, reading);
  }
  return numbered;
}

interface Bounds {
  readonly fromMs: number;
  readonly toMs: number;
  /** Of the last line so far. */
  readonly lastMs: number;
}

/** Returns the time of the last line. */
function replay(
  text: string,
  { beginMs }: HistoryFile,
  numbered: ReadonlyMap<number, Reading>,
  all: readonly Reading[],
  { fromMs, toMs, lastMs: before }: Bounds,
): number {
  const ids = [...numbered.keys()].sort((a, b) => a - b);
  let lastMs = before;
  for (const { second, value, runs } of changeLines(text)) {
    const atMs = second === null ? lastMs : beginMs + second * 1000;
    if (atMs > toMs) continue;
    if (value === START) for (const reading of all) close(reading, fromMs, lastMs);
    if (atMs < lastMs) for (const reading of all) goBack(reading, atMs);
    lastMs = atMs;
    if (value === START || value === BEAT) continue;
    eachWanted(runs, ids, (id) => {
      const reading = numbered.get(id);
      if (reading === undefined || reading.open?.value === value) return;
      close(reading, fromMs, atMs);
      reading.open = value === ENDED ? null : { fromMs: atMs, value };
    });
  }
  return lastMs;
}

/** The clock was set back: what has later times was recorded by a wrong clock, and is recorded again. */
function goBack(reading: Reading, atMs: number): void {
  if (reading.open !== null && reading.open.fromMs >= atMs) reading.open = null;
  const kept = reading.spans.filter((span) => span.fromMs < atMs);
  reading.spans.splice(0, reading.spans.length, ...kept.map((span) => ({ ...span, toMs: Math.min(span.toMs, atMs) })));
}

/** Ends the open span. What ended before `fromMs` is not kept. */
function close(reading: Reading, fromMs: number, endMs: number): void {
  const { open, spans } = reading;
  reading.open = null;
  if (open === null) return;
  const span = { fromMs: Math.max(open.fromMs, fromMs), toMs: endMs, value: open.value };
  if (span.toMs > span.fromMs) spans.push(span);
}
