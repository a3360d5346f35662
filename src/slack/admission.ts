import type { Membership } from "../core/access-facts.ts";
import { type OperatorError, operatorError, reason } from "../core/refusal.ts";
import { SlackFailed } from "./retry.ts";
import { slackCode } from "./slack-code.ts";

export type Admitted =
  | { readonly kind: "all" }
  | { readonly kind: "questions only"; readonly why: OperatorError }
  | { readonly kind: "nothing"; readonly why: OperatorError };

const MEMBER_MS = 60_000;
/** Short, so that an invitation, or the end of a failure of Slack, counts at once. */
const OTHERWISE_MS = 2_000;
const KEPT = 500;
/** How long the bot asks Slack at most. */
const LONGEST_MS = 10_000;

/** `isSure`: Slack said so. */
interface Answer {
  readonly admitted: Admitted;
  readonly isSure: boolean;
}
interface Known {
  readonly until: number;
  readonly isUnderWay: boolean;
  readonly answer: Promise<Answer>;
}

interface AdmissionOptions {
  /** How long the caller can wait. A later answer of Slack counts for the next call. */
  readonly withinMs?: number;
  /** Slack is asked again. The kept answer counts only if Slack gives no other. */
  readonly again?: boolean;
}

/**
 * In which channels commands and clicks are taken: in those of CHANNELS. If CHANNELS is empty, in those where the bot
 * is a member. A slash command works in all channels, so the bot asks Slack. The answer is kept for a minute. A click
 * that confirms a plan asks again.
 */
export class Admission {
  readonly #allowed: readonly string[];
  readonly #membership: (channel: string) => Promise<Membership>;
  readonly #known = new Map<string, Known>();

  constructor(allowed: readonly string[], membership: (channel: string) => Promise<Membership>) {
    this.#allowed = allowed;
    this.#membership = membership;
  }

  async to(
    channel: string,
    channelName: string | null,
    { withinMs = LONGEST_MS, again = false }: AdmissionOptions = {},
  ): Promise<Admitted> {
    if (this.#allowed.length > 0) {
      return this.#allowed.includes(channel) ? { kind: "all" } : { kind: "nothing", why: elsewhere(this.#allowed) };
    }
    if (isDirect(channel, channelName)) return { kind: "questions only", why: inPrivate };
    const known = this.#known.get(channel);
    if (known === undefined || Date.now() >= known.until) {
      return (await within(this.#ask(channel), withinMs)).admitted;
    }
    if (!again || known.isUnderWay) return (await within(known.answer, withinMs)).admitted;
    const kept = await known.answer;
    const { admitted, isSure } = await within(this.#ask(channel), withinMs);
    if (isSure || !kept.isSure) return admitted;
    this.#keep(channel, known);
    return kept.admitted;
  }

  #ask(channel: string): Promise<Answer> {
    const answer = this.#answerOf(channel);
    this.#keep(channel, { answer, isUnderWay: true, until: Date.now() + LONGEST_MS });
    return answer.then((found) => {
      const keptMs = found.admitted.kind === "all" ? MEMBER_MS : OTHERWISE_MS;
      this.#keep(channel, { answer, isUnderWay: false, until: Date.now() + keptMs });
      return found;
    });
  }

  #keep(channel: string, known: Known): void {
    this.#known.delete(channel);
    this.#known.set(channel, known);
    const oldest = this.#known.keys().next().value;
    if (this.#known.size > KEPT && oldest !== undefined) this.#known.delete(oldest);
  }

  async #answerOf(channel: string): Promise<Answer> {
    try {
      switch (await this.#membership(channel)) {
        case "member":
          return sure({ kind: "all" });
        case "direct":
          return sure({ kind: "questions only", why: inPrivate });
        case "none":
          return sure({ kind: "nothing", why: notMember });
      }
    } catch (error) {
      const code = slackCode(error instanceof SlackFailed ? error.cause : error);
      // A private channel without the bot, or a direct message of other people.
      if (code === "channel_not_found") return sure({ kind: "nothing", why: notMember });
      return notSure(code ?? (error instanceof Error ? error.message : String(error)));
    }
  }
}

const sure = (admitted: Admitted): Answer => ({ admitted, isSure: true });
const notSure = (why: string): Answer => ({
  admitted: { kind: "questions only", why: unknown(why) },
  isSure: false,
});

async function within(answer: Promise<Answer>, limitMs: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve(notSure(`no answer within ${limitMs / 1000} s`)), limitMs);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** A direct message, or one of a group: no other people read it. */
const isDirect = (channel: string, name: string | null): boolean =>
  channel.startsWith("D") || name === "directmessage" || name?.startsWith("mpdm-") === true;

const HEADLINE = "This command or click is not accepted here";

const elsewhere = (allowed: readonly string[]): OperatorError =>
  operatorError(
    HEADLINE,
    reason("NOT_IN_CHANNEL", `the bot serves only ${allowed.join(", ")} (CHANNELS)`, "use one of these channels"),
  );

export const inPrivate = operatorError(
  "Nothing can be changed from here",
  reason("DIRECT_MESSAGE", "this is a direct message, and the channel is the record that others read"),
);

const notMember = operatorError(
  HEADLINE,
  reason("NOT_IN_CHANNEL", "the bot is not a member of this channel", "type /invite @zstack here, then send it again"),
);

const unknown = (why: string): OperatorError =>
  operatorError(
    "Nothing can be changed from here now",
    reason(
      "MEMBERSHIP_UNKNOWN",
      `Slack did not say whether the bot is a member of this channel (${why})`,
      why === "missing_scope"
        ? "give the app the scopes channels:read and groups:read and reinstall it, or name the channel in CHANNELS"
        : "send it again in a moment, or name the channel in CHANNELS",
    ),
  );
