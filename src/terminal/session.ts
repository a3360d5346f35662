import { z } from "zod";
import { readable } from "../core/host-command.ts";
import { runInSlices } from "../core/parts.ts";
import { errorLines, type OperatorError, operatorError, Refusal, reason, refusalOf } from "../core/refusal.ts";
import type { AttachedFile, Tone } from "../core/reply.ts";
import type { AwayGlass } from "../flow/break-glass.ts";
import type { PlanClicked } from "../flow/confirm.ts";
import type { Flow } from "../flow/flow.ts";
import { type Buttons, type Channel, type Conversation, type Message, messageNow } from "../flow/ports.ts";
import { lineToType } from "../line-to-type.ts";
import { makingTerminalText } from "../text/plain-text.ts";
import { visible } from "../text/visible.ts";
import { mirroredToChannel } from "./mirror-to-channel.ts";

const MOST_COLUMNS = 10_000;
/** As `break-glass` in a channel takes it. */
export const MOST_REASON = 500;
/** Characters of a file that are sent at once. */
const PIECE = 256 * 1024;

/** An answer that is an error. */
export const notAccepted = (why: string, fix: string): OperatorError =>
  operatorError("This can't run from the terminal now", reason("TERMINAL_REFUSED", why, fix));

const hostsAreReal = operatorError(
  "The SAN is not changed",
  reason("HOSTS_ARE_REAL", "the hosts of this bot are real, and these words change only simulated ones"),
);

const slackIsNotUsed = notAccepted(
  "no channel of Slack is used here, so none can be away",
  "type it without --break-glass",
);

const slackIsThere = (words: string): OperatorError =>
  operatorError("The change did not begin", [
    reason(
      "TERMINAL_REFUSED",
      "Slack answers, so the channel can read the plan",
      `type ${lineToType("say", readable([words]))}`,
    ),
    reason(
      "TERMINAL_REFUSED",
      "a plan that waits for an approver has its own break-glass",
      `type ${lineToType("say", `'break-glass op-7 reason="WHY"'`)}`,
    ),
    reason("TERMINAL_REFUSED", "--break-glass works for 10 minutes after the channel did not take a plan"),
  ]);

/** The messages of a terminal. They don't name the person: the bot knows it. */
export const fromTerminalSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("ask"),
    words: z.string(),
    width: z.int().min(1).max(MOST_COLUMNS),
    colour: z.boolean(),
    /** Why the change is done without the channel, while Slack is away. */
    breakGlass: z.string().trim().min(1).max(MOST_REASON).nullable().default(null),
  }),
  z.strictObject({
    kind: z.literal("confirm"),
    operationId: z.string(),
    typed: z.string().nullable(),
    secrets: z.record(z.string(), z.string()),
  }),
  z.strictObject({ kind: z.literal("cancel"), operationId: z.string() }),
  /** Words for the simulated SAN; "" asks which there are. */
  z.strictObject({ kind: z.literal("san"), words: z.string() }),
]);
/** What a terminal sends. */
export type FromTerminal = z.input<typeof fromTerminalSchema>;
type Said = z.output<typeof fromTerminalSchema>;
type Ask = Extract<Said, { kind: "ask" }>;
type Decision = Extract<Said, { kind: "confirm" | "cancel" }>;

/**
 * The messages to the terminal. `question`: the plan above waits for a person. `typed` is the word to type, null for
 * yes. `secrets` are the values to type without echo.
 */
export const toTerminalSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("text"), text: z.string(), passing: z.boolean() }),
  z.strictObject({
    kind: z.literal("question"),
    operationId: z.string(),
    destructive: z.boolean(),
    typed: z.string().nullable(),
    secrets: z.array(z.strictObject({ name: z.string(), label: z.string() })),
  }),
  /** The next piece of a file of the answer. `isLast`: the file is complete. */
  z.strictObject({ kind: z.literal("file"), name: z.string(), text: z.string(), isLast: z.boolean() }),
  /** `good`: the query was answered, or the change was done. */
  z.strictObject({ kind: z.literal("end"), good: z.boolean() }),
]);
export type ToTerminal = z.output<typeof toTerminalSchema>;

/** Breaks and restores the simulated SAN. It throws a Refusal. */
interface SanOfTerminal {
  apply(words: string): Promise<string>;
  usage(): string;
}

/** What the bot provides to its terminals. */
export interface TerminalSetting {
  /** null if the hosts are real. */
  readonly san: SanOfTerminal | null;
  readonly flow: Flow;
  /** Who types there: `terminal:NAME`. */
  readonly by: string;
  /** The channel in which changes are posted too; null if there is none. */
  readonly channel: Channel | null;
  /** Break-glass at a terminal. null: Slack is not used here. */
  readonly glass: TerminalGlass | null;
  isChange(words: string): boolean;
}

