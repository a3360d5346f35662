import type { Clock } from "../../flow/ports.ts";
import type { PageMessage } from "../page-protocol.ts";
import { type Directory, directMessages } from "./directory.ts";
import type { Metadata } from "./metadata-rules.ts";
import type { PageEvents } from "./page-events.ts";
import { SlackError } from "./slack-error.ts";

const KEPT = 1000;

export interface Message extends PageMessage {
  readonly channel: string;
  readonly metadata: Metadata | null;
}
type NewMessage = Pick<Message, "channel" | "author"> & Partial<Omit<Message, "ts" | "edited">>;

/** The messages of all channels, the latest thousand, in memory. The page gets those of its channel. */
export class Messages {
  readonly #directory: Directory;
  readonly #pageEvents: PageEvents;
  readonly #clock: Clock;
  #all: Message[] = [];
  #lastMicroseconds = 0;

  constructor(directory: Directory, pageEvents: PageEvents, clock: Clock) {
    this.#directory = directory;
    this.#pageEvents = pageEvents;
    this.#clock = clock;
  }

  in(channel: string): PageMessage[] {
    return this.#all.filter((each) => each.channel === channel).map(onPage);
  }

  /** As `in`, with metadata, which people do not see. */
  all(channel: string): Message[] {
    return this.#all.filter((each) => each.channel === channel);
  }

  /** The page's messages: those of its channel, and direct messages as messages that only their person sees. */
  shown(): PageMessage[] {
    return this.#all.flatMap((message) => this.#shown(message) ?? []);
  }

  #shown(message: Message): PageMessage | null {
    const { channel, people } = this.#directory;
    if (message.channel === channel.id) return onPage(message);
    const person = people.find(({ id }) => directMessages(id) === message.channel);
    return person === undefined ? null : { ...onPage(message), onlyFor: person.id };
  }

  find(channel: string, ts: string): Message | null {
    return this.#all.find((each) => each.channel === channel && each.ts === ts) ?? null;
  }

  /** No two messages have the same ts here, across all channels. */
  findAnywhere(ts: string): Message | null {
    return this.#all.find((each) => each.ts === ts) ?? null;
  }

  /** `threadTs` must be that of the message that began the thread. */
  post(message: NewMessage): Message {
    const threadTs = message.threadTs ?? null;
    if (threadTs !== null && this.find(message.channel, threadTs)?.threadTs !== null)
      throw new SlackError("thread_not_found");
    const made = {
      text: "",
      blocks: [],
      files: [],
      onlyFor: null,
      metadata: null,
      inChannelToo: false,
      ...message,
      threadTs,
      ts: this.#nextTs(),
      edited: false,
    };
    this.#all = [...this.#all, made].slice(-KEPT);
    this.#tell(made);
    return made;
  }

  revise(message: Message, patch: Pick<Message, "text" | "blocks"> & Partial<Pick<Message, "metadata">>): Message {
    const revised = { ...message, ...patch, edited: true };
    this.#all = this.#all.map((each) => (each === message ? revised : each));
    this.#tell(revised);
    return revised;
  }

  remove(message: Message): void {
    this.#all = this.#all.filter((each) => each !== message);
    if (message.channel === this.#directory.channel.id)
      this.#pageEvents.emit({ kind: "message deleted", ts: message.ts });
  }

  /** Seconds and microseconds, always unique: Slack's ids of messages. */
  #nextTs(): string {
    this.#lastMicroseconds = Math.max(this.#clock.now().getTime() * 1000, this.#lastMicroseconds + 1);
    const seconds = Math.floor(this.#lastMicroseconds / 1_000_000);
    return `${seconds}.${String(this.#lastMicroseconds % 1_000_000).padStart(6, "0")}`;
  }

  #tell(message: Message): void {
    const shown = this.#shown(message);
    if (shown !== null) this.#pageEvents.emit({ kind: "message", message: shown });
  }
}

const onPage = ({ channel: _channel, metadata: _metadata, ...message }: Message): PageMessage => message;

/** A message as the Web API and payloads carry it. */
export function messageObject(message: Message, directory: Directory) {
  const byBot = message.author === directory.bot.id;
  return {
    type: "message",
    user: message.author,
    ...(byBot && { bot_id: directory.bot.botId, app_id: directory.appId }),
    team: directory.team.id,
    ts: message.ts,
    ...(message.threadTs !== null && { thread_ts: message.threadTs }),
    ...(message.inChannelToo && { subtype: "thread_broadcast" }),
    text: message.text,
    ...(message.blocks.length > 0 && { blocks: message.blocks }),
    ...(message.edited && { edited: { user: message.author, ts: message.ts } }),
  };
}
