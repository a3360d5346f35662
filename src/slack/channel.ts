import { setTimeout as sleep } from "node:timers/promises";
import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { Refusal } from "../core/refusal.ts";
import type { Channel, Log, Message } from "../flow/ports.ts";
import { leastMessageOf, messageOf, type SlackMessage } from "./blocks.ts";
import { LivingMessage, progressSender, updateBudget } from "./living-message.ts";

const LONGEST_WAIT_MS = 60_000;

/** A channel, or a thread in it. */
export const placeSchema = z.strictObject({ channel: z.string(), threadTs: z.string().nullable() });
export type Place = z.output<typeof placeSchema>;

export interface Clients {
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

  async #say(where: Place, message: Message): Promise<string> {
    return this.#post(where, message, messageOf(message, true));
  }

  async #post(where: Place, message: Message, content: SlackMessage): Promise<string> {
    const { channel, threadTs } = where;
    const thread = threadTs === null ? {} : { thread_ts: threadTs };
    try {
      const { text, blocks } = content;
      const posted = await this.#clients.patient.chat.postMessage({ channel, ...thread, text, blocks });
      const ts = z.string().parse(posted.ts);
      await this.#attach(where, ts, content);
      return ts;
    } catch (error) {
      const code = slackCode(error);
      if (code === null) throw error;
      if (TOO_MUCH.includes(code) && !content.least) return this.#post(where, message, leastMessageOf(message));
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
        const { text, blocks } = content;
        await this.#clients.patient.chat.update({ channel: where.channel, ts, text, blocks });
        return await this.#attach(where, ts, content);
      } catch (error) {
        const code = slackCode(error);
        if (code === null) {
          this.#log.error(`Slack could not be told how a story ended; trying again in ${waitMs / 1000} s`, error);
          await sleep(waitMs, undefined, { ref: false });
        } else if (TOO_MUCH.includes(code) && !content.least) {
          return this.#update(where, ts, message, leastMessageOf(message));
        } else {
          await this.#post(where, message, content);
          return;
        }
      }
    }
  }

  /** What the blocks could not hold, as a file in the message's thread. */
  async #attach({ channel, threadTs }: Place, ts: string, { overflow }: SlackMessage): Promise<void> {
    if (overflow === null) return;
    const file = { filename: overflow.name, title: overflow.name, content: overflow.text };
    try {
      await this.#clients.patient.filesUploadV2({ channel_id: channel, thread_ts: threadTs ?? ts, ...file });
    } catch (error) {
      // The message itself is there and says what was left out; a missing file must not undo that.
      this.#log.error(`uploading ${overflow.name}`, error);
    }
  }
}

/** Slack's answers to blocks that are too many, too large or not to its taste; the text alone still gets through. */
const TOO_MUCH = [
  "invalid_blocks",
  "invalid_blocks_format",
  "invalid_attachments",
  "msg_too_long",
  "msg_blocks_too_long",
];

/** Slack's own error name, `channel_not_found`; null for anything that is not Slack's answer. */
export function slackCode(error: unknown): string | null {
  const parsed = z.object({ data: z.object({ error: z.string() }) }).safeParse(error);
  return parsed.success ? parsed.data.data.error : null;
}

const cantPost = (channel: string, code: string): Refusal =>
  new Refusal(
    `posting in the channel ${channel}`,
    `Slack says ${code}. The channel is the audit trail, so the bot must be a member: type /invite @zstack here and try again`,
    [],
  );
