import { z } from "zod";
import type { Clock } from "../../flow/ports.ts";
import { checked } from "./checked-blocks.ts";
import type { Directory } from "./directory.ts";
import { newKey } from "./key.ts";
import { messageContent } from "./message-content.ts";
import type { Messages } from "./messages.ts";
import { SlackError } from "./slack-error.ts";

const USES = 5;
const KEPT = 1000;

interface Issued {
  readonly channel: string;
  readonly person: string;
  /** The message with the clicked button; null for a slash command. */
  readonly originalTs: string | null;
  readonly threadTs: string | null;
  readonly expiresAt: number;
  uses: number;
}

/** The data for a response URL, and in the ack of a slash command. */
const response = z.object({
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  attachments: z.unknown().optional(),
  response_type: z.enum(["ephemeral", "in_channel"]).optional(),
  replace_original: z.boolean().optional(),
  delete_original: z.boolean().optional(),
  thread_ts: z.string().optional(),
});

/** Response URLs: an app may answer five times within half an hour, also in channels in which it can't post. */
export class ResponseUrls {
  readonly #directory: Directory;
  readonly #messages: Messages;
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #issued = new Map<string, Issued>();

  constructor(directory: Directory, messages: Messages, clock: Clock, lifeMs: number) {
    this.#directory = directory;
    this.#messages = messages;
    this.#clock = clock;
    this.#lifeMs = lifeMs;
  }

  /** The path of a new URL: `/commands/…` after a slash command, `/actions/…` after a click. */
  issue(origin: Pick<Issued, "channel" | "person" | "originalTs" | "threadTs">): string {
    const kind = origin.originalTs === null ? "commands" : "actions";
    const path = `/${kind}/${this.#directory.team.id}/${newKey()}`;
    this.#issued.set(path, { ...origin, expiresAt: this.#clock.now().getTime() + this.#lifeMs, uses: 0 });
    const oldest = this.#issued.keys().next().value;
    if (this.#issued.size > KEPT && oldest !== undefined) this.#issued.delete(oldest);
    return path;
  }

  use(path: string, body: unknown): void {
    const issued = this.#issued.get(path);
    if (issued === undefined || this.#clock.now().getTime() > issued.expiresAt) throw new SlackError("expired_url");
    if (issued.uses >= USES) throw new SlackError("used_url");
    issued.uses += 1;
    this.#answer(issued, checked(response, body, "invalid_arguments", ""));
  }

  /** The message of a slash command's ack to the person; nothing if it is empty. */
  answerInAck(channel: string, person: string, payload: unknown): void {
    const answer = checked(response, payload ?? {}, "invalid_arguments", "");
    if (answer.text === undefined && answer.blocks === undefined) return;
    this.#answer({ channel, person, originalTs: null, threadTs: null }, answer);
  }

  #answer(to: Pick<Issued, "channel" | "person" | "originalTs" | "threadTs">, answer: z.output<typeof response>): void {
    const original = to.originalTs === null ? null : this.#messages.find(to.channel, to.originalTs);
    if (answer.delete_original === true) {
      if (original !== null) this.#messages.remove(original);
      return;
    }
    const content = messageContent(answer);
    if (answer.replace_original === true && original !== null) {
      this.#messages.revise(original, content);
      return;
    }
    const onlyFor = answer.response_type === "in_channel" ? null : to.person;
    const threadTs = answer.thread_ts ?? to.threadTs;
    this.#messages.post({ channel: to.channel, author: this.#directory.bot.id, ...content, onlyFor, threadTs });
  }
}
