import { z } from "zod";
import { type Track, trackKinds } from "../core/track-history.ts";

/**
 * The text of history files. A day's file has one line for each change: `43200 failed 17-116,200` says which tracks
 * failed in which second. Consecutive numbers are one run, because the paths through one port fail together.
 */

/** The track has no value from then on. */
export const ENDED = "-";
/** A line without tracks. START: the bot was off before it. BEAT: it was on, and nothing changed. */
export const START = "start";
export const BEAT = ".";

/** `17-116,200`. `ids` are in rising order. */
export function runsText(ids: readonly number[]): string {
  const runs: string[] = [];
  for (let at = 0; at < ids.length; ) {
    let end = at;
    while (end + 1 < ids.length && ids[end + 1] === (ids[end] ?? 0) + 1) end += 1;
    runs.push(end === at ? `${ids[at]}` : `${ids[at]}-${ids[end]}`);
    at = end + 1;
  }
  return runs.join(",");
}

/** Calls `take` for each number of the runs that is among `wanted`, which is in rising order. */
export function eachWanted(runs: string, wanted: readonly number[], take: (id: number) => void): void {
  for (const run of runs.split(",")) {
    const dash = run.indexOf("-");
    const first = Number(dash === -1 ? run : run.slice(0, dash));
    const last = dash === -1 ? first : Number(run.slice(dash + 1));
    for (let index = lowerBound(wanted, first); index < wanted.length; index += 1) {
      const id = wanted[index] ?? Number.POSITIVE_INFINITY;
      if (id > last) break;
      take(id);
    }
  }
}

/** The place of the first number that is not less than `least`. */
function lowerBound(sorted: readonly number[], least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface ChangeLine {
  /** null: the line is damaged. Nobody knows what changed there, so it counts as a START. */
  readonly second: number | null;
  readonly value: string;
  /** Empty for START and BEAT. */
  readonly runs: string;
}
/** The lines of a file. A part of a line at the end is left out: it is being written, or the bot was killed then. */
export function* changeLines(text: string): Generator<ChangeLine> {
  let end = 0;
  for (const match of text.matchAll(LINE)) {
    const [line, second, value = "", runs = ""] = match;
    if (text.slice(end, match.index).trim() !== "") yield { second: null, value: START, runs: "" };
    end = match.index + line.length;
    yield { second: Number(second), value, runs };
  }
}
const LINE = /^(\d{1,7}) ([a-z]{1,20}|\d{1,18}(?:\/\d{1,18})?|[.-])(?: ((?:\d+(?:-\d+)?,?)+))?$/gm;

const nameLine = z.tuple([z.number(), z.enum(trackKinds), z.string(), z.string(), z.array(z.string())]);

/** The numbers of tracks. Tracks of one owner and one place have consecutive numbers, and are one line. */
export function namesText(tracks: readonly { readonly id: number; readonly track: Track }[]): string {
  const lines: z.output<typeof nameLine>[] = [];
  for (const { id, track } of tracks) {
    const last = lines.at(-1);
    const [from, kind, owner, via, subjects] = last ?? [0, null, "", "", []];
    const continues =
      kind === track.kind && owner === track.ownerUuid && via === track.via && from + subjects.length === id;
    if (continues) subjects.push(track.subject);
    else lines.push([id, track.kind, track.ownerUuid, track.via, [track.subject]]);
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** `kinds`: lines of other kinds are not read. */
export function* namedTracks(
  text: string,
  kinds: readonly string[] = trackKinds,
): Generator<{ readonly id: number; readonly track: Track }> {
  for (const line of text.split("\n")) {
    const named = /^\[\d+,"(\w+)"/.exec(line)?.[1];
    const parsed = named !== undefined && kinds.includes(named) ? nameLine.safeParse(parsedJson(line)).data : null;
    if (!parsed) continue;
    const [from, kind, ownerUuid, via, subjects] = parsed;
    for (const [index, subject] of subjects.entries())
      yield { id: from + index, track: { kind, ownerUuid, via, subject } };
  }
}

/** A damaged line may have named so many tracks. */
const MOST_IN_LINE = 100_000;

/** The first number that no track has, also none of a damaged line: the changes of a lost track stay without a name. */
export function freeNumber(names: string): number {
  let free = 0;
  for (const line of names.split("\n").filter((each) => each.trim() !== "")) {
    const parsed = nameLine.safeParse(parsedJson(line)).data;
    free = parsed ? Math.max(free, parsed[0] + parsed[4].length) : free + MOST_IN_LINE;
  }
  return free;
}

function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
