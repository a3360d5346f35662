import { z } from "zod";
import { runInSlices } from "../core/parts.ts";
import { errorLines, type OperatorError, operatorError, Refusal, reason } from "../core/refusal.ts";
import type { Tone } from "../core/reply.ts";
import type { PlanClicked } from "../flow/confirm.ts";
import type { Flow } from "../flow/flow.ts";
import { type Buttons, type Channel, type Conversation, type Message, messageNow } from "../flow/ports.ts";
import { makingTerminalText } from "../text/plain-text.ts";
import { visible } from "../text/visible.ts";
import { mirroredToChannel } from "./mirror-to-channel.ts";

const MOST_COLUMNS = 10_000;

/** An answer that is an error. */
export const notAccepted = (why: string, fix: string): OperatorError =>
  operatorError("This can't run from the terminal now", reason("TERMINAL_REFUSED", why, fix));

const hostsAreReal = operatorError(
  "The SAN is not changed",
  reason("HOSTS_ARE_REAL", "the hosts of this bot are real, and these words change only simulated ones"),
);

/** The messages of a terminal. They don't name the person: the bot knows it. */
export const fromTerminalSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("ask"),
    words: z.string(),
    width: z.int().min(1).max(MOST_COLUMNS),
    colour: z.boolean(),
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
export type FromTerminal = z.output<typeof fromTerminalSchema>;
type Ask = Extract<FromTerminal, { kind: "ask" }>;
type Decision = Extract<FromTerminal, { kind: "confirm" | "cancel" }>;

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
  isChange(words: string): boolean;
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
  #busy = false;
  #gone = false;
  #pending: Pending | null = null;
  /** The wait for the approver of the plan above; null: there is none. */
  #waiting: { readonly isOver: Promise<void>; end(): void } | null = null;
  #tone: Tone = "plain";
  #lastPassing = 0;
  #sent: Promise<unknown> = Promise.resolve();

  constructor(setting: TerminalSetting, send: (answer: ToTerminal) => void) {
    this.#setting = setting;
    this.#send = send;
  }

  async take(said: FromTerminal): Promise<void> {
    const why = this.#whyNot(said);
    if (why !== null) return this.refuse(why);
    this.#busy = true;
    try {
      if (said.kind === "san") return await this.#changeSan(said.words);
      if (said.kind === "ask") await this.#ask(said);
      else await this.#decide(said);
      this.#send({ kind: "end", good: successTones[said.kind].includes(this.#tone) });
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

  #whyNot(said: FromTerminal): OperatorError | null {
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
    const { flow, channel, isChange, by } = this.#setting;
    let messageId = TERMINAL_MESSAGE;
    const shows = (buttons: Buttons) => {
      this.#pending = { ...buttons, conversation, messageId: () => messageId };
    };
    const here = this.#terminal(asked, shows);
    const mirrored = channel !== null && isChange(asked.words) ? mirroredToChannel(channel, here) : here;
    const conversation: Conversation = {
      ...mirrored,
      // The channel's message becomes the one that a confirmation continues.
      say: async (message, once) => {
        messageId = await mirrored.say(message, once);
        return messageId;
      },
    };
    await flow.ask(asked.words, by, conversation);
    await this.#waiting?.isOver;
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
