import { createHash } from "node:crypto";
import type { Incident, IncidentEvent } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import type { Inline, Reply } from "../core/reply.ts";
import type { Desk, IncidentPost } from "../watch/desk-file.ts";
import { incidentReply } from "../watch/incident-reply.ts";
import type { Channel, Clock, Conversations, Log, Message, PostOnce } from "./ports.ts";

/** The part of the watch's store that posts need. */
export interface PostStore {
  desk(): Desk;
  update<R>(change: (latest: Desk) => readonly [next: Desk, result: R]): Promise<R>;
}
interface Setting {
  readonly store: PostStore;
  /** Where incidents are posted; null: nowhere. */
  readonly channel: Channel | null;
  readonly conversations: Pick<Conversations, "at" | "inThread">;
  readonly inventory: () => Inventory;
  readonly clock: Clock;
  readonly log: Log;
  /** A secret of the data folder: incidents of other folders have other keys. */
  readonly key: string;
}

/** At most one post for each incident in this time, in milliseconds. Its message is updated in place meanwhile. */
const POST_EVERY_MS = 60_000;

/**
 * One message for each incident, kept current, and its events in the thread. What is to be posted is on disk before it is
 * posted, so that a restart neither repeats nor loses it.
 */
export class IncidentPosts {
  readonly #setting: Setting;
  /** Incidents whose message or thread is behind, each worked off by itself. */
  readonly #working = new Map<string, Promise<void>>();
  readonly #later = new Map<string, NodeJS.Timeout>();
  #stopped = false;

  constructor(setting: Setting) {
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
    if (this.#stopped) return;
    const before = this.#working.get(id) ?? Promise.resolve();
    const work = before
      .then(() => this.#bringUpToDate(id))
      .catch((error) => {
        this.#setting.log.error(`posting ${id}`, error);
        this.#again(id, POST_EVERY_MS);
      })
      .finally(() => {
        if (this.#working.get(id) === work) this.#working.delete(id);
      });
    this.#working.set(id, work);
  }

  #again(id: string, withinMs: number): void {
    const timer = this.#later.get(id);
    if (timer) clearTimeout(timer);
    if (this.#stopped) return;
    this.#later.set(
      id,
      setTimeout(() => {
        this.#later.delete(id);
        this.#workOn(id);
      }, withinMs),
    );
  }

  async #bringUpToDate(id: string): Promise<void> {
    const { store, inventory, conversations } = this.#setting;
    const incident = store.desk().incidents.find((each) => each.id === id);
    if (incident === undefined || incident.openedAt === null) return;
    const post = store.desk().posts.find(({ incidentId }) => incidentId === id) ?? (await this.#begin(incident));
    if (post === null) return;
    const channel = conversations.at(post.place);
    const message: Message = { reply: incidentReply(incident, inventory()), key: this.#keyOf(incident) };
    if (post.messageId === null) {
      const messageId = await channel.say(message, this.#once(incident, post, message));
      await this.#patch(id, { messageId, toldEvents: incident.events.length, lastPostAt: this.#now() });
      return;
    }
    const isOver = incident.state === "resolved";
    await channel.revise(post.messageId, message, isOver);
    await this.#tellEvents(incident, post, conversations.inThread(post.place, post.messageId));
  }

  /** The end is told at once: a person waits for it. Everything else at most once a minute. */
  async #tellEvents(incident: Incident, post: IncidentPost, thread: Channel): Promise<void> {
    const told = incident.events.slice(post.toldEvents).filter(({ kind }) => !isSmall(kind));
    if (told.length === 0) return;
    const nowMs = this.#setting.clock.now().getTime();
    const dueMs = post.lastPostAt === null ? nowMs : Date.parse(post.lastPostAt) + POST_EVERY_MS;
    if (dueMs > nowMs && incident.state !== "resolved") return this.#again(incident.id, dueMs - nowMs);
    await this.#patch(incident.id, { toldEvents: incident.events.length, lastPostAt: this.#now() });
    await thread.say({ reply: eventsReply(incident, told) });
  }

  async #begin(incident: Incident): Promise<IncidentPost | null> {
    const place = this.#setting.channel?.place;
    // What was resolved before anybody could read of it is history.
    if (place === undefined || incident.state === "resolved") return null;
    const post: IncidentPost = {
      ...{ incidentId: incident.id, place, messageId: null, since: this.#now(), mayBeThere: false },
      ...{ toldEvents: 0, lastPostAt: null, isCurrent: false },
    };
    await this.#setting.store.update((desk) => [{ ...desk, posts: [...desk.posts, post] }, null]);
    return post;
  }

  #once(incident: Incident, post: IncidentPost, message: Message): PostOnce {
    return {
      key: this.#keyOf(incident),
      since: post.since,
      mayBeThere: post.mayBeThere,
      again: message,
      begins: () => this.#patch(incident.id, { mayBeThere: true }),
      wasNotTaken: () => this.#patch(incident.id, { mayBeThere: false }),
    };
  }

  #patch(id: string, patch: Partial<IncidentPost>): Promise<void> {
    return this.#setting.store.update((desk) => [
      { ...desk, posts: desk.posts.map((post) => (post.incidentId === id ? { ...post, ...patch } : post)) },
      undefined,
    ]);
  }

  #keyOf({ id, beganAt }: Incident): string {
    return createHash("sha256").update(`${this.#setting.key} incident ${id} ${beganAt}`).digest("hex").slice(0, 32);
  }

  #now(): string {
    return this.#setting.clock.now().toISOString();
  }
}

/** The message itself shows it. */
const isSmall = (kind: IncidentEvent["kind"]): boolean => kind === "began" || kind === "quiet" || kind === "opened";

function eventsReply({ id, findings }: Incident, events: readonly IncidentEvent[]): Reply {
  const lines = events.flatMap(({ at, kind, by, text }, index): Inline[] => [
    ...(index === 0 ? [] : ["\n"]),
    { at, shows: "clock" },
    ` ${kind}`,
    ...(by === null ? [] : [" by ", { person: by }]),
    text === "" ? "" : `: ${text}`,
  ]);
  return {
    title: `${id}: ${events.at(-1)?.kind}`,
    tone: "plain",
    parts: [{ kind: "text", text: lines }, ...(findings.length === 0 ? [] : [findingsTable(findings)])],
    next: [],
  };
}

const MOST_ROWS = 50;

const findingsTable = (findings: Incident["findings"]): Reply["parts"][number] => ({
  kind: "table",
  caption: `${findings.length} findings`,
  columns: ["finding", "since"],
  rows: findings.slice(0, MOST_ROWS).map(({ text, since }) => [text, since]),
});
