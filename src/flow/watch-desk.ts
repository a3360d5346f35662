import type { FindingKind } from "../core/finding.ts";
import type { Incident } from "../core/incident.ts";
import type {
  CoveredNow,
  FailingNow,
  IncidentPlace,
  StorageUse,
  WatchedHost,
  WatchFacts,
  WatchNotes,
  WatchPause,
} from "../core/watch-facts.ts";
import { eventIn, MONITOR_EVENTS } from "../host/udev.ts";
import { type Desk, deskWith, isBehind } from "../watch/desk-file.ts";
import { withEvent } from "../watch/event-log.ts";
import { historyFacts } from "../watch/history-facts.ts";
import { allFindings, shownFindings } from "../watch/incident-text.ts";
import type { Known } from "../watch/known.ts";
import type { OnCall } from "../watch/on-call.ts";
import type { HistoryStore } from "../watch/ports.ts";
import { withVms } from "../watch/vms-at-risk.ts";
import { watchedHost } from "../watch/watched-host.ts";
import { type HostWatch, Watcher, type WatchSettings } from "../watch/watcher.ts";
import { CoveredFindings } from "./covered-findings.ts";
import { FindingCover } from "./finding-cover.ts";
import { type ArchiveStore, IncidentArchive } from "./incident-archive.ts";
import { IncidentPosts, type PostSetting, type PostStore } from "./incident-posts.ts";
import type { Channel, Conversations, World } from "./ports.ts";
import { VmObservations } from "./vm-observations.ts";

/** What the watch keeps on disk. */
interface WatchStore extends PostStore, ArchiveStore {
  readonly known: ReadonlyMap<string, Known>;
  keepKnown(hostUuid: string, known: Known): void;
}
interface Setting {
  readonly world: Pick<World, "hosts" | "inventory" | "operations" | "clock" | "log" | "buttonKey">;
  readonly conversations: Pick<Conversations, "at" | "inThread">;
  readonly store: WatchStore;
  readonly history: HistoryStore | null;
  readonly settings: WatchSettings;
  /** Where incidents are posted; null: nowhere. */
  readonly channel: Channel | null;
  readonly onCall: OnCall;
  /** The operations that change one of these things now, or changed it just before. */
  readonly changing: (names: readonly string[]) => readonly string[];
}

/** One watch observation has at most this time, in milliseconds. */
const OBSERVE_MS = 25_000;
/** How often it is written when open incidents were there last, in milliseconds. */
const ALIVE_MS = 60_000;

/** The watch of all hosts: the watcher with its stores, its posts, and what people do about incidents. */
export class WatchDesk implements WatchFacts, WatchNotes {
  readonly everyMs: number;
  readonly isPosting: boolean;
  readonly #setting: Setting;
  readonly #posts: IncidentPosts;
  readonly #covered: CoveredFindings;
  readonly #watcher: Watcher;
  readonly #cover: FindingCover;
  #alive: NodeJS.Timeout | null = null;
  readonly #archive: IncidentArchive;
  readonly #vms: VmObservations;

