import type { types } from "@slack/bolt";
import type { Buttons } from "../flow/ports.ts";
import { visibleLines } from "../visible.ts";
import { limits } from "./limits.ts";
import { cut, plainText } from "./text.ts";

/** Beyond this the message above is the place to read. */
const mostLines = 30;

/** Where the form's one input stands: `values.typed.typed.value`. */
export const typedInput = { blockId: "typed", actionId: "typed" } as const;

/** The form that Confirm opens: what will be lost, and the line to type where data is destroyed. */
export function formOf({ operationId, form }: Buttons, privateMetadata: string): types.ModalView {
  if (privateMetadata.length > limits.modalMetadataCharacters) {
    throw new RangeError(`private_metadata of ${privateMetadata.length} characters`);
  }
  const lines = (form?.summary ?? []).map((line) => visibleLines(line).join("\n")).filter((line) => line.trim() !== "");
  const left = lines.length - mostLines;
  const shown = left > 0 ? [...lines.slice(0, mostLines), `…and ${left} more in the message`] : lines;
  const blocks: types.KnownBlock[] = (shown.length > 0 ? shown : ["Run what the message shows?"]).map((line) => ({
    type: "section",
    text: plainText(cut(line, limits.sectionCharacters)),
  }));
  if (form !== null && form.typed !== null) blocks.push(inputBlock(form.typed.label));
  return {
    type: "modal",
    callback_id: "confirm",
    private_metadata: privateMetadata,
    title: plainText(cut(`Confirm ${operationId}`, limits.modalTitleCharacters)),
    submit: plainText("Confirm"),
    close: plainText("Back"),
    blocks,
  };
}

const inputBlock = (label: string): types.InputBlock => ({
  type: "input",
  block_id: typedInput.blockId,
  label: plainText(cut(visibleLines(label).join(" ").trim() || "Type to confirm", 2000)),
  element: { type: "plain_text_input", action_id: typedInput.actionId },
});
