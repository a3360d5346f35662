import { appendFile, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Track } from "../core/track-history.ts";
import type { TrackFact } from "../watch/history-facts.ts";
import type { HistoryStore } from "../watch/ports.ts";
import {
  deleteOld,
  fileAt,
  type HistoryFile,
  namesPath,
  pathOf,
  type Shelf,
  shelfOf,
  textIn,
} from "./history-files.ts";
import { BEAT, ENDED, freeNumber, namedTracks, namesText, runsText, START } from "./history-lines.ts";
import { readHistory } from "./history-reader.ts";

/** Changes are written together, at most so long after the first of them. */
const WRITE_MS = 1_000;
/** A line at least so often, so that it is known until when the bot was on. */
const BEAT_MS = 300_000;
/** What nobody observed for so long is not known any more: a host that left the inventory, say. */
const FORGET_MS = 900_000;
/** Observations end in any order. A larger step back is a clock that was set. */
const SET_BACK_MS = 120_000;
/** A file does not grow beyond this. The rest of its day, or of its month, is then not known. */
const MOST_BYTES = 16_000_000;
const SHELVES: readonly Shelf[] = ["days", "storages"];

interface Kept {
  readonly track: Track;
  readonly key: string;
  value: string;
}
interface Owner {
  /** By their keys. */
  readonly tracks: Map<string, Kept>;
  atMs: number;
  /** What the host said last. Most observations say the same. */
  facts: readonly TrackFact[];
}
interface Numbers {
  readonly month: string;
  readonly ids: Map<string, number>;
  next: number;
}
interface Setting {
  readonly days: number;
  readonly failed: (doing: string, error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** `history/` in the data folder. What the bot did not observe has no value there. */
export async function openHistoryStore(directory: string, setting: Setting): Promise<HistoryStore> {
  const folder = join(directory, "history");
  const log = new HistoryLog(folder, setting);
  await log.begin();
  return log;
}

class HistoryLog implements HistoryStore {
  readonly #folder: string;
  readonly #setting: Setting;
  readonly #now: () => number;
  readonly #owners = new Map<string, Owner>();
  /** Facts of a second that are not written yet. */
  #waiting: { readonly hostUuid: string; readonly facts: readonly TrackFact[]; readonly atMs: number }[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  /** The numbers of this month's tracks; null before the first write, and after one that failed. */
  #numbers: Numbers | null = null;
  /** The files that are being written; their sizes say whether they are full. */
  #day = { beginMs: 0, bytes: { days: 0, storages: 0 } };
  /** Whether the last write failed. Only the first of such failures is reported. */
  #isFailing = false;
  readonly #opened = new Set<string>();
  #lastMs = 0;
  #beatMs = 0;

  constructor(folder: string, setting: Setting) {
    this.#folder = folder;
    this.#setting = setting;
    this.#now = setting.now ?? Date.now;
  }

  /** What the last run observed is not known any more. */
  begin(): Promise<void> {
    return this.#write(this.#now());
  }

  keep(hostUuid: string, facts: readonly TrackFact[], atMs: number): void {
    this.#waiting.push({ hostUuid, facts, atMs });
    this.#timer ??= setTimeout(() => void this.#write(), WRITE_MS);
  }

  async read(...[kinds, fromMs, toMs, wants]: Parameters<HistoryStore["read"]>) {
    await this.#write();
    const nowMs = this.#numbers === null ? null : this.#now();
    return readHistory(this.#folder, kinds, fromMs, toMs, nowMs, wants);
  }

  async close(): Promise<void> {
    await this.#write();
  }

  #write(beginsMs: number | null = null): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing
      .then(() => this.#append(beginsMs))
      .then(() => {
        this.#isFailing = false;
      })
      .catch((error) => {
        // Nobody knows what is on disk now: everything is written again with the next change.
        this.#numbers = null;
        this.#opened.clear();
        if (!this.#isFailing) this.#setting.failed("writing the history", error);
        this.#isFailing = true;
      });
    return this.#writing;
  }

  async #append(beginsMs: number | null): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (beginsMs !== null) waiting.unshift({ hostUuid: "", facts: [], atMs: beginsMs });
    for (const { hostUuid, facts, atMs } of waiting) {
      if (this.#lastMs - atMs > SET_BACK_MS) this.#beginsAgain();
      // Lines are in the order of time.
      const lineMs = Math.max(atMs, this.#lastMs);
      const lines = new Lines();
      await this.#enter(lineMs, lines);
      this.#apply(hostUuid, facts, lineMs, lines);
      this.#beat(lineMs, lines);
      await this.#put(lines, lineMs);
    }
  }

  /** A new day begins with all values, and so does a bot that starts. */
  async #enter(atMs: number, lines: Lines): Promise<void> {
    const day = fileAt("days", atMs);
    // The computer slept: nobody knows what happened until now.
    if (this.#numbers !== null && atMs - this.#lastMs > FORGET_MS) this.#beginsAgain();
    const begins = this.#numbers === null;
    if (!begins && day.beginMs === this.#day.beginMs) return;
    if (this.#numbers?.month !== day.month) this.#numbers = await this.#numbersOf(day.month);
    const [days, storages] = await Promise.all(SHELVES.map((shelf) => this.#sizeOf(fileAt(shelf, atMs))));
    this.#day = { beginMs: day.beginMs, bytes: { days: days ?? 0, storages: storages ?? 0 } };
    await deleteOld(this.#folder, atMs, this.#setting.days).catch((error) =>
      this.#setting.failed("deleting old history", error),
    );
    if (begins) for (const shelf of SHELVES) lines.add(shelf, atMs, START, null);
    const sinceMs = begins ? atMs : day.beginMs;
    for (const { tracks } of this.#owners.values())
      for (const kept of tracks.values()) lines.add(shelfOf(kept.track.kind), sinceMs, kept.value, kept);
  }

  /** Nothing that was observed before is known. */
  #beginsAgain(): void {
    this.#owners.clear();
    this.#numbers = null;
    this.#lastMs = 0;
    this.#beatMs = 0;
  }

  /** In bytes; 0 if there is none. */
  #sizeOf(file: HistoryFile): Promise<number> {
    return stat(pathOf(this.#folder, file)).then(
      ({ size }) => size,
      () => 0,
    );
  }

  async #numbersOf(month: string): Promise<Numbers> {
    await mkdir(join(this.#folder, month), { recursive: true, mode: 0o700 });
    const names = await textIn(namesPath(this.#folder, month));
    const ids = new Map<string, number>();
    for (const { id, track } of namedTracks(names)) ids.set(keyOf(track), id);
    return { month, ids, next: freeNumber(names) };
  }

  #apply(hostUuid: string, facts: readonly TrackFact[], atMs: number, lines: Lines): void {
    const own = this.#owners.get(hostUuid);
    if (own !== undefined && hasSameTracks(own.facts, facts)) {
      const { facts: before } = own;
      own.atMs = atMs;
      // Equal facts are not kept again: each would fill memory until the next observation.
      if (facts.some(({ value }, index) => value !== before[index]?.value)) own.facts = facts;
      // Other hosts observe the storages too, so only the host's own values are known to be unchanged.
      for (const [index, fact] of facts.entries())
        if (fact.value !== before[index]?.value || fact.track.ownerUuid !== hostUuid) this.#state(fact, atMs, lines);
      return;
    }
    const stated = new Set(facts.map((fact) => this.#state(fact, atMs, lines)));
    const after = this.#owners.get(hostUuid);
    if (after === undefined) return;
    after.facts = facts;
    this.#end(after, ({ key }) => !stated.has(key), atMs, lines);
  }

  /** Returns the key of the track. */
  #state({ track, value }: TrackFact, atMs: number, lines: Lines): string {
    const owner = this.#owners.get(track.ownerUuid) ?? { tracks: new Map(), atMs, facts: [] };
    this.#owners.set(track.ownerUuid, owner);
    owner.atMs = atMs;
    const key = keyOf(track);
    const kept = owner.tracks.get(key);
    if (kept?.value === value) return key;
    const changed = kept ?? { track, key, value };
    changed.value = value;
    owner.tracks.set(key, changed);
    lines.add(shelfOf(track.kind), atMs, value, changed);
    return key;
  }

  #end({ tracks }: Owner, isEnded: (kept: Kept) => boolean, atMs: number, lines: Lines): void {
    for (const kept of [...tracks.values()].filter(isEnded)) {
      tracks.delete(kept.key);
      lines.add(shelfOf(kept.track.kind), atMs, ENDED, kept);
    }
  }

  #beat(atMs: number, lines: Lines): void {
    if (atMs - this.#beatMs < BEAT_MS) return;
    this.#beatMs = atMs;
    for (const [uuid, owner] of this.#owners) {
      if (atMs - owner.atMs < FORGET_MS) continue;
      this.#end(owner, () => true, atMs, lines);
      this.#owners.delete(uuid);
    }
    for (const shelf of SHELVES) lines.add(shelf, atMs, BEAT, null);
  }

  async #put(lines: Lines, atMs: number): Promise<void> {
    const numbers = this.#numbers;
    if (lines.isEmpty || numbers === null) return;
    this.#lastMs = atMs;
    const added: { id: number; track: Track }[] = [];
    const idOf = ({ key, track }: Kept): number => {
      const id = numbers.ids.get(key) ?? numbers.next++;
      if (!numbers.ids.has(key)) added.push({ id, track });
      numbers.ids.set(key, id);
      return id;
    };
    for (const kept of lines.all()) idOf(kept);
    if (added.length > 0) await this.#appendTo(namesPath(this.#folder, numbers.month), namesText(added));
    for (const shelf of SHELVES) {
      const file = fileAt(shelf, atMs);
      const text = lines.text(shelf, file, idOf);
      if (text === "") continue;
      const { bytes } = this.#day;
      if (bytes[shelf] > MOST_BYTES) continue;
      bytes[shelf] += text.length;
      const isFull = bytes[shelf] > MOST_BYTES;
      const full = `${secondOf(file, atMs)} ${START}\n`;
      await this.#appendTo(pathOf(this.#folder, file), isFull ? full : text);
    }
  }

  /** A bot that was killed may have left a part of a line. */
  #appendTo(path: string, text: string): Promise<void> {
    const isFirst = !this.#opened.has(path);
    this.#opened.add(path);
    return appendFile(path, isFirst ? `\n${text}` : text, { mode: 0o600 });
  }
}

/** A UUID is unique, so a track's key needs no escapes: a WWID and a port have no tab. */
const keyOf = ({ kind, ownerUuid, via, subject }: Track): string => `${kind}\t${ownerUuid}\t${via}\t${subject}`;

const secondOf = ({ beginMs }: HistoryFile, atMs: number): number => Math.floor((atMs - beginMs) / 1000);

/** Lines before they have numbers: tracks of the same time and value are one line. */
class Lines {
  readonly #groups = new Map<string, { shelf: Shelf; atMs: number; value: string; tracks: Kept[] }>();

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** `track`: null for a line about the bot itself. */
  add(shelf: Shelf, atMs: number, value: string, track: Kept | null): void {
    const key = `${shelf} ${atMs} ${value}`;
    const group = this.#groups.get(key) ?? { shelf, atMs, value, tracks: [] };
    this.#groups.set(key, group);
    if (track !== null) group.tracks.push(track);
  }

  /** In an order in which those that change together are neighbours. */
  all(): Kept[] {
    const all = [...this.#groups.values()].flatMap(({ tracks }) => tracks);
    return all.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  text(shelf: Shelf, file: HistoryFile, idOf: (kept: Kept) => number): string {
    return [...this.#groups.values()]
      .filter((group) => group.shelf === shelf)
      .map(({ atMs, value, tracks }) => {
        const ids = tracks.map(idOf).sort((a, b) => a - b);
        return `${secondOf(file, atMs)} ${value}${ids.length === 0 ? "" : ` ${runsText(ids)}`}\n`;
      })
      .join("");
  }
}

const hasSameTracks = (before: readonly TrackFact[], now: readonly TrackFact[]): boolean =>
  before.length === now.length &&
  now.every(({ track }, index) => {
    const other = before[index]?.track;
    return (
      other !== undefined &&
      (track === other ||
        (other.kind === track.kind &&
          other.subject === track.subject &&
          other.via === track.via &&
          other.ownerUuid === track.ownerUuid))
    );
  });