/** What a change needs while Slack is away. */
export interface TerminalGlass {
  /** The channel that is notified when Slack is back. Absent if there is none. */
  readonly channelId?: string;
  /** Why Slack can't be reached now; null: it can. */
  whyAway(): Promise<string | null>;
}

/** A terminal has one place to write. */
const TERMINAL_MESSAGE = "terminal";

/** The shortest time between two progress messages. */
const PASSING_MS = 1_000;

/** A query that is answered with a warning counts as good. A change must be done. */
const successTones: Readonly<Record<(Ask | Decision)["kind"], readonly Tone[]>> = {
  ask: ["plain", "good", "warning"],
  confirm: ["good"],
  cancel: [],
};

/** A plan that was shown in this terminal, and waits for an answer from it. */
interface Pending extends Pick<Buttons, "operationId" | "seal"> {
  readonly conversation: Conversation;
  /** The message that a confirmation continues. */
  messageId(): string;
}

/**
 * A conversation with the flow in a terminal, one command at a time; each answer ends with `end`. It confirms or
 * cancels only the plan that was shown in it.
 */
export class TerminalSession {
  readonly #setting: TerminalSetting;
  readonly #send: (answer: ToTerminal) => void;
  readonly #drained: () => Promise<void>;
  #busy = false;
  #gone = false;
  #pending: Pending | null = null;
  /** The wait for the approver of the plan above; null: there is none. */
  #waiting: { readonly isOver: Promise<void>; end(): void } | null = null;
  #tone: Tone = "plain";
  #lastPassing = 0;
  #sent: Promise<unknown> = Promise.resolve();

  /** `drained` resolves when the terminal takes more of a long answer, or is gone. */
  constructor(
    setting: TerminalSetting,
    send: (answer: ToTerminal) => void,
    drained: () => Promise<void> = async () => undefined,
  ) {
    this.#setting = setting;
    this.#send = send;
    this.#drained = drained;
  }

  async take(said: Said): Promise<void> {
    const why = this.#whyNot(said);
    if (why !== null) return this.refuse(why);
    this.#busy = true;
    try {
      if (said.kind === "san") return await this.#changeSan(said.words);
      if (said.kind === "ask") await this.#ask(said);
      else await this.#decide(said);
      this.#send({ kind: "end", good: successTones[said.kind].includes(this.#tone) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refuse(error.error);
    } finally {
      this.#busy = false;
      // The terminal was closed while its plan was being made.
      if (this.#gone) await this.leave();
    }
  }

  /** Nothing runs; the terminal gets the reason. */
  refuse(why: OperatorError): void {
    this.#send({ kind: "text", text: `${errorLines(why).join("\n")}\n`, passing: false });
    this.#send({ kind: "end", good: false });
  }

  /** The terminal was closed: a plan that waits for it can no longer be confirmed. */
  async leave(): Promise<void> {
    this.#gone = true;
    this.#waiting?.end();
    if (this.#pending === null || this.#busy) return;
    await this.#decide({ kind: "cancel", operationId: this.#pending.operationId });
  }

  #whyNot(said: Said): OperatorError | null {
    if (this.#busy) return notAccepted("The bot is answering this terminal", "wait for its answer, then ask again");
    const waiting = this.#pending?.operationId ?? null;
    if (said.kind === "ask" || said.kind === "san") {
      return waiting === null
        ? null
        : notAccepted(`${waiting} waits for an answer here`, "confirm or cancel it, then ask again");
    }
    return said.operationId === waiting
      ? null
      : notAccepted(
          `${visible(said.operationId)} does not wait for an answer here`,
          "confirm it where it was asked: a terminal confirms and cancels only its own plans",
        );
  }

  async #ask(asked: Ask): Promise<void> {
    const { flow, channel, isChange, by, glass } = this.#setting;
    const away = asked.breakGlass === null ? null : await this.#away(asked.words, asked.breakGlass);
    let messageId = TERMINAL_MESSAGE;
    const shows = (buttons: Buttons) => {
      this.#pending = { ...buttons, conversation, messageId: () => messageId };
    };
    const here = this.#terminal(asked, shows);
    const isMirrored = away === null && channel !== null && isChange(asked.words);
    const mirrored = isMirrored ? mirroredToChannel(channel, here, asked.words) : here;
    const conversation: Conversation = {
      ...mirrored,
      // A cluster that is bound to another channel is not changed from here, also while Slack is away.
      ...(away !== null && glass?.channelId !== undefined && { channelId: glass.channelId }),
      // The channel's message becomes the one that a confirmation continues.
      say: async (message, once) => {
        messageId = await mirrored.say(message, once);
        return messageId;
      },
    };
    if (away === null) await flow.ask(asked.words, by, conversation);
    else await flow.askAway(asked.words, by, away, conversation);
    await this.#waiting?.isOver;
  }

  /** Throws a Refusal if Slack is not away. */
  async #away(words: string, why: string): Promise<AwayGlass> {
    const { glass } = this.#setting;
    const away = glass === null ? null : await glass.whyAway();
    if (away === null) throw refusalOf(glass === null ? slackIsNotUsed : slackIsThere(words));
    return { reason: why, away };
  }

