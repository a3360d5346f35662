import { isSilent, type Observed, type WatchedPath } from "./sample.ts";

/** More texts than a site has. Beyond this, equal ones are kept several times. */
const MOST_TEXTS = 200_000;

/**
 * Texts of which many hosts show the same: the WWID of a LUN, a portal. Each is kept once, and as a copy: a part of a text
 * keeps the whole text in memory, and a host prints 80 kB.
 */
export class KeptTexts {
  readonly #texts = new Map<string, string>();

  of(text: string): string {
    const before = this.#texts.get(text);
    if (before !== undefined) return before;
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    const copy = structuredClone(text);
    this.#texts.set(copy, copy);
    return copy;
  }

  ofAny<T extends string | null>(text: T): T {
    // A copy of a text has its type.
    return text === null ? text : (this.of(text) as T);
  }
}

/**
 * The observation as it is kept. A host shows the same in nearly every observation: paths that are as before are the same
 * object as before. What is not kept again dies young. All else is copied.
 */
export function keptObservation(before: Observed | null, now: Observed, texts = new KeptTexts()): Observed {
  if (isSilent(now)) return now;
  const { paths, ...rest } = now;
  const had = before === null || isSilent(before) ? null : before.paths;
  const isSame =
    had !== null &&
    paths !== null &&
    had.length === paths.length &&
    paths.every((path, at) => isSamePath(had[at], path));
  return { ...structuredClone(rest), paths: isSame ? had : (paths?.map((path) => keptPath(path, texts)) ?? null) };
}

/** One literal, so that all paths have one shape. */
const keptPath = (path: WatchedPath, texts: KeptTexts): WatchedPath => ({
  key: texts.of(path.key),
  wwid: texts.of(path.wwid),
  device: texts.of(path.device),
  hctl: texts.of(path.hctl),
  map: texts.ofAny(path.map),
  works: path.works,
  state: texts.of(path.state),
  adapter: texts.of(path.adapter),
  port: texts.ofAny(path.port),
  array: texts.ofAny(path.array),
  sizeBytes: path.sizeBytes,
});

const isSamePath = (before: WatchedPath | undefined, now: WatchedPath): boolean =>
  before !== undefined &&
  before.key === now.key &&
  before.wwid === now.wwid &&
  before.device === now.device &&
  before.hctl === now.hctl &&
  before.map === now.map &&
  before.works === now.works &&
  before.state === now.state &&
  before.adapter === now.adapter &&
  before.port === now.port &&
  before.array === now.array &&
  before.sizeBytes === now.sizeBytes;
