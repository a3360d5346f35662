import { randomUUID } from "node:crypto";
import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { runInSlices } from "../core/parts.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { AttachedFile } from "../core/reply.ts";
import { PersonUnreachable, ThreadGone, Undelivered } from "../core/undelivered.ts";
import type { Channel, Log, Message, PostOnce } from "../flow/ports.ts";
import { fileOf, leastMessageOf, makingFileText, makingTexts, messageOf, type SlackMessage } from "./blocks.ts";
import { isDecision } from "./buttons.ts";
import { failureOf, fixOf, isOfPerson, mayHaveEffect } from "./failure.ts";
import { BlockKinds, isComplete, sendWithFallback, shownAtFirst } from "./fallback.ts";
import { findEarlierPost, HistoryTooLong, metadataOf } from "./history.ts";
import { LivingMessage, progressSender, updateBudget } from "./living-message.ts";
import { MessageGone } from "./message-gone.ts";
import { OnePost, type Posted } from "./one-post.ts";
import { PersonNames } from "./person-names.ts";
import { type Place, placeOf, placeSchema } from "./place.ts";
import { pngOf } from "./png.ts";
import { PostQueue } from "./post-queue.ts";
import { realTime, retryUntil, SlackFailed, type Time } from "./retry.ts";
import { TakenPosts } from "./taken-posts.ts";
import type { Content } from "./text.ts";
import { cut } from "./text.ts";

/** How long a failed call to Slack is tried again. Then the caller decides what happens. */
const TRIES_MS = 30_000;
/** How long the bot searches for a message. */
const FIND_MS = 5_000;
const SCAN_PAUSE_MS = 1_000;
/** The most messages in the thread with the whole reply, if its file can't be uploaded. */
const MOST_TEXTS = 4;
/** The most ids of direct messages that are kept. */
const MOST_DIRECT = 500;

/** The parts that we need of what filesUploadV2 and files.info answer. */
const uploaded = z.object({ files: z.array(z.object({ files: z.array(z.object({ id: z.string() })) })) });
const shared = z.object({
  file: z.object({ shares: z.record(z.string(), z.record(z.string(), z.unknown())).default({}) }),
});

/** Posts and updates messages, at Slack's pace and within its limits. `client` tries once and never waits. */
export class SlackChannels {
  readonly #client: WebClient;
  readonly #log: Log;
  readonly #time: Time;
  readonly #posts: PostQueue;
  readonly #takenPosts: TakenPosts;
  readonly #budget = updateBudget();
  readonly #living = new Map<string, LivingMessage<Message>>();
  readonly #direct = new Map<string, string>();
  /** The kinds of blocks that Slack takes. */
  readonly kinds: BlockKinds;
  readonly names = new PersonNames();
  /** `postIntervalMs`: Slack's own if it is absent, 0 if the workspace has no limit. */
  constructor(client: WebClient, log: Log, time: Time = realTime, postIntervalMs?: number) {
    this.#client = client;
    this.#log = log;
    this.#time = time;
    this.#takenPosts = new TakenPosts(() => time.now());
    this.#posts = new PostQueue(time, postIntervalMs);
    this.kinds = new BlockKinds(() => time.now());
  }

  at(place: string): Channel {
    const where = placeSchema.parse(JSON.parse(place));
    return {
      ...{ place, channelId: where.channel },
      say: (message, once) => this.#say(where, message, once ?? null),
      find: (key, since) => this.#find(where, key, since),
      revise: (messageId, message, last, once) =>
        this.#revise(where, messageId, this.names.shownIn(message), last, once ?? null),
    };
  }

  /** Why Slack took the latest post in a channel not; null: it did, or there was none lately. */
  whyNoPost(channel: string): string | null {
    return this.#takenPosts.whyNone(channel);
  }

  inThread(place: string, messageId: string): Channel {
    const { channel, threadTs } = placeSchema.parse(JSON.parse(place));
    return this.at(JSON.stringify({ channel, threadTs: threadTs ?? messageId } satisfies Place));
  }

  /** Direct messages with a person in Slack; null for any other author. */
  withPerson(person: string): Channel | null {
    if (!isPerson(person)) return null;
    const place = placeOf(person);
    return { ...this.at(place), say: (message, once) => this.#sayDirectly(person, message, once ?? null) };
  }

  async #sayDirectly(person: string, message: Message | (() => Message), once: PostOnce | null): Promise<string> {
    try {
      return await this.#say({ channel: await this.directChannel(person), threadTs: null }, message, once);
    } catch (error) {
      const isPermanent =
        error instanceof Undelivered && error.cause instanceof SlackFailed && isOfPerson(error.cause.failure);
      throw isPermanent ? new PersonUnreachable(person, error) : error;
    }
  }