  constructor(setting: Setting) {
    const { world, conversations, store, history, settings, channel, onCall } = setting;
    const { clock, log, buttonKey: key } = world;
    this.#setting = setting;
    this.everyMs = settings.everyMs;
    this.isPosting = channel !== null;
    const inventory = () => world.inventory.current();
    const note: PostSetting["note"] = async (id, { kind, text }) => {
      const at = clock.now().toISOString();
      // What the bot itself did about it.
      await this.revise(id, (incident) => withEvent(incident, { at, kind, by: null, text }));
    };
    this.#posts = new IncidentPosts({ store, channel, conversations, inventory, clock, log, key, onCall, note });
    const { lastsMs } = settings.damping;
    this.#covered = new CoveredFindings({ conversations, clock, log, lastsMs });
    this.#vms = new VmObservations({
      inventory,
      gather: (host, reads) =>
        world.hosts.gather(host, reads, { urgency: "watch", mayShare: true, withinMs: OBSERVE_MS }),
      incident: (id) => this.incidents().find((each) => each.id === id),
      keep: (id, vms) => this.revise(id, (latest) => withVms(latest, vms)),
      failed: (id, error) => log.error(`observing the VMs at risk of ${id}`, error),
    });
    const desk = store.desk();
    let number = desk.nextNumber;
    this.#watcher = new Watcher(
      {
        gather: (host, reads) =>
          world.hosts.gather(host, reads, { urgency: "watch", mayShare: false, withinMs: OBSERVE_MS }),
        listen: (host, onEvent, onTrouble) =>
          world.hosts.stream(host, MONITOR_EVENTS, {
            onLine: (line) => {
              const event = eventIn(line);
              if (event !== null) onEvent(event);
            },
            onTrouble,
          }),
        inventory,
        coveredBy: (finding, sinceMs) => this.#cover.by(finding, sinceMs),
        take: async ({ incidents, changed, forgotten }) => {
          const nextNumber = number;
          // On disk in the archive before it leaves the desk: a stop between the two loses nothing.
          await this.#archive.take(forgotten);
          await this.#keep((latest) => ({ ...deskWith(latest, incidents, this.#archive.leaving), nextNumber }));
          this.#vms.follow(incidents, new Set(changed));
          this.#posts.update(new Set([...changed, ...behind(store.desk())]));
        },
        keepKnown: (hostUuid, known) => store.keepKnown(hostUuid, known),
        keepHistory: (observed, known) => {
          this.#cover.follow(observed);
          history?.keep(observed.hostUuid, historyFacts(observed, known), observed.atMs);
        },
        failed: (doing, error) => log.error(doing, error),
      },
      settings,
      { incidents: desk.incidents, known: store.known },
      () => `inc-${number++}`,
    );
    const written = () => this.#watcher.rounds.written();
    this.#archive = new IncidentArchive({ store, log, placeOf: (id) => this.placeOf(id), written });
    const pauses = () => this.pauses();
    const { changing } = setting;
    this.#cover = new FindingCover({ world, changing, everyMs: this.everyMs }, pauses, this.#covered, this.#watcher);
  }

  /** Hosts that were added are watched from now on, and those that were removed no longer. */
  followInventory(): void {
    if (this.#alive !== null) this.#watcher.start();
  }

  start(): void {
    this.#watcher.start();
    this.#alive ??= setInterval(() => this.#keepAlive(), ALIVE_MS);
    // Open ones also for the next call of people, and because their message may not show the latest.
    const open = this.incidents().flatMap(({ id, state }) => (state === "resolved" ? [] : [id]));
    this.#posts.update(new Set([...open, ...behind(this.#setting.store.desk())]));
  }

  async stop(): Promise<void> {
    this.#covered.stop();
    this.#vms.stop();
    if (this.#alive) clearInterval(this.#alive);
    await this.#watcher.stop();
    this.#keepAlive();
    await this.#posts.stop();
  }

  incidents(): readonly Incident[] {
    return this.#watcher.rounds.incidents;
  }
  async incident(id: string): Promise<Incident | null> {
    return this.incidents().find((each) => each.id === id) ?? (await this.#archive.incident(id));
  }
  archived(): AsyncGenerator<Incident> {
    return this.#archive.all();
  }
  placeOf(id: string): IncidentPlace | null {
    const post = this.#setting.store.desk().posts.find(({ incidentId }) => incidentId === id);
    return post === undefined || post.messageId === null ? null : { place: post.place, messageId: post.messageId };
  }
  isIncidentMessage(place: string, messageId: string): boolean {
    return this.#setting.store.desk().posts.some((post) => post.place === place && post.messageId === messageId);
  }
  pauses(): readonly WatchPause[] {
    return this.#setting.store.desk().pauses;
  }
  hosts(): readonly WatchedHost[] {
    return this.#watcher.show().map(watchedHost);
  }
  covered(): readonly CoveredNow[] {
    const reported = new Set(this.incidents().flatMap(({ findings }) => findings.map(({ key }) => key)));
    const covered = new Map<string, { clusterUuid: string; why: string; findings: string[] }>();
    for (const finding of this.#watcher.failing()) {
      const { key, clusterUuid, text, sinceMs } = finding;
      const why = reported.has(key) ? null : (this.#cover.of(finding, sinceMs)?.why ?? null);
      if (why === null) continue;
      const one = covered.get(`${clusterUuid} ${why}`) ?? { clusterUuid, why, findings: [] };
      covered.set(`${clusterUuid} ${why}`, one);
      one.findings.push(text);
    }
    return [...covered.values()];
  }
  failing(kinds: ReadonlySet<FindingKind>): readonly FailingNow[] {
    const incidents = this.incidents();
    const resolvedBy = (key: string) =>
      incidents.find((each) => each.held !== undefined && shownFindings(each).some((shown) => shown.key === key))?.id;
    const reported = new Set(incidents.flatMap((incident) => allFindings(incident).map(({ key }) => key)));
    return this.#watcher.failing().flatMap((finding) => {
      if (!kinds.has(finding.kind)) return [];
      const { key, sinceMs } = finding;
      if (reported.has(key)) return [{ finding, why: null }];
      const id = resolvedBy(key);
      const why = this.#cover.of(finding, sinceMs)?.why ?? (id === undefined ? null : `resolved by hand: ${id}`);
      return [{ finding, why }];
    });
  }
  /** With all that each host showed. */
  watches(): readonly HostWatch[] {
    return this.#watcher.show();
  }
  uses(): readonly StorageUse[] {
    return this.#watcher.uses();
  }

  async revise(id: string, change: (incident: Incident) => Incident): Promise<Incident | null> {
    if (!this.incidents().some((incident) => incident.id === id)) return this.#archive.revise(id, change);
    let revised: Incident | null = null;
    const revise = (incident: Incident): Incident => {
      if (incident.id !== id) return incident;
      revised = change(incident);
      return revised;
    };
    await this.#watcher.rounds.revise((all) => all.map(revise));
    // It left for the archive just before.
    if (revised === null) return this.#archive.revise(id, change);
    this.#posts.update([id]);
    return this.incidents().find((incident) => incident.id === id) ?? revised;
  }

  async pause(pause: WatchPause): Promise<void> {
    await this.#keep((desk) => ({ ...desk, pauses: [...without(desk.pauses, pause.clusterUuid), pause] }));
  }
  async pausePosted({ clusterUuid, until }: WatchPause, place: IncidentPlace): Promise<void> {
    const posted = { ...place, at: this.#setting.world.clock.now().toISOString() };
    const isIt = (pause: WatchPause) => pause.clusterUuid === clusterUuid && pause.until === until;
    await this.#keep((desk) => ({
      ...desk,
      pauses: desk.pauses.map((pause) => (isIt(pause) ? { ...pause, posted } : pause)),
    }));
  }
  async resume(clusterUuid: string): Promise<void> {
    await this.#keep((desk) => ({ ...desk, pauses: without(desk.pauses, clusterUuid) }));
  }

  /**
   * When an open incident was there last: after a stop, its end is known as exactly as possible. What could not be written
   * or posted before is tried again.
   */
  #keepAlive(): void {
    if (this.#archive.leaving.length === 0 && !this.incidents().some(({ state }) => state === "open")) return;
    const { store, world } = this.#setting;
    const keep = () => this.#keep((latest) => deskWith(latest, this.incidents(), this.#archive.leaving));
    // At a stop nothing waits for it: without leaving ones it is written at once.
    (this.#archive.leaving.length === 0 ? keep() : this.#archive.writeLeaving().then(keep))
      .then(() => this.#posts.update(behind(store.desk())))
      .catch((error) => world.log.error("keeping when incidents were there last", error));
  }

  #keep(change: (latest: Desk) => Desk): Promise<void> {
    return this.#setting.store.update((latest) => [change(latest), undefined]);
  }
}

const without = (pauses: readonly WatchPause[], clusterUuid: string): WatchPause[] =>
  pauses.filter((pause) => pause.clusterUuid !== clusterUuid);

/** Incidents that were never posted, and those with events that are not in their thread. */
function behind({ incidents, posts }: Desk): string[] {
  return incidents.flatMap((incident) => {
    const { id, openedAt } = incident;
    if (openedAt === null) return [];
    const post = posts.find(({ incidentId }) => incidentId === id);
    return post === undefined || isBehind(incident, post) ? [id] : [];
  });
}
