import { z } from "zod";
import { richText } from "./rich-text-rules.ts";
import { anyText, blockId, button, markdownText } from "./text-rules.ts";

/** Slack's rules of cards: one entity, the tasks of a plan, and the alert of a modal. */

export const card = z
  .strictObject({
    type: z.literal("card"),
    block_id: blockId,
    title: markdownText(150).optional(),
    subtitle: markdownText(150).optional(),
    body: markdownText(200).optional(),
    actions: z.array(button).min(1).max(3).optional(),
  })
  .refine(
    ({ title, body, actions }) => title !== undefined || body !== undefined || actions !== undefined,
    "at least one of hero_image, title, actions, or body is required",
  );

const task = {
  block_id: blockId,
  task_id: z.string().min(1).max(255),
  /** A plain string, not a text object. */
  title: z.string().min(1),
  details: richText.optional(),
  output: richText.optional(),
  sources: z
    .array(z.strictObject({ type: z.literal("url"), url: z.string().min(1), text: z.string().min(1) }))
    .optional(),
};
const plannedTask = z.strictObject({
  type: z.literal("task_card"),
  ...task,
  status: z.enum(["pending", "in_progress", "complete", "error"]),
});

/** Outside of a plan, Slack refuses the status pending. */
export const taskCard = z.strictObject({
  type: z.literal("task_card"),
  ...task,
  status: z.enum(["in_progress", "complete", "error"]),
});

export const plan = z
  .strictObject({
    type: z.literal("plan"),
    block_id: blockId,
    title: z.string().min(1),
    tasks: z.array(plannedTask).max(50).optional(),
  })
  .refine(
    ({ tasks = [] }) => new Set(tasks.map(({ task_id }) => task_id)).size === tasks.length,
    "task_id must be unique within the plan",
  );

export const alert = z.strictObject({
  type: z.literal("alert"),
  block_id: blockId,
  text: anyText(200),
  level: z.enum(["default", "info", "warning", "error", "success"]).optional(),
});
