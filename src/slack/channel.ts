import { setTimeout as sleep } from "node:timers/promises";
import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { Refusal } from "../core/refusal.ts";
import type { Channel, Log, Message } from "../flow/ports.ts";
import { type Content, fileOf, leastMessageOf, messageOf, type SlackMessage } from "./blocks.ts";
import { LivingMessage, progressSender, updateBudget } from "./living-message.ts";
import { isTooMuch, slackCode } from "./slack-code.ts";

const LONGEST_WAIT_MS = 60_000;

/** A channel as the place of a conversation. */
export const placeOf = (channel: string): string => JSON.stringify({ channel, threadTs: null } satisfies Place);

/** A channel, or a thread in it. */
export const placeSchema = z.strictObject({ channel: z.string(), threadTs: z.string().nullable() });
export type Place = z.output<typeof placeSchema>;

interface Clients {
  /** Waits when Slack says so, and tries again: for what must arrive. */
  readonly patient: WebClient;
  /** Gives up at once when Slack says to slow down: for progress. */
  readonly hasty: WebClient;
}

/** Posting and updating in Slack, within its limits. */
export class SlackChannels {
  readonly #clients: Clients;
  readonly #log: Log;
  readonly #budget = updateBudget();
  readonly #living = new Map<string, LivingMessage>();
  constructor(clients: Clients, log: Log) {
    this.#clients = clients;
    this.#log = log;
  }

  at(place: string): Channel {
    const where = placeSchema.parse(JSON.parse(place));
    return {
      place,
      say: (message) => this.#say(where, message),
      revise: (messageId, message, last) => this.#revise(where, messageId, message, last),
    };
  }

  #say(where: Place, message: Message): Promise<string> {
    return this.#post(where, message, messageOf(message, true));
  }

  async #post(where: Place, message: Message, content: SlackMessage): Promise<string> {
    const { channel, threadTs } = where;
    const thread = threadTs === null ? {} : { thread_ts: threadTs };
    try {
      const { text, blocks } = withoutUnreadButtons(content);
      const posted = await this.#clients.patient.chat.postMessage({ channel, ...thread, text, blocks });
      const ts = z.string().parse(posted.ts);
      await this.#complete(where, ts, message, content);
      return ts;
    } catch (error) {
      const code = slackCode(error);
      if (code === null) throw error;
      if (isTooMuch(code) && !content.least) return this.#post(where, message, leastMessageOf(message));
      throw cantPost(channel, code);
    }
  }

  async #revise(where: Place, messageId: string, message: Message, last: boolean): Promise<void> {
    const content = messageOf(message, last);
    const key = `${where.channel} ${messageId}`;
    const send = progressSender(this.#clients.hasty, where.channel, messageId);
    const living = this.#living.get(key) ?? new LivingMessage(send, this.#budget);
    if (!last) {
      this.#living.set(key, living);
      living.change({ text: content.text, blocks: content.blocks });
      return;
    }
    await living.close();
    this.#living.delete(key);
    await this.#update(where, messageId, message, content);
  }

  /** The end of a story must be read: tried until Slack answers, and posted anew where its message is gone. */
  async #update(where: Place, ts: string, message: Message, content: SlackMessage): Promise<void> {
    for (let waitMs = 1_000; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        await this.#change(where, ts, withoutUnreadButtons(content));
        return await this.#complete(where, ts, message, content);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        const code = slackCode(error);
        if (code === null) {
          this.#log.error(`Slack could not be told how a story ended; trying again in ${waitMs / 1000} s`, error);
          await sleep(waitMs, undefined, { ref: false });
        } else if (isTooMuch(code) && !content.least) {
          return this.#update(where, ts, message, leastMessageOf(message));
        } else {
          await this.#post(where, message, content);
          return;
        }
      }
    }
  }

  async #change({ channel }: Place, ts: string, { text, blocks }: SlackMessage): Promise<void> {
    await this.#clients.patient.chat.update({ channel, ts, text, blocks });
  }

  /** Adds what the blocks could not hold, and then the buttons: nobody confirms what can't be read whole. */
  async #complete(where: Place, ts: string, message: Message, content: SlackMessage): Promise<void> {
    if (isComplete(content)) return;
    const followed = await this.#follow(where, ts, content.following);
    const file = content.overflow ?? (followed ? null : fileOf(message.reply));
    if (file !== null) {
      try {
        await this.#upload(where, ts, file);
      } catch (error) {
        this.#log.error(`uploading ${file.name}`, error);
        if (hasButtons(content)) throw cantRead(file.name, whyNot(error));
        // Without buttons the message says by itself that it was shortened; a missing file must not undo it.
        return;
      }
    }
    if (hasButtons(content)) await this.#change(where, ts, content);
  }

  /** Posts into the thread, in order. False where Slack did not take one: the file must hold it then. */
  async #follow({ channel, threadTs }: Place, ts: string, following: readonly Content[]): Promise<boolean> {
    try {
      for (const { text, blocks } of following) {
        await this.#clients.patient.chat.postMessage({ channel, thread_ts: threadTs ?? ts, text, blocks });
      }
      return true;
    } catch (error) {
      this.#log.error("posting the rest of a message in its thread", error);
      return false;
    }
  }

  /** Into the thread that the message is in, or that it begins. */
  async #upload({ channel, threadTs }: Place, ts: string, { name, text }: NonNullable<SlackMessage["overflow"]>) {
    const file = { filename: name, title: name, content: text };
    await this.#clients.patient.filesUploadV2({ channel_id: channel, thread_ts: threadTs ?? ts, ...file });
  }
}

/** Whether the message itself is all there is to read. */
const isComplete = ({ following, overflow }: SlackMessage): boolean => following.length === 0 && overflow === null;

const withoutUnreadButtons = (content: SlackMessage): SlackMessage =>
  isComplete(content) ? content : { ...content, blocks: content.blocks.filter((block) => block.type !== "actions") };

const hasButtons = ({ blocks }: SlackMessage): boolean => blocks.some((block) => block.type === "actions");

const whyNot = (error: unknown): string => slackCode(error) ?? (error instanceof Error ? error.message : String(error));

const cantRead = (file: string, why: string): Refusal =>
  new Refusal(
    "showing the whole plan",
    `it is too long for one message, and the file ${file} with the rest could not be uploaded (${why}). What can't be read can't be confirmed`,
    [],
  );

const cantPost = (channel: string, code: string): Refusal =>
  new Refusal(
    `posting in the channel ${channel}`,
    `Slack says ${code}. The channel is the audit trail, so the bot must be a member: type /invite @zstack here and try again`,
    [],
  );
