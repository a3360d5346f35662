import { errorNote } from "../core/error-reply.ts";
import { operatorError, Refusal, reason } from "../core/refusal.ts";
import type { Part, Reply } from "../core/reply.ts";
import { Undelivered } from "../core/undelivered.ts";
import type { Answered, Observation } from "./observation.ts";
import { askedPart } from "./plan-reply.ts";
import type { Clock, Conversation, Log, Message } from "./ports.ts";

/** After this time the channel shows that the bot is at work. */
const PATIENCE_MS = 2_000;
/** After this time the message also shows which hosts have answered. */
const HOSTS_AFTER_MS = 10_000;
/** The message is updated this often, so that it shows how long a host has been asked. */
const TICK_MS = 5_000;

/** One message in the channel: first "Observing the hosts …", then which hosts have answered, then the answer. */
export class Answer {
  readonly #conversation: Conversation;
  readonly #observation: Observation;
  readonly #log: Log;
  readonly #observing: (hosts: Answered | null) => Message;
  readonly #timers: NodeJS.Timeout[];
  #posted: Promise<string> | null = null;
  #ended = false;
  /** What was posted last. An answer that is ready before the first post takes its place. */
  #shown: Message | null = null;
  #answer: Message | null = null;

  constructor(
    conversation: Conversation,
    asked: { readonly words: string; readonly by: string; readonly waiting?: string },
    observation: Observation,
    world: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#conversation = conversation;
    this.#observation = observation;
    this.#log = world.log;
    this.#observing = (hosts) => ({ reply: observingReply(asked, hosts, world.clock.now()) });
    const begin = setTimeout(() => {
      this.#posted = conversation.say(() => {
        this.#shown = this.#answer ?? this.#observing(null);
        return this.#shown;
      });
      this.#posted.catch(() => undefined); // posting the answer meets the same error and reports it
    }, PATIENCE_MS);
    const notify = setTimeout(() => {
      this.#reportHosts();
      observation.whenChanged(() => this.#reportHosts());
      this.#timers.push(setInterval(() => this.#reportHosts(), TICK_MS));
    }, HOSTS_AFTER_MS);
    this.#timers = [begin, notify];
  }

  /** Posts the answer. It replaces "Observing the hosts …" if that was posted. Resolves to the message's id. */
  async give(message: Message): Promise<string> {
    this.#end();
    this.#answer = message;
    if (this.#posted === null) return this.#conversation.say(message);
    // The first post may have failed. If it was the answer, its error counts; otherwise the answer is posted now.
    const earlier = await this.#posted.catch((error: unknown) => {
      if (this.#shown === message) throw error;
      return null;
    });
    if (earlier === null) return this.#conversation.say(message);
    if (this.#shown !== message) await this.#conversation.revise(earlier, message, true);
    return earlier;
  }

  /**
   * As `give`. If the place does not take the message, only the asker sees it, with the reason. For answers that
   * change nothing. Resolves to the message's id; null: only the asker sees it.
   */
  async giveOrSendEphemeral(message: Message): Promise<string | null> {
    try {
      return await this.give(message);
    } catch (error) {
      if (!(error instanceof Undelivered || error instanceof Refusal)) throw error;
      const parts = error instanceof Undelivered ? [onlyForYou(error)] : [];
      const { reply } = message;
      await this.#conversation.sendEphemeral({ reply: { ...reply, parts: [...reply.parts, ...parts] } });
      await this.#takeBack();
      return null;
    }
  }

  /** Only the asker saw the answer. "Observing the hosts …" must not stay in the channel permanently. */
  async #takeBack(): Promise<void> {
    const observing = (await this.#posted?.catch(() => null)) ?? null;
    if (observing === null) return;
    const reply = { title: "Only the person who asked sees the answer", tone: "plain" as const, parts: [], next: [] };
    await this.#conversation
      .revise(observing, { reply }, true)
      .catch((error) => this.#log.error("saying that a question was answered elsewhere", error));
  }

  /** For an answer that concerns only the asker. */
  async sendEphemeral(reply: Reply): Promise<void> {
    this.#end();
    await this.#conversation.sendEphemeral({ reply });
  }

  #end(): void {
    this.#ended = true;
    this.#observation.whenChanged(() => undefined);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #reportHosts(): void {
    const hosts = this.#observation.state;
    const posted = this.#posted;
    if (posted === null || hosts.open.length + hosts.answered.length === 0) return;
    const revise = async () => {
      const messageId = await posted.catch(() => null);
      if (messageId !== null && !this.#ended) await this.#conversation.revise(messageId, this.#observing(hosts), false);
    };
    revise().catch((error) => this.#log.error("showing which hosts have answered", error));
  }
}

const onlyForYou = ({ place, why, fix }: Undelivered): Part =>
  errorNote(
    operatorError(
      "Only you see this answer",
      reason("SLACK_FAILED", `${place} did not accept it: ${why}`, ...(fix === null ? [] : [fix])),
    ),
  );

function observingReply(
  { words, by, waiting = "Observing the hosts …" }: { words: string; by: string; waiting?: string },
  hosts: Answered | null,
  now: Date,
): Reply {
  const parts = hosts === null ? [] : hostParts(hosts, now);
  return { title: waiting, tone: "plain", parts: [askedPart(words, by), ...parts], next: [] };
}

function hostParts({ answered, open }: Answered, now: Date): Part[] {
  const at = `${now.toISOString().slice(11, 19)} UTC`;
  const waits = open.map(
    ({ name, forMs }) => `${name} (asked ${forMs < 1000 ? "now" : `${Math.floor(forMs / 1000)} s ago`})`,
  );
  return [
    { kind: "text", text: `Answered at ${at}: ${some(answered)}.` },
    { kind: "text", text: `Not yet: ${some(waits)}.`, ...(open.length > 0 ? { tone: "warning" as const } : {}) },
  ];
}

const NAMED = 20;

/** Names in one line, at most 20: a data centre has more hosts than a phone has lines. */
function some(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
