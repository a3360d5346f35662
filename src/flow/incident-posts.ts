import { createHash } from "node:crypto";
import type { Incident, IncidentEvent } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import { yieldToOthers } from "../core/parts.ts";
import { ThreadGone } from "../core/undelivered.ts";
import { channelNews, reportedIn } from "../watch/channel-news.ts";
import type { Desk, IncidentPost } from "../watch/desk-file.ts";
import { dueMs } from "../watch/elapsed.ts";
import { incidentReply } from "../watch/incident-reply.ts";
import { type Call, isSilenced, isSlackId, nextCall, type OnCall } from "../watch/on-call.ts";
import { eventCount, eventsInMessage, eventsToPost, isBreakGlass } from "../watch/thread-events.ts";
import { threadReply } from "../watch/thread-reply.ts";
import type { Channel, Clock, Conversations, Log, Message, PostOnce } from "./ports.ts";

/** The part of the watch's store that posts need. */
export interface PostStore {
  desk(): Desk;
  update<R>(change: (latest: Desk) => readonly [next: Desk, result: R]): Promise<R>;
}
export interface PostSetting {
  readonly store: PostStore;
  /** Where incidents are posted; null: nowhere. */
  readonly channel: Channel | null;
  readonly conversations: Pick<Conversations, "at" | "inThread">;
  readonly inventory: () => Inventory;
  readonly clock: Clock;
  readonly log: Log;
  /** A secret of the data folder: incidents of other folders have other keys. */
  readonly key: string;
  readonly onCall: OnCall;
  /** Adds an event to an incident. Resolves when it is on disk. */
  readonly note: (id: string, event: Pick<IncidentEvent, "kind" | "text">) => Promise<void>;
}

/** At most one post for each incident in this time, in milliseconds. Until then its message is updated in place. */
const POST_EVERY_MS = 60_000;
/** A message is updated at most once in this time, in milliseconds: while a fault grows, each round changes it. */
const REVISE_EVERY_MS = 2_000;
/** `setTimeout` takes no more. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * One message for each incident, kept current, and its events in the thread. What is to be posted is on disk before it
 * is posted, so that a restart neither repeats nor loses it.
 */
export class IncidentPosts {
  readonly #setting: PostSetting;
  /** Incidents with a message or a thread that is not current. Each is worked off by itself. */
  readonly #working = new Map<string, Promise<void>>();
  /** Of these, those of which the next work has not begun. */
  readonly #waiting = new Set<string>();
  readonly #later = new Map<string, NodeJS.Timeout>();
  /** When each message was updated last. */
  readonly #revisedMs = new Map<string, number>();
  #stopped = false;

  constructor(setting: PostSetting) {
    this.#setting = setting;
  }

  /** Brings the messages of these incidents up to date. Resolves at once; what fails is tried again. */
  update(incidentIds: Iterable<string>): void {
    for (const id of incidentIds) this.#workOn(id);
  }

