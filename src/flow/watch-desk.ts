import { createHash } from "node:crypto";
import type { Finding } from "../core/finding.ts";
import type { Incident } from "../core/incident.ts";
import type { Inventory, PrimaryStorage } from "../core/inventory.ts";
import { effectsKeyOf, type Operation } from "../core/operation.ts";
import type { Gather } from "../core/step.ts";
import type {
  CoveredNow,
  IncidentPlace,
  StorageUse,
  WatchedHost,
  WatchFacts,
  WatchNotes,
  WatchPause,
} from "../core/watch-facts.ts";
import { beginsEvent, MONITOR_EVENTS } from "../host/udev.ts";
import { canAccept } from "../watch/accepted.ts";
import { type Desk, deskWith, isBehind } from "../watch/desk-file.ts";
import { withEvent } from "../watch/event-log.ts";
import { historyFacts } from "../watch/history-facts.ts";
import type { Known } from "../watch/known.ts";
import type { OnCall } from "../watch/on-call.ts";
import { canCause, canCauseAnywhere, causesForGood } from "../watch/operation-effects.ts";
import type { HistoryStore } from "../watch/ports.ts";
import { isSilent } from "../watch/sample.ts";
import { vmsAtRisk } from "../watch/vms-at-risk.ts";
import { watchedHost } from "../watch/watched-host.ts";
import { type HostWatch, Watcher, type WatchSettings } from "../watch/watcher.ts";
import { CoveredFindings, type EffectsThread } from "./covered-findings.ts";
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
/** What began just before an operation's end is seen at most so late, in milliseconds, if events say when to observe. */
const LATE_MS = 5_000;
/** An operation that ended so long before a host's first observation is not its cause any more, in milliseconds. */
const UNOBSERVED_MS = 600_000;
const OPERATIONS_READ = 20;
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
  /** When this bot observed each host first, in milliseconds. */
  readonly #firstObservedMs = new Map<string, number>();
  #alive: NodeJS.Timeout | null = null;
  #archiving: Promise<unknown> = Promise.resolve();
  /** Incidents, with their severity, of which the VMs at risk were observed, or are being observed. */
  readonly #vmsAsked = new Set<string>();

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
        coveredBy: (finding, sinceMs) => this.#coveredBy(finding, sinceMs, inventory()),
        take: async ({ incidents, changed, forgotten }) => {
          const nextNumber = number;
          // On disk in the archive before it leaves the desk: a stop between the two loses nothing.
          for (const incident of forgotten) await this.#archive(incident);
          await this.#keep((latest) => ({ ...deskWith(latest, incidents), nextNumber }));
          for (const incident of incidents) this.#observeVms(incident);
          this.#posts.update(new Set([...changed, ...behind(store.desk())]));
        },
        keepKnown: (hostUuid, known) => store.keepKnown(hostUuid, known),
        keepHistory: (observed, known) => {
          if (!isSilent(observed) && !this.#firstObservedMs.has(observed.hostUuid))
            this.#firstObservedMs.set(observed.hostUuid, observed.atMs);
          history?.keep(observed.hostUuid, historyFacts(observed, known), observed.atMs);
        },
        failed: (doing, error) => log.error(doing, error),
      },
      settings,
      { incidents: desk.incidents, known: store.known },
      () => `inc-${number++}`,
    );
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
    if (this.#alive) clearInterval(this.#alive);
    await this.#watcher.stop();
    this.#keepAlive();
    await this.#posts.stop();
  }

  incidents(): readonly Incident[] {
    return this.#watcher.rounds.incidents;
  }
  async incident(id: string): Promise<Incident | null> {
    return this.incidents().find((each) => each.id === id) ?? (await this.#archived(id));
  }
  async *archived(): AsyncGenerator<Incident> {
    const { store } = this.#setting;
    for (const id of await store.archivedIds()) {
      // One damaged file must not hide all other incidents.
      const incident = await store.archived(id).catch((error: unknown) => {
        this.#setting.world.log.error(`reading ${id}`, error);
        return null;
      });
      if (incident !== null) yield incident;
    }
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
    const inventory = this.#setting.world.inventory.current();
    const reported = new Set(this.incidents().flatMap(({ findings }) => findings.map(({ key }) => key)));
    const covered = new Map<string, { clusterUuid: string; why: string; findings: string[] }>();
    for (const finding of this.#watcher.failing()) {
      const { key, clusterUuid, text, sinceMs } = finding;
      const why = reported.has(key) ? null : (this.#coverOf(finding, sinceMs, inventory)?.why ?? null);
      if (why === null) continue;
      const one = covered.get(`${clusterUuid} ${why}`) ?? { clusterUuid, why, findings: [] };
      covered.set(`${clusterUuid} ${why}`, one);
      one.findings.push(text);
    }
    return [...covered.values()];
  }
  /** With all that each host showed. */
  watches(): readonly HostWatch[] {
    return this.#watcher.show();
  }
  uses(): readonly StorageUse[] {
    return this.#watcher.uses();
  }

  async revise(id: string, change: (incident: Incident) => Incident): Promise<Incident | null> {
    if (!this.incidents().some((incident) => incident.id === id)) return this.#reviseArchived(id, change);
    await this.#watcher.rounds.revise((all) =>
      all.map((incident) => (incident.id === id ? change(incident) : incident)),
    );
    this.#posts.update([id]);
    return this.incidents().find((incident) => incident.id === id) ?? null;
  }

  /** Also one that leaves for the archive just now: it is on the desk until it is there. */
  async #archived(id: string): Promise<Incident | null> {
    const { store } = this.#setting;
    const leaving = () => store.desk().incidents.find((each) => each.id === id);
    return (await store.archived(id)) ?? leaving() ?? (await store.archived(id));
  }

  #reviseArchived(id: string, change: (incident: Incident) => Incident): Promise<Incident | null> {
    return this.#inTurn(async () => {
      const incident = await this.#archived(id);
      if (incident === null || incident.openedAt === null) return null;
      const next = this.#withPlace(change(incident));
      await this.#setting.store.archive(next);
      return next;
    });
  }

  /** What is in the archive may have notes that the leaving one has not. */
  #archive(incident: Incident): Promise<void> {
    const { store } = this.#setting;
    return this.#inTurn(async () => {
      const there = await store.archived(incident.id).catch(() => null);
      if (there === null) await store.archive(this.#withPlace(incident));
    });
  }

  /** One after the other: two notes at once are both kept. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#archiving.then(work);
    this.#archiving = done.catch(() => undefined);
    return done;
  }

  /** With the place of its message, which leaves the desk with it: its report belongs in its thread. */
  #withPlace(incident: Incident): Incident {
    const posted = this.placeOf(incident.id);
    return posted === null ? incident : { ...incident, posted };
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

  /** When an open incident was there last: after a stop, its end is known as exactly as possible. */
  #keepAlive(): void {
    if (!this.incidents().some(({ state }) => state === "open")) return;
    this.#keep((latest) => deskWith(latest, this.incidents())).catch((error) =>
      this.#setting.world.log.error("keeping when incidents were there last", error),
    );
  }

  /** Once, and again if it becomes critical: its message names the VMs at risk. */
  #observeVms(incident: Incident): void {
    const { id, state, severity, openedAt } = incident;
    const once = `${id} ${severity}`;
    if (state !== "open" || severity === "info" || openedAt === null || this.#vmsAsked.has(once)) return;
    this.#vmsAsked.add(once);
    const { hosts, inventory, log } = this.#setting.world;
    const gather: Gather = (host, reads) =>
      hosts.gather(host, reads, { urgency: "watch", mayShare: true, withinMs: OBSERVE_MS });
    vmsAtRisk(incident, inventory.current(), gather)
      .then(async (names) => {
        if (names !== null) await this.revise(id, (latest) => ({ ...latest, vms: names }));
      })
      .catch((error) => log.error(`observing the VMs at risk of ${id}`, error));
  }

  #keep(change: (latest: Desk) => Desk): Promise<void> {
    return this.#setting.store.update((latest) => [change(latest), undefined]);
  }

  /** What the team does itself is no incident: people read of it in the operation's thread. */
  #coveredBy(finding: Finding, sinceMs: number, inventory: Inventory): string | null {
    const cover = this.#coverOf(finding, sinceMs, inventory);
    if (cover === null) return null;
    const { operation, pause, why } = cover;
    if (pause !== null) {
      this.#covered.note(
        { id: `the pause until ${pause.until}`, why, thread: () => this.#threadOf(pause) },
        finding,
        sinceMs,
      );
      return why;
    }
    if (operation === null) return why;
    const { id } = operation;
    const thread = () => threadOf(this.#setting.world.operations.get(id));
    const isRead = this.#covered.note({ id, why, thread }, finding, sinceMs);
    // Not before: after a kill the next bot finds it again, and people read of it then.
    if (isRead && causesForGood(operation, finding)) this.#watcher.accept(finding);
    return id;
  }

  #coverOf(finding: Finding, sinceMs: number, inventory: Inventory): Cover | null {
    const { clusterUuid, storageUuid } = finding;
    const nowMs = this.#setting.world.clock.now().getTime();
    const pause = this.pauses().find((each) => each.clusterUuid === clusterUuid && Date.parse(each.until) > nowMs);
    if (pause !== undefined) {
      const name = namesIn(inventory).get(clusterUuid) ?? clusterUuid;
      return { pause, operation: null, why: `The watch of ${name} is paused` };
    }
    const storage = inventory.primaryStorages.find(({ uuid }) => uuid === storageUuid);
    if (storage?.state === "Maintenance")
      return {
        pause: null,
        operation: this.#maintaining(storage, inventory),
        why: `${storage.name} is in maintenance`,
      };
    const operation =
      this.#runningCause(finding, sinceMs, inventory) ??
      this.#earlierCause(finding, sinceMs) ??
      this.#endedUnobserved(finding, sinceMs, inventory);
    return operation && { pause: null, operation, why: `${operation.id} causes this` };
  }

  #threadOf({ posted, clusterUuid, until }: WatchPause): EffectsThread {
    if (posted === undefined) return "none";
    const { place, messageId, at: since } = posted;
    const what = [this.#setting.world.buttonKey, "pause", clusterUuid, until].join(" ");
    return { place, messageId, key: createHash("sha256").update(what).digest("hex").slice(0, 32), since };
  }

  /** The operation that began its maintenance. Each finding asks for it in each round. */
  #maintaining({ uuid, name }: PrimaryStorage, inventory: Inventory): Operation | null {
    const known = maintainingOf.get(inventory) ?? new Map<string, string | null>();
    maintainingOf.set(inventory, known);
    const { operations } = this.#setting.world;
    const isIts = ({ words, confirmedAt }: Operation) =>
      confirmedAt !== null && /\bsharedblock maintain\b/.test(words) && wordsIn(words).includes(name);
    const before = known.get(uuid);
    const id = before === undefined ? (operations.latest(Number.MAX_SAFE_INTEGER).find(isIts)?.id ?? null) : before;
    known.set(uuid, id);
    return id === null ? null : operations.get(id);
  }

  /** The operation that changes this thing now, or changed it just before: what began then, and what it can cause. */
  #runningCause(finding: Finding, sinceMs: number, inventory: Inventory): Operation | null {
    const { operations } = this.#setting.world;
    const running = (names: readonly string[], causes: (operation: Operation) => boolean) =>
      this.#setting
        .changing(names)
        .map((id) => operations.get(id))
        .find((each) => each !== null && causes(each) && this.#isOf(each, finding, sinceMs, inventory)) ?? null;
    const own = [finding.storageUuid, finding.wwid].filter((name) => name !== null);
    return (
      running(own, (operation) => canCause(operation, finding)) ??
      running(hostLocksOf(finding, inventory), (operation) => canCauseAnywhere(operation, finding))
    );
  }

  /** Only what began while the operation ran, on its hosts. */
  #isOf(
    { words, confirmedAt, finishedAt }: Operation,
    finding: Finding,
    sinceMs: number,
    inventory: Inventory,
  ): boolean {
    if (confirmedAt !== null && sinceMs < Date.parse(confirmedAt)) return false;
    if (finding.hostUuid !== null && !namedHosts(words, inventory).has(finding.hostUuid)) return false;
    const lateMs = this.#watcher.hearsEventsOf(finding.hostUuid ?? "") ? LATE_MS : LATE_MS + this.everyMs;
    return finishedAt === null || sinceMs <= Date.parse(finishedAt) + lateMs;
  }

  /** What stays is this operation's until people can read of it, though Slack is away for longer than hosts settle. */
  #earlierCause(finding: Finding, sinceMs: number): Operation | null {
    const id = this.#covered.operationOf(finding, sinceMs);
    const operation = id === null ? null : this.#setting.world.operations.get(id);
    return operation !== null && canAccept(finding) && causesForGood(operation, finding) ? operation : null;
  }

  /**
   * The operation that ended shortly before this bot started, if the host was not observed since: what its first
   * observation shows may be the operation's effect. Only what stays: a lost lease must not stay hidden.
   */
  #endedUnobserved(finding: Finding, sinceMs: number, inventory: Inventory): Operation | null {
    const { hostUuid, clusterUuid, wwid } = finding;
    if (hostUuid === null || sinceMs !== this.#firstObservedMs.get(hostUuid) || !canAccept(finding)) return null;
    const names = [
      ...[hostUuid, clusterUuid].map((uuid) => namesIn(inventory).get(uuid)),
      ...inventory.primaryStorages.flatMap((each) => (each.clusterUuids.includes(clusterUuid) ? [each.name] : [])),
    ];
    const isAbout = (words: string) =>
      wordsIn(words).some((word) => names.includes(word) || (wwid !== null && word.length > 5 && wwid.endsWith(word)));
    const latest = this.#setting.world.operations.latest(OPERATIONS_READ);
    return (
      latest.find(
        (each) =>
          each.finishedAt !== null &&
          sinceMs - Date.parse(each.finishedAt) < UNOBSERVED_MS &&
          causesForGood(each, finding) &&
          namedHosts(each.words, inventory).has(hostUuid) &&
          isAbout(each.words),
      ) ?? null
    );
  }
}

