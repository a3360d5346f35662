import type { PageMessage, PageView } from "../../src/workspace/page-protocol.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { buttonsIn } from "../scenario/message-text.ts";
import { isAbout } from "./oracle/seen.ts";
import type { GestureKind, Timeline } from "./timeline.ts";

/** What people do in the channel. Each action is in the world's record. They click only what they see. */
export class People {
  readonly #workspace: LocalWorkspace;
  readonly #timeline: Timeline;

  constructor(workspace: LocalWorkspace, timeline: Timeline) {
    this.#workspace = workspace;
    this.#timeline = timeline;
  }

  /** Types a command, as a slash command or in a mention. Resolves to its position in the record. */
  says(person: string, words: string, how: "command" | "mention" = "command"): number {
    const { seq } = this.#did(person, "say", words, null, false);
    const text = how === "command" ? `/zstack ${words}` : `@zstack ${words}`;
    this.#inBackground(this.#workspace.say({ person, text, threadTs: null }));
    return seq;
  }

  /** Records what a person does at a terminal. */
  doesInTerminal(person: string, does: "say" | "submit", words: string, message: PageMessage | null): number {
    return this.#did(person, does, words, message?.ts ?? null, does === "submit").seq;
  }

  /** The latest message about this command. */
  latestAbout(words: string): PageMessage | null {
    return this.#workspace.state().messages.findLast((message) => isAbout(message, words)) ?? null;
  }

  /** The latest message with a plan of this command that can be clicked. */
  planOf(words: string): PageMessage | null {
    return (
      this.#workspace
        .state()
        .messages.findLast(
          (message) => buttonsIn(message).some(({ actionId }) => actionId === "confirm") && isAbout(message, words),
        ) ?? null
    );
  }

  /** false if the button is no longer there. */
  clicks(person: string, message: PageMessage, label: "Confirm" | "Cancel", words: string): boolean {
    const now = this.#workspace.state().messages.find(({ ts }) => ts === message.ts);
    const button = now === undefined ? undefined : buttonsIn(now).find((each) => each.actionId === label.toLowerCase());
    if (button === undefined) return false;
    this.#did(person, label === "Confirm" ? "confirm" : "cancel", words, message.ts, false);
    const { ts: messageTs, blockId, actionId } = button;
    this.#inBackground(this.#workspace.click({ person, messageTs, blockId, actionId }));
    return true;
  }

  /** The form that a person sees. */
  formOf(person: string): PageView | null {
    return this.#workspace.state().views.find((view) => view.person === person) ?? null;
  }

  /** Fills in and sends the form that `message` opened. `typed` returns the answer to an input's label. */
  submits(person: string, form: PageView, message: PageMessage, words: string, typed: (label: string) => string): void {
    const values = Object.fromEntries(
      form.blocks.flatMap((block) => {
        if (block.type !== "input") return [];
        const actionId = String((block.element as { action_id?: unknown }).action_id);
        return [[String(block.block_id), { [actionId]: typed(labelOf(block)) }]];
      }),
    );
    this.#did(person, "submit", words, message.ts, true);
    this.#inBackground(
      this.#workspace.submit({ person, viewId: form.id, values }).then(({ errors }) => {
        const text = Object.values(errors).join("; ");
        if (text !== "") this.#timeline.record({ kind: "form errors", person, text });
      }),
    );
  }

  closes(person: string, form: PageView): void {
    this.#inBackground(this.#workspace.close({ person, viewId: form.id }));
  }

  #did(person: string, does: GestureKind, words: string, messageTs: string | null, confirms: boolean) {
    return this.#timeline.record({ kind: "action", person, does, words, messageTs, confirms });
  }

  /** Slack answers for an action's ack. A button that has just gone is no fault. */
  #inBackground(action: Promise<unknown>): void {
    action.catch((error: Error) => {
      if (error.name !== "ImpossibleAction") throw error;
    });
  }
}

const labelOf = (block: Record<string, unknown>): string => {
  const { label } = block;
  return typeof label === "object" && label !== null && "text" in label ? String(label.text) : "";
};
