import { z } from "zod";
import type { Tone } from "../core/reply.ts";
import type { PlanClicked } from "../flow/confirm.ts";
import type { Flow } from "../flow/flow.ts";
import type { Buttons, Channel, Conversation, Message } from "../flow/ports.ts";
import { terminalText } from "../terminal.ts";
import { toldToo } from "./told-too.ts";

/** What a terminal says to the flow. */
export const fromTerminalSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("ask"), words: z.string(), by: z.string(), width: z.int(), colour: z.boolean() }),
  z.strictObject({
    kind: z.literal("confirm"),
    operationId: z.string(),
    typed: z.string().nullable(),
    secrets: z.record(z.string(), z.string()),
  }),
  z.strictObject({ kind: z.literal("cancel"), operationId: z.string() }),
]);
export type FromTerminal = z.output<typeof fromTerminalSchema>;

/**
 * What it is told. `question`: the plan above waits for a person; `typed` names what must be typed, null for a plain yes,
 * and `secrets` what must be filled in without being seen.
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
  /** `good`: what was asked was answered or done. */
  z.strictObject({ kind: z.literal("end"), good: z.boolean() }),
]);
export type ToTerminal = z.output<typeof toTerminalSchema>;

/** What the bot gives its terminals. */
export interface TerminalSetting {
  readonly flow: Flow;
  /** Where changes are told too; null where there is no channel. */
  readonly channel: Channel | null;
  isChange(words: string): boolean;
}

/** A terminal has one place to write. */
const TERMINAL_MESSAGE = "terminal";

/** Progress is told at most this often. */
const PASSING_MS = 1_000;

/** What is good depends on what was said: a question answered with a warning is answered, a change only done or not. */
const goodTones: Readonly<Record<FromTerminal["kind"], readonly Tone[]>> = {
  ask: ["plain", "good", "warning"],
  confirm: ["good"],
  cancel: [],
};

/** A conversation with the flow in a terminal; each thing said ends with `end`. */
export class TerminalSession {
  readonly #setting: TerminalSetting;
  readonly #tell: (answer: ToTerminal) => void;
  #asked: Extract<FromTerminal, { kind: "ask" }> | null = null;
  #conversation: Conversation | null = null;
  #messageId = TERMINAL_MESSAGE;
  /** The plan that waits for an answer from here. */
  #pending: Pick<Buttons, "operationId" | "seal"> | null = null;
  #tone: Tone = "plain";
  #lastPassing = 0;

  constructor(setting: TerminalSetting, tell: (answer: ToTerminal) => void) {
    this.#setting = setting;
    this.#tell = tell;
  }

  async take(said: FromTerminal): Promise<void> {
    const { flow, channel, isChange } = this.#setting;
    if (said.kind === "ask") {
      this.#asked = said;
      const here = this.#terminal(said);
      this.#conversation = channel !== null && isChange(said.words) ? this.#remembering(toldToo(channel, here)) : here;
      await flow.ask(said.words, said.by, this.#conversation);
    } else if (this.#asked === null || this.#conversation === null) {
      throw new Error("a terminal answers before it has asked");
    } else if (said.kind === "confirm") {
      const { typed } = said;
      const secrets = new Map(Object.entries(said.secrets));
      const click = { ...this.#clicked(said.operationId), by: this.#asked.by, typed, secrets };
      this.#pending = null;
      await flow.confirm(click, this.#conversation);
    } else await this.#cancel(said.operationId, this.#asked.by, this.#conversation);
    this.#tell({ kind: "end", good: goodTones[said.kind].includes(this.#tone) });
  }

  /** The terminal went away: a plan that waits for it can't be confirmed any more. */
  async leave(): Promise<void> {
    if (this.#pending === null || this.#asked === null || this.#conversation === null) return;
    await this.#cancel(this.#pending.operationId, this.#asked.by, this.#conversation);
  }

  #cancel(operationId: string, by: string, conversation: Conversation): Promise<void> {
    const clicked = this.#clicked(operationId);
    this.#pending = null;
    return this.#setting.flow.cancel(clicked, by, conversation);
  }

  /** Only the plan that was shown here has its seal. */
  #clicked(operationId: string): PlanClicked {
    const seal = this.#pending?.operationId === operationId ? this.#pending.seal : null;
    return { operationId, seal, messageId: this.#messageId };
  }

  #terminal(asked: Extract<FromTerminal, { kind: "ask" }>): Conversation {
    return {
      place: JSON.stringify({ terminal: asked.by }),
      mayNotChangeHere: null,
      say: async (message) => {
        this.#show(message, asked, false);
        return TERMINAL_MESSAGE;
      },
      revise: async (_id, message, last) => this.#show(message, asked, !last),
      whisper: async (message) => this.#show(message, asked, false),
    };
  }

  /** The channel's message becomes the one that a confirmation continues. */
  #remembering(conversation: Conversation): Conversation {
    return {
      ...conversation,
      say: async (message) => {
        this.#messageId = await conversation.say(message);
        return this.#messageId;
      },
    };
  }

  #show({ reply, buttons }: Message, { width, colour }: { width: number; colour: boolean }, passing: boolean): void {
    this.#tone = reply.tone;
    if (passing && Date.now() - this.#lastPassing < PASSING_MS) return;
    if (passing) this.#lastPassing = Date.now();
    this.#tell({ kind: "text", text: terminalText(reply, width, colour), passing });
    if (!buttons) return;
    const { operationId, seal, form } = buttons;
    this.#pending = { operationId, seal };
    const { typed = null, secrets = [] } = form ?? {};
    this.#tell({ kind: "question", operationId, destructive: form !== null, typed: typed?.label ?? null, secrets });
  }
}