  /** Resolves when the posts under way have ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#later.values()) clearTimeout(timer);
    await Promise.all(this.#working.values());
  }

  #workOn(id: string): void {
    // What is not begun yet will show this too.
    if (this.#stopped || this.#waiting.has(id)) return;
    this.#waiting.add(id);
    const before = this.#working.get(id) ?? Promise.resolve();
    const work = before
      .then(() => {
        this.#waiting.delete(id);
        return this.#bringUpToDate(id);
      })
      .catch((error) => {
        if (this.#stopped) return;
        this.#setting.log.error(`posting ${id}`, error);
        this.#again(id, this.#nowMs() + POST_EVERY_MS);
      })
      .finally(() => {
        if (this.#working.get(id) === work) this.#working.delete(id);
      });
    this.#working.set(id, work);
  }

  #again(id: string, atMs: number): void {
    const timer = this.#later.get(id);
    if (timer) clearTimeout(timer);
    if (this.#stopped) return;
    const again = () => {
      this.#later.delete(id);
      this.#workOn(id);
    };
    this.#later.set(id, setTimeout(again, Math.min(Math.max(0, atMs - this.#nowMs()), LONGEST_MS)));
  }

  async #bringUpToDate(id: string): Promise<void> {
    const incident = this.#incident(id);
    if (incident === undefined || incident.openedAt === null) return;
    const post = this.#post(id) ?? (await this.#begin(incident));
    if (post === null) return;
    if (post.messageId === null) return this.#postFirst(incident, post);
    const isOver = incident.state === "resolved";
    const mayReviseMs = dueMs(this.#revisedMs.get(id) ?? 0, REVISE_EVERY_MS, this.#nowMs());
    if (!isOver && mayReviseMs > this.#nowMs()) return this.#again(id, mayReviseMs);
    if (isOver) this.#revisedMs.delete(id);
    else this.#revisedMs.set(id, this.#nowMs());
    await afterMany(incident);
    const message = this.#messageOf(incident);
    await afterMany(incident);
    await this.#setting.conversations.at(post.place).revise(post.messageId, message, isOver);
    await this.#readWithMessage(incident, post);
    await this.#postInThread(incident, post, post.messageId);
  }

  /** Who reads the message when it is new reads it as it becomes. */
  async #readWithMessage(incident: Incident, { since, toldInChannel }: IncidentPost): Promise<void> {
    const told = reportedIn(incident);
    const isNew = this.#nowMs() - Date.parse(since) < POST_EVERY_MS;
    if (!isNew || toldInChannel === undefined || told.severity !== toldInChannel.severity) return;
    if (told.critical > toldInChannel.critical) await this.#patch(incident.id, { toldInChannel: told });
  }

  /** The call is on disk before a person is mentioned: a restart does not repeat it. */
  async #postFirst(given: Incident, post: IncidentPost): Promise<void> {
    const { id } = given;
    const call = this.#dueCall(given);
    if (call !== null) await this.#setting.note(id, { kind: call.kind, text: "" });
    const incident = this.#incident(id) ?? given;
    await afterMany(incident);
    const message = this.#messageOf(incident);
    await afterMany(incident);
    const once: PostOnce = {
      key: this.#keyOf(incident, "message"),
      since: post.since,
      mayBeThere: post.mayBeThere,
      again: message,
      begins: () => this.#patch(id, { mayBeThere: true }),
      wasNotTaken: () => this.#patch(id, { mayBeThere: false }),
    };
    const messageId = await this.#setting.conversations.at(post.place).say(message, once);
    await afterMany(incident);
    const told = { toldInChannel: reportedIn(incident) };
    await this.#patch(id, { messageId, toldEvents: eventsInMessage(incident), lastPostAt: this.#now(), ...told });
    this.#workOn(id);
  }

  async #postInThread(given: Incident, post: IncidentPost, messageId: string): Promise<void> {
    const { id } = given;
    const nowMs = this.#nowMs();
    if (post.threadPost !== undefined) return this.#sendInThread(given, post, messageId);
    const isUrgent = eventsToPost(given, post.toldEvents).some(isBreakGlass);
    if (isSilenced(given, nowMs) && !isUrgent) {
      // The end is in the message. It is not posted when the silence is over.
      if (given.state === "resolved") return this.#patchCount(post, eventCount(given));
      return this.#again(id, Date.parse(given.silenced?.until ?? this.#now()));
    }
    const events = eventsToPost(given, post.toldEvents);
    const news = channelNews(given, events, post.toldInChannel);
    // What is news for the channel is news for people on call.
    const call = nextCall(given, this.#setting.onCall, nowMs, news === "grew");
    const isDue = call !== null && (call.dueMs <= nowMs || (news !== null && call.kind === "mentioned"));
    if (!isDue && events.length === 0) {
      if (call !== null) this.#again(id, call.dueMs);
      return this.#patchCount(post, eventCount(given));
    }
    const { lastPostAt } = post;
    const restsUntilMs = lastPostAt === null || isUrgent ? nowMs : dueMs(Date.parse(lastPostAt), POST_EVERY_MS, nowMs);
    const mayPostAtMs = isDue || isUrgent ? restsUntilMs : Math.max(restsUntilMs, grownAtMs(events, nowMs));
    if (mayPostAtMs > nowMs) return this.#again(id, mayPostAtMs);
    if (isDue) await this.#setting.note(id, { kind: call.kind, text: "" });
    const incident = this.#incident(id) ?? given;
    const inChannelToo = news !== null;
    const whom = isDue ? [...call.whom] : news === null ? [] : [...this.#whoHas(incident)];
    const threadPost = { upTo: eventCount(incident), since: this.#now(), mayBeThere: false, inChannelToo, whom };
    await this.#patch(id, { threadPost, ...(inChannelToo && { toldInChannel: reportedIn(incident) }) });
    await this.#sendInThread(incident, { ...post, threadPost }, messageId);
    this.#workOn(id);
  }

  /** Who acknowledged it sleeps, for all that we know. */
  #whoHas({ acknowledged }: Incident): readonly string[] {
    if (acknowledged === null) return [];
    return isSlackId(acknowledged.by) ? [acknowledged.by] : this.#setting.onCall.onCall;
  }

  async #sendInThread(incident: Incident, post: IncidentPost, messageId: string): Promise<void> {
    const { id } = incident;
    const { threadPost, toldEvents } = post;
    if (threadPost === undefined) return;
    const { upTo, whom = [] } = threadPost;
    const events = eventsToPost(incident, toldEvents, upTo);
    const reply = threadReply(incident, events, whom, this.#setting.inventory());
    const mark = (mayBeThere: boolean) => this.#patch(id, { threadPost: { ...threadPost, mayBeThere } });
    const { inChannelToo = false } = threadPost;
    const message: Message = { reply, key: this.#keyOf(incident, `events ${upTo}`), inChannelToo };
    const once: PostOnce = {
      key: this.#keyOf(incident, `events ${upTo}`),
      since: threadPost.since,
      mayBeThere: threadPost.mayBeThere,
      again: message,
      begins: () => mark(true),
      wasNotTaken: () => mark(false),
    };
    try {
      if (events.length > 0) await this.#setting.conversations.inThread(post.place, messageId).say(message, once);
    } catch (error) {
      if (!(error instanceof ThreadGone)) throw error;
      return this.#lost(incident, upTo);
    }
    await this.#patch(id, { threadPost: undefined, toldEvents: upTo, lastPostAt: this.#now() });
  }

  /** Its message was deleted: it is posted again. If the incident is over, its end is a message of its own. */
  async #lost({ id, state }: Incident, upTo: number): Promise<void> {
    const isOver = state === "resolved";
    const again = { messageId: null, since: this.#now(), mayBeThere: false, lastPostAt: null };
    await this.#patch(id, { threadPost: undefined, toldEvents: upTo, ...(isOver ? {} : again) });
    this.#workOn(id);
  }

  async #begin(incident: Incident): Promise<IncidentPost | null> {
    const place = this.#setting.channel?.place;
    // What was resolved before a person could read of it is history.
    if (place === undefined || incident.state === "resolved") return null;
    const post: IncidentPost = {
      ...{ incidentId: incident.id, place, messageId: null, since: this.#now(), mayBeThere: false },
      ...{ toldEvents: 0, lastPostAt: null, isCurrent: false },
    };
    await this.#setting.store.update((desk) => [{ ...desk, posts: [...desk.posts, post] }, null]);
    return post;
  }

  #dueCall(incident: Incident): Call | null {
    const nowMs = this.#nowMs();
    const call = nextCall(incident, this.#setting.onCall, nowMs);
    return call !== null && call.dueMs <= nowMs ? call : null;
  }

  #messageOf(incident: Incident): Message {
    const reply = incidentReply(incident, this.#setting.inventory(), this.#nowMs(), this.#setting.onCall);
    return { reply, key: this.#keyOf(incident, "message") };
  }

  #incident(id: string): Incident | undefined {
    return this.#setting.store.desk().incidents.find((each) => each.id === id);
  }

  #post(id: string): IncidentPost | undefined {
    return this.#setting.store.desk().posts.find(({ incidentId }) => incidentId === id);
  }

  async #patchCount({ incidentId, toldEvents }: IncidentPost, count: number): Promise<void> {
    if (toldEvents !== count) await this.#patch(incidentId, { toldEvents: count });
  }

  #patch(id: string, patch: Partial<IncidentPost>): Promise<void> {
    return this.#setting.store.update((desk) => [
      { ...desk, posts: desk.posts.map((post) => (post.incidentId === id ? { ...post, ...patch } : post)) },
      undefined,
    ]);
  }

  #keyOf({ id, beganAt }: Incident, what: string): string {
    const text = `${this.#setting.key} incident ${id} ${beganAt}${what === "message" ? "" : ` ${what}`}`;
    return createHash("sha256").update(text).digest("hex").slice(0, 32);
  }

  #nowMs(): number {
    return this.#setting.clock.now().getTime();
  }

  #now(): string {
    return this.#setting.clock.now().toISOString();
  }
}

/** Of so many findings each text takes milliseconds. */
const MANY = 1_000;

/** What thousands of findings need is done in turns of its own: other work can run between two of them. */
const afterMany = async ({ findings }: Incident): Promise<void> =>
  findings.length > MANY ? yieldToOthers() : undefined;

/** A cause grows within seconds, host by host: its post waits until it has grown. */
const GROWS_MS = 5_000;

/** When all of its growth is seen. 0: the events are others. */
function grownAtMs(events: readonly IncidentEvent[], nowMs: number): number {
  const last = events.at(-1);
  return last !== undefined && events.every(({ kind }) => kind === "grew")
    ? dueMs(Date.parse(last.at), GROWS_MS, nowMs)
    : 0;
}
