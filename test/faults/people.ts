import type { PageMessage, PageView } from "../../src/workspace/page-protocol.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { buttonsIn } from "../scenario/message-text.ts";
import { isAbout, isBots, titleOf } from "./oracle/seen.ts";
import type { GestureKind, Timeline } from "./timeline.ts";
import { FIRST, LAST } from "./trust-story.ts";

/** The title of an operation that was confirmed and has not ended. */
const UNDER_WAY = /: (?:running|stopping|waiting for op-\d+) \((op-\d+)\)$/;

/** What people do in the channel. Each action is in the world's record. They click only what they see. */
export class People {
  readonly #workspace: LocalWorkspace;
  readonly #timeline: Timeline;

  constructor(workspace: LocalWorkspace, timeline: Timeline) {
    this.#workspace = workspace;
    this.#timeline = timeline;
  }

  /** Types a command, as a slash command or in a mention. Resolves to its position in the record. */
  says(person: string, typed: string, how: "command" | "mention" = "command"): number {
    const words = this.#named(typed);
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

  /** The latest message with a plan of this command that waits for its second person. */
  waitingPlanOf(words: string): PageMessage | null {
    return (
      this.#workspace
        .state()
        .messages.findLast(
          (message) => buttonsIn(message).some(({ label }) => label === "Approve") && isAbout(message, words),
        ) ?? null
    );
  }

  /** The id of the operation of a plan that can be cancelled. */
  operationOf(message: PageMessage): string | null {
    const elements = message.blocks.flatMap((block) => (Array.isArray(block.elements) ? block.elements : []));
    const cancel = elements.find((element) => element?.action_id === "cancel");
    return /^(op-\d+) /.exec(String(cancel?.value))?.[1] ?? null;
  }

  /** Clicks a button with a command. false if it is not there. */
  presses(person: string, message: PageMessage, label: string, words: string): boolean {
    const now = this.#workspace.state().messages.find(({ ts }) => ts === message.ts);
    const button = now === undefined ? undefined : buttonsIn(now).find((each) => each.label === label);
    if (button === undefined) return false;
    this.#did(person, "press", words, message.ts, false);
    const { ts: messageTs, blockId, actionId } = button;
    this.#inBackground(this.#workspace.click({ person, messageTs, blockId, actionId }));
    return true;
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

  /** Operations that have not ended are named as their messages name them. */
  #named(words: string): string {
    const titles = this.#workspace.state().messages.filter(isBots).map(titleOf);
    const open = titles.filter((title) => UNDER_WAY.test(title)).map((title) => UNDER_WAY.exec(title)?.[1] ?? "");
    const latest = titles.flatMap((title) => /\((op-\d+)\)$/.exec(title)?.[1] ?? []).at(-1) ?? "op-1";
    return words.replace(FIRST, open.at(0) ?? latest).replace(LAST, open.at(-1) ?? latest);
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
