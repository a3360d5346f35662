import type { Finding } from "../core/finding.ts";
import type { Incident, IncidentEvent } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import type {
  IncidentPlace,
  StorageUse,
  WatchedHost,
  WatchFacts,
  WatchNotes,
  WatchPause,
} from "../core/watch-facts.ts";
import { beginsEvent, MONITOR_EVENTS } from "../host/udev.ts";
import type { Desk } from "../watch/desk-file.ts";
import { historyFacts } from "../watch/history-facts.ts";
import type { Known } from "../watch/known.ts";
import type { OnCall } from "../watch/on-call.ts";
import type { HistoryStore } from "../watch/ports.ts";
import { isSilent } from "../watch/sample.ts";
import { eventCount } from "../watch/thread-events.ts";
import { type HostWatch, Watcher, type WatchSettings } from "../watch/watcher.ts";
import { IncidentPosts, type PostSetting, type PostStore } from "./incident-posts.ts";
import type { Channel, Conversations, World } from "./ports.ts";

/** What the watch keeps on disk. */
interface WatchStore extends PostStore {
  archive(incident: Incident): Promise<void>;
  archived(id: string): Promise<Incident | null>;
  archivedIds(): Promise<readonly string[]>;
  readonly known: ReadonlyMap<string, Known>;
  keepKnown(hostUuid: string, known: Known): void;
}
interface Setting {
  readonly world: Pick<World, "hosts" | "inventory" | "clock" | "log" | "buttonKey">;
  readonly conversations: Pick<Conversations, "at" | "inThread">;
  readonly store: WatchStore;
  readonly history: HistoryStore | null;
  readonly settings: WatchSettings;
  /** Where incidents are posted; null: nowhere. */
  readonly channel: Channel | null;
  readonly onCall: OnCall;
  /** The operation that changes one of these things now, or changed it just before; null: none does. */
  readonly changing: (names: readonly string[]) => string | null;
}

/** One watch observation has at most this time, in milliseconds. */
const OBSERVE_MS = 25_000;

/** The watch of all hosts: the watcher with its stores, its posts, and what people do about incidents. */
export class WatchDesk implements WatchFacts, WatchNotes {
  readonly everyMs: number;
  readonly #setting: Setting;
  readonly #posts: IncidentPosts;
  readonly #watcher: Watcher;

