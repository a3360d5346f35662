import { randomUUID } from "node:crypto";
import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { type Log, type Message, messageNow, type PostOnce } from "../flow/ports.ts";
import { messageOf, type SlackMessage } from "./blocks.ts";
import { failureOf, fixOf, mayHaveEffect } from "./failure.ts";
import type { BlockKinds } from "./fallback.ts";
import { sendWithFallback, shownAtFirst } from "./fallback.ts";
import { findEarlierPost, HistoryTooLong, metadataOf } from "./history.ts";
import type { Place } from "./place.ts";
import type { Time } from "./retry.ts";
import { slackCode } from "./slack-code.ts";

/** A message in a channel, and how much of it is there. */
export interface Posted {
  readonly where: Place;
  readonly ts: string;
  readonly message: Message;
  readonly content: SlackMessage;
}

/** The most attempts to read a place. After that the result of the search is "not known". */
const MOST_ASKED = 3;

interface Setting {
  readonly client: WebClient;
  readonly log: Log;
  readonly time: Time;
  readonly kinds: BlockKinds;
}

/**
 * One message that is being posted, with as many attempts as needed. Slack may have taken a message although its
 * answer was lost. A bot that was killed may have posted it. In both cases the place is searched before the next
 * post.
 */
export class OnePost {
  readonly #where: Place;
  readonly #message: Message | (() => Message);
  readonly #once: PostOnce | null;
  readonly #setting: Setting;
  #key: string;
  readonly #sinceMs: number;
  /** Whether the next attempt must search the place first, and whether the post may be there. */
  #asks: boolean;
  #mayBeThere: boolean;
  #asked = 0;
  /** The content of the latest attempt. */
  #sent: { readonly message: Message; readonly content: SlackMessage } | null = null;

  constructor(where: Place, message: Message | (() => Message), once: PostOnce | null, setting: Setting) {
    this.#where = where;
    this.#message = message;
    this.#once = once;
    this.#setting = setting;
    this.#key = once?.key ?? randomUUID();
    this.#sinceMs = once === null ? setting.time.now() : Date.parse(once.since);
    this.#asks = once !== null;
    this.#mayBeThere = once?.mayBeThere === true;
  }

  /** To be called again if it throws a transient failure. */
  async attempt(): Promise<Posted> {
    const there = this.#asks ? await this.#found() : "not there";
    if (typeof there === "object") return there;
    if (there === "not there") this.#mayBeThere = false;
    const message = there === "not known" && this.#once !== null ? this.#once.again : messageNow(this.#message);
    await this.#once?.begins();
    // A first post may become a plan by the time of its turn.
    if (this.#once === null && message.key !== undefined) this.#key = message.key;
    try {
      return await sendWithFallback(message, this.#setting.kinds, (content) => this.#post(message, content));
    } catch (error) {
      if (mayHaveEffect(error)) this.#mayBeThere = true;
      this.#asks = this.#mayBeThere;
      throw error;
    }
  }

  /** To be called if no attempt succeeded. */
  async notPosted(): Promise<void> {
    if (!this.#mayBeThere) await this.#once?.wasNotTaken();
  }

  async #post(message: Message, content: SlackMessage): Promise<Posted> {
    const { channel, threadTs } = this.#where;
    const isBroadcast = message.inChannelToo === true && { reply_broadcast: true as const };
    const thread = threadTs === null ? {} : { thread_ts: threadTs, ...isBroadcast };
    const call = { channel, ...thread, ...shownAtFirst(content) };
    const { chat } = this.#setting.client;
    this.#sent = { message, content };
    let posted: Awaited<ReturnType<typeof chat.postMessage>>;
    const metadata = metadataOf(this.#key);
    try {
      posted = await chat.postMessage({ ...call, metadata });
    } catch (error) {
      const code = slackCode(error);
      if (code === "cant_broadcast_message")
        posted = await chat.postMessage({ ...call, reply_broadcast: false, metadata });
      else if (code?.includes("metadata") === true) posted = await chat.postMessage(call);
      else throw error;
    }
    return {
      where: { channel: posted.channel ?? channel, threadTs },
      ts: z.string().parse(posted.ts),
      message,
      content,
    };
  }

  /** The post, if it is there already. */
  async #found(): Promise<Posted | "not there" | "not known"> {
    const { client, log } = this.#setting;
    try {
      const ts = await findEarlierPost(client, this.#where, this.#key, this.#sinceMs);
      this.#asked = 0;
      if (ts === null) return "not there";
      return { where: this.#where, ts, ...(this.#sent ?? asPostedBefore(messageNow(this.#message))) };
    } catch (error) {
      const failure = failureOf(error);
      this.#asked += 1;
      if (failure.about === "moment" && this.#asked < MOST_ASKED && !(error instanceof HistoryTooLong)) throw error;
      if (!this.#mayBeThere) return "not there";
      const fix = fixOf(failure);
      const what = `whether a message is in ${this.#where.channel} already can't be read, so that it may be posted twice`;
      log.error(fix === null ? what : `${what}. Fix: ${fix}`, error);
      return "not known";
    }
  }
}

/** A post of an earlier process was also completed by that process, as far as possible. */
const asPostedBefore = (message: Message) => ({
  message,
  content: { ...messageOf(message, true), following: [], overflow: null },
});
