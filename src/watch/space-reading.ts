import type { Finding } from "../core/finding.ts";
import type { Incident } from "../core/incident.ts";
import type { Host, PrimaryStorage } from "../core/inventory.ts";
import type { Element } from "./cause.ts";
import { finding } from "./found.ts";
import { lunText } from "./incident-text.ts";
import { pathFindingKey } from "./path-finding.ts";
import { type HostSample, isSilent, type Observed, type WatchedPath } from "./sample.ts";

/** A watched host, as the space of its storages concerns it. */
interface SpaceReader {
  readonly host: Host;
  /** null: nobody has observed it yet. */
  readonly observed: Observed | null;
  /** Why LVM gave no answer when it was asked last. null: it gave one, or was not asked yet. */
  readonly lvmProblem: string | null;
}

/** The WWIDs of the maps without a path. A read of one waits for as long as the map queues. */
export function deadMaps(paths: readonly WatchedPath[]): string[] {
  const working = new Set(paths.flatMap(({ wwid, works }) => (works ? [wwid] : [])));
  return [...new Set(paths.map(({ wwid }) => wwid))].filter((wwid) => !working.has(wwid));
}

/** Why LVM can't say on this host how full storages are. null: it can, or the host does not answer at all. */
export function whySpaceIsNotRead({ host, observed, lvmProblem }: SpaceReader): string | null {
  if (observed === null || isSilent(observed)) return null;
  if (observed.paths === null) return `paths of ${host.name} can't be read, so LVM is not asked`;
  const [first, ...more] = deadMaps(observed.paths);
  if (first === undefined) return lvmProblem === null ? null : `LVM on ${host.name}: ${lvmProblem}`;
  const others = more.length === 0 ? "" : ` and ${more.length} more ${more.length === 1 ? "LUN" : "LUNs"}`;
  return `${lunText(first)}${others} without paths on ${host.name} would make LVM wait`;
}

/** If a thousand hosts can't be asked, all of them are compared so often, and not at each observation. */
const COMPARED_EVERY_MS = 30_000;

interface Reading {
  readonly atMs: number;
  /** For people; null: nobody has read it since the start. */
  readonly since: string | null;
  /** When its hosts were compared last; null: not since then. */
  readonly comparedMs: number | null;
}

/** When the space of each storage was read last, from any of its hosts. */
export class SpaceReading {
  readonly #limitMs: number;
  /** By storage. */
  readonly #last = new Map<string, Reading>();
  /** What an earlier process said of a storage. */
  readonly #earlier: ReadonlyMap<string, string>;

  /** `limitMs`: people hear of it if nobody has read it for so long. */
  constructor(limitMs: number, incidents: readonly Incident[]) {
    this.#limitMs = limitMs;
    const open = incidents.filter(({ state }) => state !== "resolved").flatMap(({ findings }) => findings);
    this.#earlier = new Map(
      open.flatMap(({ kind, storageUuid, text }) =>
        kind === "space not read" && storageUuid !== null ? [[storageUuid, text] as const] : [],
      ),
    );
  }

  /** The clock was set: a reading keeps its age. */
  shift(byMs: number): void {
    for (const [uuid, { atMs, since }] of this.#last)
      this.#last.set(uuid, { atMs: atMs + byMs, since, comparedMs: null });
  }

  leave(storageUuid: string): void {
    this.#last.delete(storageUuid);
  }

  /**
   * After an observation of one of its hosts. null: nothing new is known. A host that can be asked is asked soon: while there
   * is one, nobody has to hear of it.
   */
  element(storage: PrimaryStorage, { storages, atMs }: HostSample, hosts: Iterable<SpaceReader>): Element | null {
    const group = storages.find(({ storageUuid }) => storageUuid === storage.uuid)?.group ?? null;
    const scopes = [{ kind: "storage", id: `space ${storage.uuid}` }] as const;
    if (group !== null) {
      const since = new Date(atMs).toISOString().slice(0, 16).replace("T", " ");
      this.#last.set(storage.uuid, { atMs, since, comparedMs: null });
      return { findings: [], scopes };
    }
    const last = this.#last.get(storage.uuid) ?? { atMs, since: null, comparedMs: null };
    const isDue = last.comparedMs === null || atMs - last.comparedMs >= COMPARED_EVERY_MS;
    const isCompared = isDue && atMs - last.atMs >= this.#limitMs;
    this.#last.set(storage.uuid, isCompared ? { ...last, comparedMs: atMs } : last);
    if (!isCompared) return null;
    const own = [...hosts].filter(({ host }) => storage.clusterUuids.includes(host.clusterUuid));
    const answering = own.filter(({ observed }) => observed === null || !isSilent(observed));
    const reasons = answering.map((each) => ({ ...each, why: whySpaceIsNotRead(each) }));
    const [first] = reasons;
    if (first === undefined || first.why === null || reasons.some(({ why }) => why === null)) return null;
    const follows = answering.flatMap((each) => lostPathsOf(storage, each));
    const text = this.#text(storage, last.since, first.why);
    const about = { storage, wwid: null };
    const found: Finding = { ...finding(first.host, "space not read", storage.uuid, text, about), hostUuid: null };
    return { findings: [found], scopes, ...(follows.length === 0 ? {} : { follows }) };
  }

  /** A restart of the bot is no news. */
  #text({ uuid, name }: PrimaryStorage, since: string | null, why: string): string {
    const earlier = this.#earlier.get(uuid);
    if (since === null && earlier?.endsWith(`: ${why}`)) return earlier;
    return `Space of ${name} is not read ${since === null ? "yet" : `since ${since} UTC`}: ${why}`;
  }
}

/** Keys of the findings of the storage's own LUNs without paths on this host. Of another LUN, it is a fault of its own. */
function lostPathsOf({ sharedBlocks }: PrimaryStorage, { host, observed }: SpaceReader): string[] {
  if (observed === null || isSilent(observed) || observed.paths === null) return [];
  const dead = new Set(deadMaps(observed.paths));
  return observed.paths
    .filter(({ wwid }) => dead.has(wwid) && sharedBlocks.some((block) => block.wwid === wwid))
    .map(({ key }) => pathFindingKey(host.uuid, key));
}