  constructor(setting: Setting) {
    const { world, conversations, store, history, settings, channel, onCall } = setting;
    const { clock, log, buttonKey: key } = world;
    this.#setting = setting;
    this.everyMs = settings.everyMs;
    const inventory = () => world.inventory.current();
    const note: PostSetting["note"] = async (id, event) => void (await this.revise(id, withEvent(clock.now(), event)));
    this.#posts = new IncidentPosts({ store, channel, conversations, inventory, clock, log, key, onCall, note });
    const desk = store.desk();
    let number = desk.nextNumber;
    this.#watcher = new Watcher(
      {
        gather: (host, reads) =>
          world.hosts.gather(host, reads, { urgency: "watch", mayShare: false, withinMs: OBSERVE_MS }),
        listen: (host, onEvent, onTrouble) =>
          world.hosts.stream(host, MONITOR_EVENTS, {
            onLine: (line) => {
              if (beginsEvent(line)) onEvent();
            },
            onTrouble,
          }),
        inventory,
        coveredBy: (finding) => this.#coveredBy(finding, inventory()),
        take: async ({ incidents, reports, forgotten }) => {
          const nextNumber = number;
          // On disk in the archive before it leaves the desk: a stop between the two loses nothing.
          for (const incident of forgotten) await store.archive(incident);
          await this.#keep((latest) => ({
            ...latest,
            ...{ incidents: [...incidents], nextNumber },
            posts: latest.posts.filter(({ incidentId }) => incidents.some(({ id }) => id === incidentId)),
          }));
          this.#posts.update(new Set([...reports.map(({ incidentId }) => incidentId), ...behind(store.desk())]));
        },
        keepKnown: (hostUuid, known) => store.keepKnown(hostUuid, known),
        keepHistory: (observed, known) =>
          history?.keep(observed.hostUuid, historyFacts(observed, known), observed.atMs),
        failed: (doing, error) => log.error(doing, error),
      },
      settings,
      { incidents: desk.incidents, known: store.known },
      () => `inc-${number++}`,
    );
  }

  /** Also after the inventory changed. */
  start(): void {
    this.#watcher.start();
    this.#posts.update(behind(this.#setting.store.desk()));
  }

  async stop(): Promise<void> {
    await this.#watcher.stop();
    await this.#posts.stop();
  }

  incidents(): readonly Incident[] {
    return this.#watcher.incidents;
  }
  async incident(id: string): Promise<Incident | null> {
    return this.incidents().find((each) => each.id === id) ?? (await this.#setting.store.archived(id));
  }
  async *archived(): AsyncGenerator<Incident> {
    const { store } = this.#setting;
    for (const id of await store.archivedIds()) {
      const incident = await store.archived(id);
      if (incident !== null) yield incident;
    }
  }
  placeOf(id: string): IncidentPlace | null {
    const post = this.#setting.store.desk().posts.find(({ incidentId }) => incidentId === id);
    return post === undefined || post.messageId === null ? null : { place: post.place, messageId: post.messageId };
  }
  pauses(): readonly WatchPause[] {
    return this.#setting.store.desk().pauses;
  }
  hosts(): readonly WatchedHost[] {
    return this.#watcher.show().map(watchedHost);
  }
  uses(): readonly StorageUse[] {
    return this.#watcher.uses();
  }

  async revise(id: string, change: (incident: Incident) => Incident): Promise<Incident | null> {
    if (!this.incidents().some((incident) => incident.id === id)) return null;
    await this.#watcher.revise((all) => all.map((incident) => (incident.id === id ? change(incident) : incident)));
    this.#posts.update([id]);
    return this.incidents().find((incident) => incident.id === id) ?? null;
  }

  async pause(pause: WatchPause): Promise<void> {
    await this.#keep((desk) => ({ ...desk, pauses: [...without(desk.pauses, pause.clusterUuid), pause] }));
  }
  async resume(clusterUuid: string): Promise<void> {
    await this.#keep((desk) => ({ ...desk, pauses: without(desk.pauses, clusterUuid) }));
  }

  #keep(change: (latest: Desk) => Desk): Promise<void> {
    return this.#setting.store.update((latest) => [change(latest), undefined]);
  }

  /** What the team does itself is no incident. */
  #coveredBy({ clusterUuid, storageUuid, wwid }: Finding, { clusters, primaryStorages }: Inventory): string | null {
    const nowMs = this.#setting.world.clock.now().getTime();
    const pause = this.pauses().find((each) => each.clusterUuid === clusterUuid && Date.parse(each.until) > nowMs);
    if (pause !== undefined) return `paused: ${pause.reason}`;
    const storage = primaryStorages.find(({ uuid }) => uuid === storageUuid);
    if (storage?.state === "Maintenance") return `maintenance of ${storage.name}`;
    const cluster = clusters.find(({ uuid }) => uuid === clusterUuid);
    const names = [...(cluster ? [`hosts of ${cluster.name}`] : []), ...(storageUuid ? [storageUuid] : [])];
    return this.#setting.changing([...names, ...(wwid ? [wwid] : [])]);
  }
}

/** What the bot itself did about it. */
const withEvent =
  (now: Date, { kind, text }: Pick<IncidentEvent, "kind" | "text">) =>
  (incident: Incident): Incident => ({
    ...incident,
    events: [...incident.events, { at: now.toISOString(), kind, by: null, text }],
  });

const without = (pauses: readonly WatchPause[], clusterUuid: string): WatchPause[] =>
  pauses.filter((pause) => pause.clusterUuid !== clusterUuid);

function watchedHost({ hostUuid, observed, trouble }: HostWatch): WatchedHost {
  return {
    hostUuid,
    observedAt: observed && new Date(observed.atMs).toISOString(),
    silence: observed !== null && isSilent(observed) ? observed.silence : null,
    noEvents: trouble === undefined ? "the stream has not begun yet" : trouble,
  };
}

/** Incidents that were never posted, and those with events that are not in their thread. */
function behind({ incidents, posts }: Desk): string[] {
  return incidents.flatMap((incident) => {
    const { id, openedAt } = incident;
    if (openedAt === null) return [];
    const post = posts.find(({ incidentId }) => incidentId === id);
    return post === undefined || post.messageId === null || post.toldEvents < eventCount(incident) ? [id] : [];
  });
}
