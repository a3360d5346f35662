import type { types } from "@slack/bolt";
import type { SecretAsked } from "../core/secret.ts";
import type { FormAsked } from "../flow/ports.ts";
import { visibleLines } from "../text/visible.ts";
import { limits } from "./limits.ts";
import { cut, plainText } from "./text.ts";

/** A longer text is in the message above the form. */
const mostLines = 30;

/** The position of the form's one input: `values.typed.typed.value`. */
export const typedInput = { blockId: "typed", actionId: "typed" } as const;

/** The position of a secret's input: `values["secret-chap"].secret.value`. */
const secretAction = "secret";
export const secretBlock = (name: string): string => `secret-${name}`;

/** The values of a submitted form: `block_id` → `action_id` → value. */
type FormValues = Readonly<Record<string, Readonly<Record<string, { value?: string | null | undefined }>>>>;

export function secretsIn(values: FormValues): Map<string, string> {
  const found = Object.entries(values).flatMap(([blockId, inputs]): [string, string][] => {
    const [, name] = /^secret-(.+)$/.exec(blockId) ?? [];
    const value = inputs[secretAction]?.value;
    return name !== undefined && value ? [[name, value]] : [];
  });
  return new Map(found);
}

/** The form that Confirm opens: what will be lost, the line to type if data is destroyed, and secrets. */
export function formOf({ operationId, verb, form }: FormAsked, privateMetadata: string): types.ModalView {
  if (privateMetadata.length > limits.modalMetadataCharacters) {
    throw new RangeError(`private_metadata of ${privateMetadata.length} characters`);
  }
  const lines = (form?.summary ?? []).map((line) => visibleLines(line).join("\n")).filter((line) => line.trim() !== "");
  const left = lines.length - mostLines;
  const shown = left > 0 ? [...lines.slice(0, mostLines), `…and ${left} more in the message`] : lines;
  const blocks: types.KnownBlock[] = (shown.length > 0 ? shown : ["Run this plan?"]).map((line) => ({
    type: "section",
    text: plainText(cut(line, limits.sectionCharacters)),
  }));
  if (form !== null && form.typed !== null) blocks.push(inputBlock(form.typed.label, typedInput));
  blocks.push(...(form?.secrets ?? []).map(secretInput));
  return {
    type: "modal",
    callback_id: "confirm",
    private_metadata: privateMetadata,
    title: plainText(cut(`Confirm ${operationId}`, limits.modalTitleCharacters)),
    submit: plainText(cut(verb, limits.modalTitleCharacters)),
    close: plainText("Back"),
    blocks,
  };
}

/** A form that only shows a text. */
export const notice = (text: string): types.ModalView => ({
  type: "modal",
  title: plainText("Nothing was run"),
  close: plainText("Close"),
  blocks: [{ type: "section", text: plainText(cut(text, limits.sectionCharacters)) }],
});

const inputBlock = (label: string, { blockId, actionId }: { blockId: string; actionId: string }): types.InputBlock => ({
  type: "input",
  block_id: blockId,
  label: plainText(cut(visibleLines(label).join(" ").trim() || "Type to confirm", 2000)),
  element: { type: "plain_text_input", action_id: actionId },
});

/** Slack has no field that hides what is typed. */
const secretInput = ({ name, label }: SecretAsked): types.InputBlock => ({
  ...inputBlock(label, { blockId: secretBlock(name), actionId: secretAction }),
  hint: plainText("Only you see it here; it is not posted and the bot does not keep it."),
});