  async #changeSan(words: string): Promise<void> {
    const { san } = this.#setting;
    if (san === null) return this.refuse(hostsAreReal);
    try {
      const text = words.trim() === "" ? san.usage() : await san.apply(words);
      this.#send({ kind: "text", text, passing: false });
      this.#send({ kind: "end", good: true });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refuse(error.error);
    }
  }

  async #decide(said: Decision): Promise<void> {
    const { flow, by } = this.#setting;
    const pending = this.#pending;
    this.#pending = null;
    if (pending === null) return;
    const { operationId, seal, conversation } = pending;
    const clicked: PlanClicked = { operationId, seal, messageId: pending.messageId() };
    if (said.kind === "cancel") return flow.cancel(clicked, by, conversation);
    const { typed } = said;
    await flow.confirm({ ...clicked, by, typed, secrets: new Map(Object.entries(said.secrets)) }, conversation);
  }

  #terminal(asked: Ask, shows: (buttons: Buttons) => void): Conversation {
    const show = async (message: Message, passing: boolean) => {
      const isShown = await this.#show(message, asked, passing);
      if (!isShown) return;
      if (!passing) await this.#sendFiles(message.reply.files ?? []);
      if (message.buttons?.waits) return this.#waits(message.buttons, message.buttons.waits.until, shows);
      if (message.buttons) this.#question(message.buttons, shows);
      // It was rejected.
      else if (this.#waiting !== null) this.#pending = null;
      this.#waiting?.end();
    };
    return {
      place: JSON.stringify({ terminal: this.#setting.by }),
      mayNotChangeHere: null,
      linkTo: () => null,
      say: async (message) => {
        await show(messageNow(message), false);
        return TERMINAL_MESSAGE;
      },
      find: async () => null,
      revise: async (_id, message, last) => show(message, !last),
      sendEphemeral: async (message) => show(message, false),
    };
  }

  /** Whether it was sent: some progress is skipped. A long text is slow, and later messages wait for it. */
  async #show({ reply }: Message, { width, colour }: Ask, passing: boolean): Promise<boolean> {
    this.#tone = reply.tone;
    if (passing && Date.now() - this.#lastPassing < PASSING_MS) return false;
    if (passing) this.#lastPassing = Date.now();
    const sending = this.#sent.then(async () => {
      const text = await runInSlices(makingTerminalText(reply, width, colour));
      this.#send({ kind: "text", text, passing });
    });
    this.#sent = sending.catch(() => undefined);
    await sending;
    return true;
  }

  /** Pictures are not sent: the answer has what they show in words. */
  async #sendFiles(files: readonly AttachedFile[]): Promise<void> {
    for (const { name, content } of files) {
      if (typeof content !== "string") continue;
      for (let from = 0; from === 0 || from < content.length; from += PIECE) {
        const isLast = from + PIECE >= content.length;
        this.#send({ kind: "file", name, text: content.slice(from, from + PIECE), isLast });
        await this.#drained();
        if (this.#gone) return;
      }
    }
  }

  /** The plan above waits for an approver. The terminal waits with it, and cancels it if it is closed. */
  #waits(buttons: Buttons, until: string, shows: (buttons: Buttons) => void): void {
    shows(buttons);
    if (this.#gone) return;
    let end = (): void => undefined;
    const isOver = new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#waiting?.end(), Math.max(0, Date.parse(until) - Date.now()));
      end = () => {
        clearTimeout(timer);
        this.#waiting = null;
        resolve();
      };
    });
    this.#waiting = { isOver, end };
  }

  #question(buttons: Buttons, shows: (buttons: Buttons) => void): void {
    shows(buttons);
    const { operationId, form } = buttons;
    const { typed = null, secrets = [] } = form ?? {};
    this.#send({ kind: "question", operationId, destructive: form !== null, typed: typed?.label ?? null, secrets });
  }
}
