import { createHash } from "node:crypto";
import type { types } from "@slack/bolt";
import { type Inline, type NextStep, type Reply, wordsOf } from "../core/reply.ts";
import type { Buttons, Message, NextButton } from "../flow/ports.ts";
import { visible } from "../text/visible.ts";
import { limits, room } from "./limits.ts";
import { cut, cutLine, escaped, type Line, linesOf, lineText, plainText, section } from "./text.ts";

/** Characters of the dialog's text. They count as a part of the message. */
const WARNING_CHARACTERS = 200;

/**
 * The two buttons under a plan. Only the first one is emphasised. If something will be lost, it is red. A person then
 * confirms once more: in the form if one follows, else in a dialog. Two such steps would be two clicks by habit. Each plan has its own block_id. So a click on an older copy of the message is recognised. A plan that waits for
 * an approver has only Cancel.
 */
export function decisionBlock({ operationId, seal, verb, warning, form, waits }: Buttons): types.KnownBlock {
  const value = buttonValue({ operationId, seal });
  const label = cut(visible(verb), limits.buttonCharacters);
  const style = warning === null ? "primary" : "danger";
  const dialog: types.ConfirmationDialog | null =
    warning === null || form !== null
      ? null
      : {
          title: plainText(cut(`${label}?`, limits.dialogTitleCharacters)),
          text: plainText(cut(visible(warning), WARNING_CHARACTERS)),
          confirm: plainText(cut(label, limits.dialogButtonCharacters)),
          deny: plainText("Go Back"),
          style: "danger",
        };
  const confirm: types.Button = {
    type: "button",
    text: plainText(label),
    action_id: "confirm",
    value,
    style,
    ...(dialog !== null && { confirm: dialog }),
  };
  const cancel: types.Button = { type: "button", text: plainText("Cancel"), action_id: "cancel", value };
  return {
    type: "actions",
    block_id: `${DECISION}-${seal.slice(-8)}`,
    elements: waits !== undefined ? [cancel] : [confirm, cancel],
  };
}

const DECISION = "decision";

/** Whether a block has the buttons of a plan. */
export const isDecision = (block: types.KnownBlock): boolean =>
  block.type === "actions" && block.block_id?.startsWith(DECISION) === true;

interface NextSteps {
  readonly blocks: readonly types.KnownBlock[];
  /** The characters that they take in the message, except those that are kept for commands. */
  readonly characters: number;
  /** Steps that are not in the message. */
  readonly left: number;
}

/** The next steps: buttons, then their commands for people who type. A step without a button has only its command. */
export function nextStepsOf({ reply, nextButtons = [] }: Message): NextSteps {
  const isButton = (step: NextStep) => nextButtons.some(({ words }) => words === wordsOf(step));
  const typed = reply.next.filter((step) => !isButton(step)).map(lineOf);
  const buttonLines = reply.next.filter(isButton).map(lineOf);
  const shown = shownWhole(typed, room.next - TYPE_NEXT.length);
  const used = shown.reduce((sum, line) => sum + line.length + 1, 0);
  const words = shownWhole(buttonLines, room.next - used - TYPE_NEXT.length - OR_TYPE.length);
  const blocks: types.KnownBlock[] = [];
  if (nextButtons.length > 0) blocks.push(buttonsBlock(nextButtons));
  if (words.length > 0) blocks.push({ type: "context", elements: [plainText(`${OR_TYPE}${words.join(" · ")}`)] });
  if (shown.length > 0) blocks.push(typedBlock(shown));
  return {
    blocks,
    characters: nextButtons.reduce((sum, button) => sum + nextValue(button).length + labelOf(button).length, 0),
    left: typed.length - shown.length,
  };
}

const TYPE_NEXT = "Type next";
const OR_TYPE = "Or type: ";

const lineOf = (step: NextStep): string => `/zstack ${visible(wordsOf(step))}`;

/** A command is shown complete or not at all: a person could type a cut one. */
function shownWhole(lines: readonly string[], most: number): readonly string[] {
  let used = 0;
  const end = lines.findIndex((line) => {
    used += line.length + 3;
    return used > most;
  });
  return end === -1 ? lines : lines.slice(0, end);
}

const labelOf = ({ label }: NextButton): string => cut(visible(label) || "–", limits.buttonCharacters);