  /** The id of the direct messages with a person. If the app lacks im:write, the person's own id: Slack takes it too. */
  async directChannel(person: string): Promise<string> {
    const known = this.#direct.get(person);
    if (known !== undefined) return known;
    try {
      const { channel } = await this.#client.conversations.open({ users: person });
      const id = z.string().parse(channel?.id);
      this.#direct.set(person, id);
      const [oldest] = this.#direct.keys();
      if (this.#direct.size > MOST_DIRECT && oldest !== undefined) this.#direct.delete(oldest);
      return id;
    } catch {
      return person;
    }
  }

  async #say(where: Place, message: Message | (() => Message), once: PostOnce | null): Promise<string> {
    const setting = { client: this.#client, log: this.#log, time: this.#time, kinds: this.kinds };
    const named = typeof message === "function" ? () => this.names.shownIn(message()) : this.names.shownIn(message);
    const post = new OnePost(where, named, once, setting);
    const posted = await this.#taken(where, async () => {
      try {
        const posted = await this.#posts.post(where.channel, () => post.attempt());
        this.#takenPosts.took(where.channel);
        return posted;
      } catch (error) {
        this.#takenPosts.failed(where.channel, error);
        await post.notPosted();
        throw error;
      }
    });
    await this.#complete(posted);
    return posted.ts;
  }

  async #find(where: Place, key: string, since: string): Promise<string | null> {
    try {
      const find = () =>
        findEarlierPost(this.#client, where, key, Date.parse(since)).catch((error) => {
          if (error instanceof HistoryTooLong) return null;
          throw error;
        });
      return await retryUntil(find, this.#time.now() + FIND_MS, this.#time);
    } catch (error) {
      this.#log.error(`searching a message in ${where.channel}`, error);
      return null;
    }
  }

  async #revise(
    where: Place,
    messageId: string,
    message: Message,
    last: boolean,
    once: PostOnce | null,
  ): Promise<void> {
    const key = `${where.channel} ${messageId}`;
    const send = progressSender(this.#client, where.channel, messageId, this.kinds);
    const idle = () => void this.#living.delete(key);
    const living = this.#living.get(key) ?? new LivingMessage(send, this.#budget, idle);
    if (!last) {
      this.#living.set(key, living);
      living.change(message);
      return;
    }
    await living.close();
    this.#living.delete(key);
    await this.#update(where, messageId, message, once);
  }

  /**
   * People must be able to read an operation's end. So a failed update is tried again, and a deleted message is
   * posted again.
   */
  async #update(where: Place, ts: string, message: Message, once: PostOnce | null): Promise<void> {
    const change = async (content: SlackMessage): Promise<Posted> => {
      await this.#change(where, ts, shownAtFirst(content), message.key);
      return { where, ts, message, content };
    };
    let posted: Posted;
    try {
      posted = await retryUntil(() => sendWithFallback(message, this.kinds, change), this.#deadline(), this.#time);
    } catch (error) {
      if (error instanceof SlackFailed && error.failure.about === "message") {
        const isGone = error.failure.code === "message_not_found";
        await this.#say(where, message, once).catch((problem: unknown) => {
          throw isGone && problem instanceof Undelivered ? new MessageGone(problem) : problem;
        });
        return;
      }
      throw undelivered(where, error);
    }
    await this.#complete(posted);
  }

  /** Without `key` the message keeps its own. */
  async #change({ channel }: Place, ts: string, { text, blocks }: Content, key?: string): Promise<void> {
    await this.#client.chat.update({
      channel,
      ts,
      text,
      blocks,
      ...(key !== undefined && { metadata: metadataOf(key) }),
    });
  }

  /**
   * Adds what did not fit into the blocks, and then the buttons: a plan that can't be read completely can't be
   * confirmed.
   */
  async #complete({ where, ts, message, content }: Posted): Promise<void> {
    await this.#attach(where, ts, message.reply.files ?? []);
    if (isComplete(content)) return;
    const followed = await this.#follow(where, ts, content.following);
    const file = content.overflow ?? (followed ? null : fileOf(message.reply));
    if (file !== null) {
      try {
        const text = await runInSlices(makingFileText(file));
        const id = await retryUntil(() => this.#upload(where, ts, file.name, text), this.#deadline(), this.#time);
        if (hasButtons(content)) await this.#scanned(id);
      } catch (error) {
        this.#log.error(`uploading ${file.name}`, error);
        if (hasButtons(content)) throw cantRead(file.name, error);
        const lost = notUploaded(file.name, error);
        const texts = await runInSlices(makingTexts(message.reply, MOST_TEXTS, lost));
        await this.#follow(
          where,
          ts,
          texts.map((text) => ({ text, blocks: [] })),
        );
        // The message must not name a file that is not there.
        const without = content.least
          ? leastMessageOf(message, lost)
          : messageOf(message, true, { lost, kinds: this.kinds.current });
        await this.#change(where, ts, without).catch((problem) =>
          this.#log.error("taking back the file's name", problem),
        );
        return;
      }
    }
    if (!hasButtons(content)) return;
    await this.#taken(where, () => retryUntil(() => this.#change(where, ts, content), this.#deadline(), this.#time));
  }

  /** A file that can't be uploaded is posted as text, if it is one. */
  async #attach(where: Place, ts: string, files: readonly AttachedFile[]): Promise<void> {
    for (const { name, content, altText } of files) {
      try {
        const body = typeof content === "string" ? content : await pngOf(content.svg);
        await retryUntil(() => this.#upload(where, ts, name, body, altText), this.#deadline(), this.#time);
      } catch (error) {
        this.#log.error(`uploading ${name}`, error);
        const lines = typeof content === "string" ? content.split("\n") : [altText ?? name];
        const title = `${name} could not be uploaded`;
        const reply = { title, tone: "warning" as const, parts: [{ kind: "code" as const, lines }], next: [] };
        const texts = await runInSlices(makingTexts(reply, MOST_TEXTS, notUploaded(name, error)));
        await this.#follow(
          where,
          ts,
          texts.map((text) => ({ text, blocks: [] })),
        );
      }
    }
  }

  /** Posts into the thread, in order. false if Slack did not take a post: the file must then contain it. */
  async #follow({ channel, threadTs }: Place, ts: string, following: readonly Content[]): Promise<boolean> {
    try {
      for (const { text, blocks } of following) {
        const content = { channel, thread_ts: threadTs ?? ts, text, blocks };
        await this.#posts.post(channel, this.#onceInThread(content), true);
      }
      return true;
    } catch (error) {
      this.#log.error("posting the rest of a message in its thread", error);
      return false;
    }
  }

  /** Returns an attempt to post. If Slack's answer was lost, the next attempt first searches the thread. */
  #onceInThread(content: Content & { readonly channel: string; readonly thread_ts: string }): () => Promise<void> {
    const key = randomUUID();
    const since = this.#time.now();
    let mayBeThere = false;
    return async () => {
      const thread = { channel: content.channel, threadTs: content.thread_ts };
      if (mayBeThere && (await findEarlierPost(this.#client, thread, key, since).catch(() => null)) !== null) return;
      try {
        await this.#client.chat.postMessage({ ...content, metadata: metadataOf(key) });
      } catch (error) {
        mayBeThere ||= mayHaveEffect(error);
        throw error;
      }
    };
  }

  /** Uploads into the message's thread, or begins one. Returns the file's id; null if Slack does not report it. */
  async #upload(
    { channel, threadTs }: Place,
    ts: string,
    name: string,
    content: string | Uint8Array,
    altText: string | null = null,
  ): Promise<string | null> {
    const file = {
      ...{ filename: name, title: name },
      ...(altText !== null && { alt_text: altText }),
      ...(typeof content === "string" ? { content } : { file: Buffer.from(content) }),
    };
    const answer = await this.#client.filesUploadV2({ channel_id: channel, thread_ts: threadTs ?? ts, ...file });
    return uploaded.safeParse(answer).data?.files[0]?.files[0]?.id ?? null;
  }

  /** Slack scans a file before people can read it. Without the scope files:read the bot can't ask, and does not wait. */
  async #scanned(id: string | null): Promise<void> {
    if (id === null) return;
    for (const untilMs = this.#deadline(); ; await this.#time.sleep(SCAN_PAUSE_MS)) {
      try {
        const { file } = shared.parse(await this.#client.files.info({ file: id }));
        if (Object.values(file.shares).some((places) => Object.keys(places).length > 0)) return;
      } catch (error) {
        if (failureOf(error).about !== "moment") {
          this.#log.error(`asking whether the file ${id} is shared`, error);
          return;
        }
      }
      if (this.#time.now() > untilMs) throw new Error(`Slack has not shared it after ${TRIES_MS / 1000} s`);
    }
  }

  async #taken<T>(where: Place, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw undelivered(where, error);
    }
  }

  #deadline(): number {
    return this.#time.now() + TRIES_MS;
  }
}

/** Only a person can be mentioned, or get direct messages. */
const isPerson = (id: string): boolean => /^[UW][A-Z0-9]+$/.test(id);

/** An error of Slack with its place and its fix. A bug is returned unchanged. */
function undelivered({ channel }: Place, error: unknown): unknown {
  if (!(error instanceof SlackFailed)) return error;
  const place =
    isPerson(channel) || channel.startsWith("D") ? `the direct messages ${channel}` : `the channel ${channel}`;
  const isGone = "code" in error.failure && error.failure.code === "thread_not_found";
  return new (isGone ? ThreadGone : Undelivered)(place, error.message, fixOf(error.failure), error);
}

const hasButtons = ({ blocks }: SlackMessage): boolean => blocks.some(isDecision);

const notUploaded = (file: string, error: unknown): string =>
  ` The file ${file} with everything could not be uploaded: ${cut(reasonOf(error), 200)}.`;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const cantRead = (file: string, error: unknown): Refusal =>
  new Refusal("The plan can't be shown, so it can't be confirmed", [
    reason("PLAN_TOO_LONG", "it is too long for one message"),
    reason("PLAN_TOO_LONG", `its file ${file} could not be uploaded: ${reasonOf(error)}`),
  ]);
