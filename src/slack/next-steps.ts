import { createHash } from "node:crypto";
import type { types } from "@slack/bolt";
import { type NextStep, wordsOf } from "../core/reply.ts";
import type { Message, NextButton } from "../flow/ports.ts";
import { visible } from "../text/visible.ts";
import { nextActionId, nextValue } from "./button-value.ts";
import { room } from "./limits.ts";
import { cut, type Line, plainText, section } from "./text.ts";

const LABEL_CHARACTERS = 75;

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
  const beside = reply.next.filter(isButton).map(lineOf);
  const shown = shownWhole(typed, room.next - TYPE_NEXT.length);
  const used = shown.reduce((sum, line) => sum + line.length + 1, 0);
  const words = shownWhole(beside, room.next - used - TYPE_NEXT.length - OR_TYPE.length);
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

const labelOf = ({ label }: NextButton): string => cut(visible(label) || "–", LABEL_CHARACTERS);

const buttonsBlock = (buttons: readonly NextButton[]): types.KnownBlock => ({
  type: "actions",
  // A changed message has another block_id. So a click on an older copy is recognised.
  block_id: `next-${createHash("sha256").update(buttons.map(nextValue).join("\n")).digest("hex").slice(0, 8)}`,
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
