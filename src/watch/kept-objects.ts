import type { Element } from "./cause.ts";
import { isSilent, type Observed, type WatchedPath } from "./sample.ts";

/**
 * A host shows the same in nearly every observation. What is equal to what is kept already is not kept again: it dies young,
 * and the memory of a thousand hosts is not filled with copies.
 */

type Elements = ReadonlyMap<string, Element>;

/** An element that works as before is the same object as before. */
export function withKeptElements(before: Elements, now: Elements): Elements {
  return new Map([...now].map(([key, element]) => [key, keptOne(before.get(key), element) ?? element]));
}

/** null: it is another one. */
function keptOne(before: Element | undefined, now: Element): Element | null {
  if (before === undefined || before.findings.length > 0 || now.findings.length > 0) return null;
  const isSame =
    before.scopes.length === now.scopes.length &&
    now.scopes.every(({ kind, id }, at) => before.scopes[at]?.kind === kind && before.scopes[at]?.id === id);
  return isSame ? before : null;
}

/**
 * The observation as it is kept. Paths that are as before are the same object as before. All else is copied: a part of a
 * text keeps the whole text in memory, and a host prints 80 kB.
 */
export function keptObservation(before: Observed | null, now: Observed): Observed {
  if (isSilent(now)) return now;
  const { paths, ...rest } = now;
  const had = before === null || isSilent(before) ? null : before.paths;
  const isSame =
    had !== null &&
    paths !== null &&
    had.length === paths.length &&
    paths.every((path, at) => isSamePath(had[at], path));
  return { ...structuredClone(rest), paths: isSame ? had : structuredClone(paths) };
}

const isSamePath = (before: WatchedPath | undefined, now: WatchedPath): boolean =>
  before !== undefined &&
  before.key === now.key &&
  before.wwid === now.wwid &&
  before.device === now.device &&
  before.map === now.map &&
  before.works === now.works &&
  before.state === now.state &&
  before.adapter === now.adapter &&
  before.port === now.port &&
  before.array === now.array &&
  before.sizeBytes === now.sizeBytes;