/** `id`: distinguishes blocks of one view. */
export const buttonsBlock = (buttons: readonly NextButton[], id = "next"): types.ActionsBlock => ({
  type: "actions",
  // A changed message has another block_id. So a click on an older copy is recognised.
  block_id: `${id}-${createHash("sha256").update(buttons.map(nextValue).join("\n")).digest("hex").slice(0, 8)}`,
  elements: buttons.map((button, index) => ({
    type: "button",
    text: plainText(labelOf(button)),
    action_id: nextActionId(index),
    value: nextValue(button),
  })),
});

function typedBlock(lines: readonly string[]): types.KnownBlock {
  const head: Line = [{ bold: TYPE_NEXT }];
  return { type: "rich_text", elements: [section([head, ...lines.map((code): Line => [{ code }])])] };
}

/** Who did what and when, and the foot: small, at the end of the message. */
export function recordBlocks({ record, foot }: Pick<Reply, "record" | "foot">): types.KnownBlock[] {
  const elements = [
    ...(record === undefined ? [] : contextElements(cutLine(recordLine(record), room.record))),
    ...(foot === undefined ? [] : [plainText(cut(visible(foot) || "–", room.foot))]),
  ];
  return elements.length === 0 ? [] : [{ type: "context", elements }];
}

/** Whether all of a record is shown. */
export const isRecordWhole = ({ record }: Pick<Reply, "record">): boolean =>
  record === undefined || lineText(recordLine(record)).length <= room.record;

const recordLine = (record: NonNullable<Reply["record"]>): Line => linesOf(record, room.record).lines.flat();

type ContextElement = types.PlainTextElement | types.MrkdwnElement;

/**
 * A context block has no rich text. So mrkdwn is used only for text without formatting characters. Typed text is
 * plain text, which Slack shows unchanged.
 */
function contextElements(line: Line): ContextElement[] {
  const runs: { readonly isMrkdwn: boolean; text: string }[] = [];
  for (const inline of line) {
    const mrkdwn = mrkdwnOf(inline);
    const text = mrkdwn ?? lineText([inline]);
    const last = runs.at(-1);
    if (last?.isMrkdwn === (mrkdwn !== null)) last.text += text;
    else runs.push({ isMrkdwn: mrkdwn !== null, text });
  }
  return runs
    .map(({ isMrkdwn, text }) => ({ isMrkdwn, text: text.trim() }))
    .filter(({ text }) => text !== "")
    .slice(0, limits.contextElements - 1)
    .map(({ isMrkdwn, text }) => (isMrkdwn ? { type: "mrkdwn", text, verbatim: true } : plainText(text)));
}

/** null: it must be plain text. */
function mrkdwnOf(inline: Inline): string | null {
  const content = lineText([inline]);
  if (typeof inline === "string") return /[*_~`:]|^>/.test(content.replace(/: ?$/, "")) ? null : escaped(content);
  if ("person" in inline) return `<@${content}>`;
  if ("group" in inline) return `<!subteam^${content}>`;
  if ("at" in inline) {
    const format = inline.shows === "clock" ? "{time}" : "{date_short_pretty} {time_secs}";
    return `<!date^${Math.floor(Date.parse(inline.at) / 1000)}^${format}|${escaped(content)}>`;
  }
  return null;
}

/** The value of a plan's buttons: the operation's id and the plan's seal. */
const buttonValue = ({ operationId, seal }: Pick<Buttons, "operationId" | "seal">): string => `${operationId} ${seal}`;

/** Buttons of older versions have only the operation's id. */
export function planIn(value: string): { readonly operationId: string; readonly seal: string | null } {
  const [operationId = "", seal = null] = value.split(" ");
  return { operationId, seal };
}

/** The action ids of next steps: each button of a block needs its own. */
const nextActionId = (index: number): string => `run-${index + 1}`;
export const nextActions = /^run-\d{1,2}$/;

/** The value of a next step's button: its seal and its command. */
const nextValue = ({ words, seal }: Pick<NextButton, "words" | "seal">): string => `${seal} ${words}`;

export function nextIn(value: string): Pick<NextButton, "words" | "seal"> {
  const end = value.indexOf(" ");
  return end === -1 ? { seal: "", words: "" } : { seal: value.slice(0, end), words: value.slice(end + 1) };
}
