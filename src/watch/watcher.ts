import { type FillSettings, levelsOf, usualFill } from "../core/fill-levels.ts";
import type { Finding } from "../core/finding.ts";
import type { Incident } from "../core/incident.ts";
import type { Host, Inventory, PrimaryStorage } from "../core/inventory.ts";
import { steadyMs } from "../core/steady-clock.ts";
import type { StorageUse } from "../core/watch-facts.ts";
import { accepted } from "./accepted.ts";
import { ReadAspects } from "./aspects.ts";
import { ElementIndex } from "./element-index.ts";
import { hostElements } from "./elements.ts";
import { EventWait } from "./event-wait.ts";
import { HostLeases } from "./host-leases.ts";
import { IncidentRounds, type RoundSettings } from "./incident-rounds.ts";
import { usualDamping } from "./incidents.ts";
import { KeptTexts, keptObservation } from "./kept-objects.ts";
import { type Known, learned } from "./known.ts";
import { LateDaemons } from "./late-daemons.ts";
import type { LockName } from "./lease-elsewhere.ts";
import { Observations } from "./observations.ts";
import { pathFindingKey, twoLunsFindingKey } from "./path-finding.ts";
import { type IdentifiedHost, observeIdentities } from "./path-identities.ts";
import type { EventStream, Remembered, StreamTrouble, WatchPorts } from "./ports.ts";
import { isSilent, type Observed, storagesOn, type WatchedPath } from "./sample.ts";
import { lateIn, observedFrom } from "./sample-from.ts";
import { whySpaceIsNotRead } from "./space-reading.ts";
import { notAskedForSpace, type SpaceHost, StorageSpaces } from "./storage-spaces.ts";
import { type Identities, twoTargetsIn } from "./two-targets.ts";
import { WallClock } from "./wall-clock.ts";
import { watchReads } from "./watch-reads.ts";

/** Times in milliseconds. */
export interface WatchSettings extends RoundSettings {
  /** How often a host is observed without events. */
  readonly everyMs: number;
  /** How often while something on it fails: whether it lasts must be seen, not assumed. */
  readonly failingEveryMs: number;
  /** Events within this time cause one observation. Those that change nothing wait longer. */
  readonly mergeMs: number;
  /** How often LVM is asked, which reads the disks, and the kernel for thin pools and snapshots. */
  readonly groupsEveryMs: number;
  readonly fill: FillSettings;
}
export const usualSettings: WatchSettings = {
  everyMs: 30_000,
  failingEveryMs: 5_000,
  mergeMs: 300,
  groupsEveryMs: 180_000,
  roundEveryMs: 1_000,
  fill: usualFill,
  damping: usualDamping,
};

/** After a start hosts are observed soon: until all are, nobody knows what a cause is. */
const FIRST_EACH_MS = 50;

/** What `watch show` says of a host. */
export interface HostWatch {
  readonly hostUuid: string;
  readonly observed: Observed | null;
  /** undefined: its stream has not begun. */
  readonly trouble: StreamTrouble | undefined;
  /** What it had before; null: it was never observed. */
  readonly known: Known | null;
  /** Why LVM can't say on it how full its storages are. null: it can, or the host does not answer at all. */
  readonly noSpace: string | null;
}

interface Watched extends SpaceHost, IdentifiedHost {
  host: Host;
  observed: Observed | null;
  known: Known | null;
  /** What was read of it since the start. */
  readonly read: ReadAspects;
  readonly late: LateDaemons;
  trouble: StreamTrouble | undefined;
  stream: EventStream | null;
  timer: NodeJS.Timeout | null;
  /** When `timer` is due. */
  dueMs: number;
  busy: boolean;
  /** null: its sanlock has not shown it yet. */
  lockName: LockName | null;
  /** null: it answers. */
  silentSinceMs: number | null;
  /** When it was asked for what it showed last. */
  sentMs: number;
  /** When it was observed to decide what a cause is. */
  askedMs: number;
  /** What its elements were made from. */
  seenWith: {
    readonly identities: Identities;
    readonly host: Host;
    readonly paths: readonly WatchedPath[] | null;
    readonly known: Known["paths"] | undefined;
    readonly primaryStorages: Inventory["primaryStorages"];
  } | null;
  readonly events: EventWait;
  /** How soon after the observation under way the next one follows, since something happened. Infinity: nothing did. */
  againMs: number;
}

/**
 * Watches every host of the inventory. Events are hints, observations are the truth: an event causes an observation, and
 * without events each host is observed at its own time in the interval.
 */
