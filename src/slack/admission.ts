import { slackCode } from "./slack-code.ts";

/** Whether commands and clicks are taken in a channel. */
export type Admitted =
  | { readonly kind: "all" }
  | { readonly kind: "questions only"; readonly why: string }
  | { readonly kind: "nothing"; readonly why: string };

const MEMBER_MS = 60_000;
/** Short, so that an invitation or a Slack that is back counts at once. */
const OTHERWISE_MS = 2_000;
const KEPT = 500;
/** A form can be opened for three seconds after the click. */
const LONGEST_MS = 1_500;

interface Known {
  readonly until: number;
  readonly membership: Promise<Admitted>;
}

/**
 * Where commands and clicks are taken: in the channels of CHANNELS; if it is empty, where the bot is a member. A slash command
 * works elsewhere too, so Slack is asked. Its answer is kept for a minute.
 */
export class Admission {
  readonly #allowed: readonly string[];
  readonly #isMember: (channel: string) => Promise<boolean>;
  readonly #known = new Map<string, Known>();

  constructor(allowed: readonly string[], isMember: (channel: string) => Promise<boolean>) {
    this.#allowed = allowed;
    this.#isMember = isMember;
  }

  async to(channel: string, channelName: string | null): Promise<Admitted> {
    if (this.#allowed.length > 0) {
      return this.#allowed.includes(channel) ? { kind: "all" } : { kind: "nothing", why: elsewhere(this.#allowed) };
    }
    if (isDirect(channel, channelName)) return { kind: "questions only", why: inPrivate };
    const known = this.#known.get(channel);
    if (known !== undefined && Date.now() < known.until) return known.membership;
    return this.#ask(channel);
  }

  #ask(channel: string): Promise<Admitted> {
    const membership = this.#membershipOf(channel);
    this.#keep(channel, { membership, until: Date.now() + LONGEST_MS });
    return membership.then((admitted) => {
      const keptMs = admitted.kind === "all" ? MEMBER_MS : OTHERWISE_MS;
      this.#keep(channel, { membership, until: Date.now() + keptMs });
      return admitted;
    });
  }

  #keep(channel: string, known: Known): void {
    this.#known.delete(channel);
    this.#known.set(channel, known);
    const oldest = this.#known.keys().next().value;
    if (this.#known.size > KEPT && oldest !== undefined) this.#known.delete(oldest);
  }

  async #membershipOf(channel: string): Promise<Admitted> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${LONGEST_MS / 1000} s`)), LONGEST_MS);
    });
    try {
      const member = await Promise.race([this.#isMember(channel), tooLate]);
      return member ? { kind: "all" } : { kind: "nothing", why: notMember };
    } catch (error) {
      const code = slackCode(error);
      // A private channel without the bot, or a direct message of others.
      if (code === "channel_not_found") return { kind: "nothing", why: notMember };
      return { kind: "questions only", why: unknown(code ?? (error instanceof Error ? error.message : String(error))) };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Between two, or of a group: nobody else reads along. */
const isDirect = (channel: string, name: string | null): boolean =>
  channel.startsWith("D") || name === "directmessage" || name?.startsWith("mpdm-") === true;

const elsewhere = (allowed: readonly string[]): string =>
  `The bot takes commands and clicks only in ${allowed.join(", ")} (CHANNELS). Nothing was run.`;

const inPrivate =
  "Changes are not made in a direct message: a channel is the record that the others read. Fix: send the command in a channel where the bot is a member.";

const notMember =
  "The bot is not a member of this channel. Nothing was run. Fix: type /invite @zstack here, then do it again.";

const unknown = (why: string): string =>
  `Slack did not say whether the bot is a member of this channel (${why}), so nothing is changed here. ${
    why === "missing_scope"
      ? "Fix: give the app the scopes channels:read and groups:read and reinstall it, or name the channel in CHANNELS."
      : "Fix: do it again in a moment, or name the channel in CHANNELS."
  }`;
