import { z } from "zod";
import type { Flow } from "../flow/flow.ts";
import type { Conversation, Message } from "../flow/ports.ts";
import { terminalText } from "../terminal.ts";

/** What a terminal says to the flow. */
export const fromTerminalSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("ask"), words: z.string(), by: z.string(), width: z.int(), colour: z.boolean() }),
  z.strictObject({ kind: z.literal("confirm"), operationId: z.string(), typed: z.string().nullable() }),
  z.strictObject({ kind: z.literal("cancel"), operationId: z.string() }),
]);
export type FromTerminal = z.output<typeof fromTerminalSchema>;

/** What it is told. `question`: the plan above waits for a person; `typed` names what must be typed, null for a plain yes. */
export const toTerminalSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("text"), text: z.string(), passing: z.boolean() }),
  z.strictObject({
    kind: z.literal("question"),
    operationId: z.string(),
    destructive: z.boolean(),
    typed: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal("end") }),
]);
export type ToTerminal = z.output<typeof toTerminalSchema>;

/** A terminal has one place to write. */
const TERMINAL_MESSAGE = "terminal";

/** Progress is told at most this often. */
const PASSING_MS = 1_000;

/** A conversation with the flow in a terminal; each thing said ends with `end`. */
export function terminalSession(flow: Flow, tell: (answer: ToTerminal) => void): (said: FromTerminal) => Promise<void> {
  let by = "";
  let lastPassing = 0;
  let show = (_message: Message, _passing: boolean): void => undefined;
  const conversation = (): Conversation => ({
    place: JSON.stringify({ terminal: by }),
    say: async (message) => {
      show(message, false);
      return TERMINAL_MESSAGE;
    },
    revise: async (_id, message, last) => show(message, !last),
    whisper: async (message) => show(message, false),
  });
  return async (said) => {
    if (said.kind === "ask") {
      by = said.by;
      show = (message, passing) => {
        if (passing && Date.now() - lastPassing < PASSING_MS) return;
        if (passing) lastPassing = Date.now();
        tell({ kind: "text", text: terminalText(message.reply, said.width, said.colour), passing });
        const { buttons } = message;
        if (!buttons) return;
        const typed = buttons.form?.typed?.label ?? null;
        tell({ kind: "question", operationId: buttons.operationId, destructive: buttons.form !== null, typed });
      };
      await flow.ask(said.words, by, conversation());
    } else if (said.kind === "confirm") {
      const click = { operationId: said.operationId, by, typed: said.typed, messageId: TERMINAL_MESSAGE };
      await flow.confirm(click, conversation());
    } else await flow.cancel(said.operationId, by, conversation());
    tell({ kind: "end" });
  };
}