export class Watcher {
  readonly rounds: IncidentRounds;
  readonly #ports: WatchPorts;
  readonly #settings: WatchSettings;
  readonly #hosts = new Map<string, Watched>();
  readonly #index: ElementIndex;
  readonly #texts = new KeptTexts();
  readonly #clock = new WallClock();
  readonly #remembered: ReadonlyMap<string, Known>;
  readonly #leases: HostLeases;
  readonly #spaces: StorageSpaces;
  #stopped = false;

  constructor(ports: WatchPorts, settings: WatchSettings, remembered: Remembered, newId: () => string) {
    this.#ports = ports;
    this.#settings = settings;
    this.#index = new ElementIndex(sinceIn(remembered.incidents));
    this.#remembered = remembered.known;
    this.#leases = new HostLeases(
      this.#hosts,
      (hostUuid, withinMs) => this.#planIdle(hostUuid, withinMs),
      (hostUuid) => this.observeSoon(hostUuid, settings.mergeMs),
    );
    this.#spaces = new StorageSpaces(ports, settings, this.#index, this.#hosts, remembered.incidents);
    const observations = new Observations(this.#hosts, this.#index, () => ports.inventory());
    const observe = (hostUuid: string, askedMs: number) => this.#ask(hostUuid, askedMs);
    const { incidents } = remembered;
    this.rounds = new IncidentRounds({ ports, settings, newId, clock: this.#clock, observations, observe }, incidents);
    this.#clock.onSetBack((byMs) => this.#shift(byMs));
  }

  /** Begins to watch, and follows the inventory: call it again when that changed. */
  start(): void {
    const { hosts, primaryStorages } = this.#ports.inventory();
    const there = new Set([...hosts, ...primaryStorages].map(({ uuid }) => uuid));
    for (const [uuid, watched] of this.#hosts) if (!there.has(uuid)) this.#leave(uuid, watched);
    for (const owner of [...this.#index.owners()]) if (!there.has(owner)) this.#index.remove(owner);
    this.#spaces.follow(there);
    const added = hosts.filter((host) => !this.#isWatched(host));
    const spreadMs = Math.min(this.#settings.everyMs, added.length * FIRST_EACH_MS);
    for (const [index, host] of added.entries()) this.#enter(host, (index * spreadMs) / added.length);
    this.rounds.begin();
  }

  /** Resolves once what is being kept is on disk. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const [uuid, watched] of this.#hosts) this.#leave(uuid, watched);
    await this.rounds.stop();
  }

  /** An operation of ours caused it: the host has it like this from now on. */
  accept(finding: Finding): void {
    const watched = this.#hosts.get(finding.hostUuid ?? "");
    if (!watched?.known || watched.observed === null || isSilent(watched.observed)) return;
    const { paths } = watched.observed;
    if (paths === null) return;
    const known = accepted(watched.known, finding, new Set(paths.map(({ key }) => key)));
    if (known === watched.known) return;
    watched.known = known;
    this.#ports.keepKnown(watched.host.uuid, known);
  }

  /** All that fails now, covered or not. */
  failing(): readonly (Finding & { readonly sinceMs: number })[] {
    return this.#index.failing().flatMap(({ findings }) => findings);
  }

  /** How full each storage was when LVM was asked last. */
  uses(): readonly StorageUse[] {
    return this.#spaces.uses();
  }

  show(): HostWatch[] {
    const inventory = this.#ports.inventory();
    return [...this.#hosts].map(([hostUuid, watched]) => {
      const { host, observed, trouble, known } = watched;
      const serves = storagesOn(host, inventory).length > 0;
      return { hostUuid, observed, trouble, known, noSpace: serves ? whySpaceIsNotRead(watched) : null };
    });
  }

  hearsEventsOf(hostUuid: string): boolean {
    return this.#hosts.get(hostUuid)?.trouble === null;
  }

  /** The paths that the host has or had, by their keys. */
  pathsOf(hostUuid: string): Known["paths"] {
    return this.#hosts.get(hostUuid)?.known?.paths ?? {};
  }

  /** Observes the host now, or as soon as its observation under way has ended. */
  observeSoon(hostUuid: string, withinMs = 0): void {
    const watched = this.#hosts.get(hostUuid);
    if (watched === undefined) return;
    if (watched.busy) watched.againMs = Math.min(watched.againMs, Math.max(withinMs, this.#settings.mergeMs));
    else this.#plan(watched, withinMs);
  }

  /** To decide what a cause is, instead of waiting for its time. */
  #ask(hostUuid: string, askedMs: number): void {
    const watched = this.#hosts.get(hostUuid);
    if (watched === undefined) return;
    watched.askedMs = askedMs;
    this.observeSoon(hostUuid);
  }

  #isWatched(host: Host): boolean {
    const watched = this.#hosts.get(host.uuid);
    if (watched === undefined) return false;
    const { address, port, user, hostKeySha256 } = watched.host;
    const isSame =
      address === host.address && port === host.port && user === host.user && hostKeySha256 === host.hostKeySha256;
    if (isSame) watched.host = host;
    else this.#leave(host.uuid, watched);
    return isSame;
  }

  #enter(host: Host, firstMs: number): void {
    const known = this.#remembered.get(host.uuid) ?? null;
    const late = new LateDaemons(this.#ports, this.#settings.failingEveryMs, {
      current: () => watched,
      observeSoon: () => this.observeSoon(host.uuid),
    });
    const watched: Watched = {
      ...{ host, observed: null, known, late, ...notAskedForSpace },
      read: new ReadAspects(),
      ...{ trouble: undefined, stream: null, timer: null, dueMs: Number.POSITIVE_INFINITY, busy: false },
      ...{ events: new EventWait(this.#settings.mergeMs), againMs: Number.POSITIVE_INFINITY },
      ...{ sentMs: 0, askedMs: 0, silentSinceMs: null, lockName: null, seenWith: null },
      ...{ identities: new Map(), isAskedForIdentities: false },
    };
    this.#hosts.set(host.uuid, watched);
    watched.stream = this.#ports.listen(
      host,
      (event) => this.observeSoon(host.uuid, watched.events.hears(event)),
      (trouble) => {
        const isOther = watched.trouble !== undefined && (watched.trouble === null) !== (trouble === null);
        watched.trouble = trouble;
        // A lost stream may be the first sign of a lost host. What happened without a stream had no event.
        if (isOther) this.observeSoon(host.uuid, this.#settings.mergeMs);
      },
    );
    this.#plan(watched, firstMs);
  }

  #leave(uuid: string, watched: Watched): void {
    if (watched.timer) clearTimeout(watched.timer);
    watched.late.stop();
    watched.stream?.stop();
    this.#leases.leave(watched.host);
    this.#hosts.delete(uuid);
    this.#index.remove(uuid);
  }

  /** An earlier time stays: events within `mergeMs` are one observation. */
  #plan(watched: Watched, withinMs: number): void {
    const dueMs = steadyMs() + withinMs;
    if (this.#stopped || (watched.timer !== null && watched.dueMs <= dueMs)) return;
    if (watched.timer) clearTimeout(watched.timer);
    watched.dueMs = dueMs;
    watched.timer = setTimeout(() => void this.#observe(watched), withinMs);
  }

  #planIdle(hostUuid: string, withinMs: number): void {
    const watched = this.#hosts.get(hostUuid);
    if (watched !== undefined && !watched.busy) this.#plan(watched, withinMs);
  }

  async #observe(watched: Watched): Promise<void> {
    watched.timer = null;
    watched.busy = true;
    watched.events.observes();
    try {
      const { host } = watched;
      const inventory = this.#ports.inventory();
      const storages = storagesOn(host, inventory);
      const sentMs = Date.now();
      const seen = await this.#ports.gather(host, watchReads(storages, watched.late.all()));
      if (this.#hosts.get(host.uuid) !== watched) return;
      const earlier = {
        ...{ observed: watched.observed, known: watched.known, late: watched.late.confirmed() },
        lockNameOf: (hostId: number) => this.#leases.nameOf(hostId),
      };
      const observed = observedFrom(host, storages, seen, sentMs, Date.now(), earlier);
      const kept = keptObservation(watched.observed, observed, this.#texts);
      watched.sentMs = sentMs;
      watched.events.observed(watched.observed, kept);
      if (!isSilent(observed)) for (const daemon of lateIn(seen)) watched.late.doubt(daemon);
      this.#seen(watched, kept);
      if (storages.length > 0)
        void this.#spaces.observe(watched, (shown) =>
          this.#seen(watched, keptObservation(watched.observed, shown, this.#texts)),
        );
      const isWatched = () => this.#hosts.get(host.uuid) === watched;
      void observeIdentities(watched, this.#ports, isWatched, () => {
        if (watched.observed !== null) this.#seen(watched, watched.observed);
      });
    } catch (error) {
      this.#ports.failed(`observing ${watched.host.name}`, error);
    } finally {
      watched.busy = false;
      if (this.#hosts.get(watched.host.uuid) === watched) this.#planNext(watched);
    }
  }

  #planNext(watched: Watched): void {
    const { failingEveryMs, everyMs } = this.#settings;
    const { observed } = watched;
    const isInDoubt = observed !== null && !isSilent(observed) && observed.notRead.some(({ isAgain }) => !isAgain);
    const fails =
      isInDoubt || [...this.#index.of(watched.host.uuid).values()].some(({ findings }) => findings.length > 0);
    this.#plan(watched, Math.min(watched.againMs, fails ? failingEveryMs : everyMs));
    watched.againMs = Number.POSITIVE_INFINITY;
  }

  /** The clock was set: what is compared with later observations keeps its age. */
  #shift(byMs: number): void {
    this.#index.shift(byMs);
    this.#spaces.shift(byMs);
    this.#leases.shift(byMs);
    for (const watched of this.#hosts.values()) {
      watched.askedMs += byMs;
      if (watched.silentSinceMs !== null) watched.silentSinceMs += byMs;
    }
  }

  #seen(watched: Watched, observed: Observed): void {
    this.#clock.follow();
    const { host } = watched;
    const inventory = this.#ports.inventory();
    const { identities } = watched;
    const twoTargets = twoTargetsIn(isSilent(observed) ? [] : (observed.paths ?? []), identities);
    if (!isSilent(observed)) {
      const blocks = inventory.primaryStorages.flatMap(({ sharedBlocks }) => sharedBlocks);
      // One that is claimed, and not finished, holds nothing yet.
      const sinceMs = new Map(blocks.map(({ wwid, addedAt }) => [wwid, Date.parse(addedAt ?? "9999-12-31")]));
      watched.known = learned(watched.known, observed, new Set(sinceMs.keys()), {
        isResolved: (path) => this.rounds.isHeld(pathFindingKey(host.uuid, path)),
        // A person who resolves that they may be two says that they are one.
        mayBeTwo: (wwid) =>
          twoTargets.has(wwid) &&
          !(twoTargets.get(wwid)?.isProven === false && this.rounds.isHeld(twoLunsFindingKey(host.uuid, wwid))),
        ownedSinceMs: (wwid) => sinceMs.get(wwid) ?? Number.NEGATIVE_INFINITY,
      });
      this.#ports.keepKnown(host.uuid, watched.known);
    }
    this.#ports.keepHistory(observed, watched.known);
    const beforeMs = watched.observed?.atMs ?? 0;
    watched.observed = observed;
    watched.read.add(observed, watched.late.isInDoubt);
    const { primaryStorages } = inventory;
    const had = watched.seenWith;
    const paths = isSilent(observed) ? null : observed.paths;
    watched.seenWith = { identities, host, paths, known: watched.known?.paths, primaryStorages };
    const hasSamePaths =
      paths !== null &&
      had?.host === host &&
      had.identities === identities &&
      had.paths === paths &&
      had.known === watched.known?.paths &&
      had.primaryStorages === primaryStorages;
    watched.silentSinceMs = isSilent(observed) ? (watched.silentSinceMs ?? observed.atMs) : null;
    this.#leases.seen(watched, observed);
    const before = this.#index.of(host.uuid);
    const levels = (storage: PrimaryStorage) => levelsOf(this.#settings.fill, storage.name);
    const isApart = (finding: Finding) => this.rounds.isApart(finding);
    const compared = { known: watched.known, hasSamePaths, levelsOf: levels, isApart };
    const namedBy = this.#leases.takersOf(watched, observed, beforeMs);
    const shown = { host, observed, ...compared, twoTargets, takenBy: namedBy, ...this.#leases.of(watched) };
    const elements = hostElements(shown, before, inventory, observed.atMs);
    this.#index.set(host.uuid, elements, observed.atMs, watched.sentMs);
    if (!isSilent(observed)) this.#spaces.seen(host, observed);
    this.rounds.follow();
  }
}

/** When the findings of incidents that are not over were first seen. */
const sinceIn = (incidents: readonly Incident[]): ReadonlyMap<string, number> =>
  new Map(
    incidents.flatMap(({ state, findings }) =>
      state === "resolved" ? [] : findings.map(({ key, since }) => [key, Date.parse(since)] as const),
    ),
  );