/** null: the operation's message is not posted yet. */
function threadOf(operation: Operation | null): EffectsThread | null {
  if (operation === null) return "none";
  const { place, messageId, askedAt } = operation;
  return messageId === null ? null : { place, messageId, key: effectsKeyOf(operation), since: askedAt };
}

/** Why a finding is no incident. */
interface Cover {
  readonly pause: WatchPause | null;
  /** In its thread people read of it; null: in none. */
  readonly operation: Operation | null;
  readonly why: string;
}

const wordsIn = (words: string): string[] => words.split(/[\s,=]+/);

const maintainingOf = new WeakMap<Inventory, Map<string, string | null>>();
const hostsNamed = new WeakMap<Inventory, Map<string, ReadonlySet<string>>>();
/**
 * The hosts that a command names, or the hosts of the clusters that it names; all if it names none. If an array dies, each
 * finding asks for them in each round.
 */
function namedHosts(words: string, inventory: Inventory): ReadonlySet<string> {
  const known = hostsNamed.get(inventory) ?? new Map<string, ReadonlySet<string>>();
  hostsNamed.set(inventory, known);
  const found = known.get(words) ?? hostsOf(words, inventory);
  known.set(words, found);
  return found;
}

function hostsOf(words: string, { hosts, clusters }: Inventory): ReadonlySet<string> {
  const typed = new Set(wordsIn(words));
  const named = new Set(clusters.flatMap(({ uuid, name }) => (typed.has(name) ? [uuid] : [])));
  const own = hosts.filter(({ name, clusterUuid }) => typed.has(name) || named.has(clusterUuid));
  const isNone = own.length === 0 && named.size === 0;
  return new Set((isNone ? hosts : own).map(({ uuid }) => uuid));
}

/** The names that an operation locks if it changes this host. */
function hostLocksOf({ clusterUuid, hostUuid }: Finding, inventory: Inventory): string[] {
  const names = namesIn(inventory);
  const [cluster, host] = [names.get(clusterUuid), names.get(hostUuid ?? "")];
  return [
    ...(cluster === undefined ? [] : [`hosts of ${cluster}`]),
    ...(host === undefined ? [] : [`scan of ${host}`, `iscsi of ${host}`]),
  ];
}

const namesOf = new WeakMap<Inventory, ReadonlyMap<string, string>>();
/** Names of clusters and hosts by their UUIDs. If an array dies, there are thousands of findings in each round. */
function namesIn(inventory: Inventory): ReadonlyMap<string, string> {
  const known = namesOf.get(inventory);
  if (known !== undefined) return known;
  const names = new Map([...inventory.clusters, ...inventory.hosts].map(({ uuid, name }) => [uuid, name]));
  namesOf.set(inventory, names);
  return names;
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
