import { randomBytes } from "node:crypto";
import { z } from "zod";

/** The small parts that blocks are made of. Strict: a property Slack does not know makes it reject the whole message. */

/** Adds missing ids, as Slack does: block and action identify clicks and values. */
const newId = () => randomBytes(4).toString("base64url").slice(0, 5);
const id = z.string().min(1).max(255).default(newId);
export const blockId = id;
export const actionId = id;
/** Slack makes other blocks of a markdown block, so its id is not kept. */
export const lostBlockId = z.string().min(1).max(255).optional().transform(newId);

export const plainText = (max: number) =>
  z.strictObject({ type: z.literal("plain_text"), text: z.string().min(1).max(max), emoji: z.boolean().optional() });

export const markdownText = (max: number) =>
  z.strictObject({ type: z.literal("mrkdwn"), text: z.string().min(1).max(max), verbatim: z.boolean().optional() });

export const anyText = (max: number) => z.discriminatedUnion("type", [plainText(max), markdownText(max)]);

/** The dialog before a button's click is sent. */
const confirmDialog = z.strictObject({
  title: plainText(100).optional(),
  text: anyText(300),
  confirm: plainText(30).optional(),
  deny: plainText(30).optional(),
  style: z.enum(["primary", "danger"]).optional(),
});

/** With menus and checkboxes the only interactive element here. Slack has more; the page could not show them. */
export const button = z.strictObject({
  type: z.literal("button"),
  text: plainText(75),
  action_id: actionId,
  value: z.string().max(2000).optional(),
  url: z.string().max(3000).optional(),
  style: z.enum(["primary", "danger"]).optional(),
  accessibility_label: z.string().max(75).optional(),
  confirm: confirmDialog.optional(),
});

export const plainTextInput = z.strictObject({
  type: z.literal("plain_text_input"),
  action_id: actionId,
  initial_value: z.string().max(3000).optional(),
  multiline: z.boolean().optional(),
  min_length: z.number().int().min(0).max(3000).optional(),
  max_length: z.number().int().min(1).max(3000).optional(),
  placeholder: plainText(150).optional(),
  focus_on_load: z.boolean().optional(),
});
