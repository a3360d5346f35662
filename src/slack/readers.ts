import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { type OperatorError, operatorError, reason } from "../core/refusal.ts";
import { realTime, retryUntil } from "./retry.ts";

const TRIES_MS = 5_000;
/** Who is in a channel is kept for so long; that Slack did not say it, shorter. */
const KEPT_MS = 60_000;
const FAILED_MS = 10_000;
const PAGE = 1_000;
const MOST_PAGES = 20;

const pageSchema = z.object({
  members: z.array(z.string()).default([]),
  response_metadata: z.object({ next_cursor: z.string().default("") }).nullish(),
});

/**
 * Who may read what the bot knows: the people of the channels in which it takes commands. Without CHANNELS everyone of
 * the workspace can ask it in a direct message, so everyone may.
 */
export class Readers {
  readonly #client: Pick<WebClient, "conversations">;
  readonly #channels: readonly string[];
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly untilMs: number; readonly members: Promise<ReadonlySet<string>> }>();

  constructor(client: Pick<WebClient, "conversations">, channels: readonly string[], now: () => number = Date.now) {
    this.#client = client;
    this.#channels = channels;
    this.#now = now;
  }

  /** Why this person is no reader; null: they are one. If no channel can be asked, they are none. */
  async whyNot(person: string): Promise<OperatorError | null> {
    if (this.#channels.length === 0) return null;
    const asked = await Promise.allSettled(this.#channels.map((channel) => this.#membersOf(channel)));
    if (asked.some((each) => each.status === "fulfilled" && each.value.has(person))) return null;
    const failed = asked.find((each) => each.status === "rejected");
    return failed === undefined ? notMember(this.#channels) : notKnown(failed.reason);
  }

  #membersOf(channel: string): Promise<ReadonlySet<string>> {
    const known = this.#known.get(channel);
    if (known !== undefined && this.#now() < known.untilMs) return known.members;
    const members = this.#asked(channel);
    this.#known.set(channel, { untilMs: this.#now() + KEPT_MS, members });
    members.catch(() => this.#known.set(channel, { untilMs: this.#now() + FAILED_MS, members }));
    return members;
  }

  async #asked(channel: string): Promise<ReadonlySet<string>> {
    const members = new Set<string>();
    let cursor = "";
    for (let page = 1; page <= MOST_PAGES; page++) {
      const which = { channel, limit: PAGE, ...(cursor !== "" && { cursor }) };
      const call = () => this.#client.conversations.members(which);
      const answer = pageSchema.parse(await retryUntil(call, Date.now() + TRIES_MS, realTime));
      for (const member of answer.members) members.add(member);
      cursor = answer.response_metadata?.next_cursor ?? "";
      if (cursor === "") break;
    }
    return members;
  }
}

const HEADLINE = "This Home is for the people of the bot's channels";

const notMember = (channels: readonly string[]): OperatorError =>
  operatorError(
    HEADLINE,
    reason("NOT_IN_CHANNEL", `you are in none of ${channels.join(", ")} (CHANNELS)`, "join one of these channels"),
  );

const notKnown = (error: unknown): OperatorError =>
  operatorError(
    HEADLINE,
    reason(
      "MEMBERSHIP_UNKNOWN",
      `Slack did not say who is in them: ${error instanceof Error ? error.message : String(error)}`,
      "open this Home again in a minute",
    ),
  );
