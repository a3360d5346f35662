import { type FillSettings, levelsOf } from "../core/fill-levels.ts";
import type { Incident } from "../core/incident.ts";
import type { Host, PrimaryStorage } from "../core/inventory.ts";
import { reasonOf } from "../core/outcome.ts";
import type { StorageUse } from "../core/watch-facts.ts";
import type { Element } from "./cause.ts";
import type { ElementIndex } from "./element-index.ts";
import type { WatchPorts } from "./ports.ts";
import { type HostSample, isSilent, type Observed, storagesOn } from "./sample.ts";
import { withSpace } from "./sample-from.ts";
import { deadMaps, SpaceReading } from "./space-reading.ts";
import { capacityElement } from "./storage-elements.ts";
import { fillReads, groupReads } from "./watch-reads.ts";

/** A watched host, and when it was asked for the space of its storages. */
export interface SpaceHost {
  readonly host: Host;
  readonly observed: Observed | null;
  /** When LVM was asked; 0: not yet. */
  groupsAtMs: number;
  fillsAtMs: number;
  /** It is being asked for the space of its storages. */
  isAskedForSpace: boolean;
  /** Why LVM gave no answer when it was asked last. null: it gave one, or was not asked yet. */
  lvmProblem: string | null;
}
export const notAskedForSpace = { groupsAtMs: 0, fillsAtMs: 0, isAskedForSpace: false, lvmProblem: null };

interface SpaceSettings {
  /** How often LVM and the kernel are asked. In milliseconds. */
  readonly groupsEveryMs: number;
  readonly fill: FillSettings;
}

/** People hear of it if nobody could read the space of a storage so many times. */
const MISSED_READS = 3;

/** How full the storages are, as their hosts read it. */
export class StorageSpaces {
  readonly #ports: WatchPorts;
  readonly #settings: SpaceSettings;
  readonly #index: ElementIndex;
  readonly #hosts: ReadonlyMap<string, SpaceHost>;
  readonly #reading: SpaceReading;
  readonly #uses = new Map<string, StorageUse>();

  constructor(
    ports: WatchPorts,
    settings: SpaceSettings,
    index: ElementIndex,
    hosts: ReadonlyMap<string, SpaceHost>,
    incidents: readonly Incident[],
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#index = index;
    this.#hosts = hosts;
    this.#reading = new SpaceReading(MISSED_READS * settings.groupsEveryMs, incidents);
  }

  /** How full each storage was when LVM was asked last. */
  uses(): readonly StorageUse[] {
    return [...this.#uses.values()];
  }

  /** `there`: the UUIDs of the storages of the inventory. */
  follow(there: ReadonlySet<string>): void {
    for (const uuid of this.#uses.keys()) {
      if (there.has(uuid)) continue;
      this.#uses.delete(uuid);
      this.#reading.leave(uuid);
    }
  }

  /** The clock was set: what was read keeps its age. */
  shift(byMs: number): void {
    this.#reading.shift(byMs);
    for (const watched of this.#hosts.values()) if (watched.groupsAtMs > 0) watched.groupsAtMs += byMs;
  }

  /**
   * Thin pools, snapshots and volume groups, in a round trip of their own: what LVM waits for delays nothing else. LVM is
   * asked only while all maps have a path. `seen` gets what the host shows with its space.
   */
  async observe(watched: SpaceHost, seen: (observed: Observed) => void): Promise<void> {
    const { host, observed, fillsAtMs } = watched;
    const sentMs = Date.now();
    if (watched.isAskedForSpace || observed === null || isSilent(observed)) return;
    const withGroups = this.#mayAskLvm(watched, sentMs);
    const withFills = sentMs - fillsAtMs >= this.#settings.groupsEveryMs;
    if (!withGroups && !withFills) return;
    watched.isAskedForSpace = true;
    try {
      const reads = { ...(withFills ? fillReads : {}), ...(withGroups ? groupReads : {}) };
      const answers = await this.#ports.gather(host, reads);
      if (this.#hosts.get(host.uuid) !== watched) return;
      if (withFills) watched.fillsAtMs = sentMs;
      if (withGroups) watched.groupsAtMs = sentMs;
      if (answers.groups !== undefined) watched.lvmProblem = reasonOf(answers.groups);
      if (watched.observed === null || isSilent(watched.observed)) return;
      seen(withSpace(watched.observed, answers));
    } catch (error) {
      this.#ports.failed(`observing the space of ${host.name}`, error);
    } finally {
      watched.isAskedForSpace = false;
    }
  }

  /** A host was observed: what it shows of its storages as a whole. */
  seen(host: Host, sample: HostSample): void {
    for (const storage of storagesOn(host, this.#ports.inventory())) {
      const space = this.#reading.element(storage, sample, this.#hosts.values());
      if (space !== null) this.#set(storage, "space", space, sample.atMs);
      const levels = levelsOf(this.#settings.fill, storage.name);
      const element = capacityElement(storage, host, sample, levels);
      if (element === null) continue;
      this.#set(storage, "capacity", element, sample.atMs);
      const group = sample.storages.find(({ storageUuid }) => storageUuid === storage.uuid)?.group;
      if (typeof group !== "object" || group === null) continue;
      const { sizeBytes, freeBytes } = group;
      const observedAt = new Date(sample.atMs).toISOString();
      this.#uses.set(storage.uuid, { storageUuid: storage.uuid, sizeBytes, freeBytes, observedAt, levels });
    }
  }

  /** A read of a map that has no path waits for as long as the map queues. */
  #mayAskLvm({ observed, groupsAtMs }: SpaceHost, nowMs: number): boolean {
    if (observed === null || isSilent(observed) || observed.paths === null) return false;
    return nowMs - groupsAtMs >= this.#settings.groupsEveryMs && deadMaps(observed.paths).length === 0;
  }

  /** Its other elements stay. */
  #set({ uuid }: PrimaryStorage, name: "capacity" | "space", element: Element, atMs: number): void {
    this.#index.set(uuid, new Map([...this.#index.of(uuid), [name, element]]), atMs);
  }
}
