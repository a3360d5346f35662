import { z } from "zod";

/** The blocks that the page draws itself. Another shape is shown as text. */

const textSchema = z.looseObject({ type: z.enum(["plain_text", "mrkdwn"]), text: z.string() });
const dialogSchema = z.looseObject({
  title: textSchema.optional(),
  text: textSchema,
  confirm: textSchema.optional(),
  deny: textSchema.optional(),
  style: z.enum(["primary", "danger"]).optional(),
});
const buttonSchema = z.looseObject({
  type: z.literal("button"),
  action_id: z.string(),
  text: textSchema,
  url: z.string().optional(),
  style: z.enum(["primary", "danger"]).optional(),
  confirm: dialogSchema.optional(),
});
const richTextSchema = z.looseObject({ type: z.literal("rich_text") });
const rawTextSchema = z.strictObject({
  type: z.literal("raw_text"),
  text: z.string(),
  /** What a number is sorted by. */
  value: z.number().optional(),
});
/** A number is shown as the text that comes with it. */
const rawNumberSchema = z
  .looseObject({ type: z.literal("raw_number"), value: z.number(), text: z.string() })
  .transform(({ text, value }) => ({ type: "raw_text" as const, text, value }));
const cellSchema = z.union([rawTextSchema, rawNumberSchema, richTextSchema]);
const columnSchema = z.looseObject({
  align: z.enum(["left", "center", "right"]).optional(),
  is_wrapped: z.boolean().optional(),
});
const lineSchema = z.looseObject({
  type: z.literal("plain_text_input"),
  action_id: z.string(),
  multiline: z.boolean().optional(),
  initial_value: z.string().optional(),
  placeholder: textSchema.optional(),
});
const optionSchema = z.looseObject({ text: textSchema, value: z.string(), description: textSchema.optional() });
const menu = { action_id: z.string(), placeholder: textSchema.optional() };
const menuSchema = z.looseObject({
  type: z.literal("external_select"),
  ...menu,
  initial_option: optionSchema.optional(),
});
const multiMenuSchema = z.looseObject({
  type: z.literal("multi_external_select"),
  ...menu,
  initial_options: z.array(optionSchema).optional(),
});
const usersSchema = z.looseObject({ type: z.literal("users_select"), ...menu, initial_user: z.string().optional() });
const boxesSchema = z.looseObject({
  type: z.literal("checkboxes"),
  action_id: z.string(),
  options: z.array(optionSchema),
});
const inputElementSchema = z.discriminatedUnion("type", [
  lineSchema,
  menuSchema,
  multiMenuSchema,
  usersSchema,
  boxesSchema,
]);

const pointSchema = z.looseObject({ label: z.string(), value: z.number() });
const plottedSchema = z.looseObject({
  type: z.enum(["line", "bar", "area"]),
  series: z.array(z.looseObject({ name: z.string(), data: z.array(pointSchema) })),
  axis_config: z.looseObject({ categories: z.array(z.string()), y_label: z.string().optional() }),
});
const pieSchema = z.looseObject({ type: z.literal("pie"), segments: z.array(pointSchema) });

const blockId = z.string().default("");
export const drawnBlockSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("header"), text: textSchema }),
  z.looseObject({
    type: z.literal("section"),
    block_id: blockId,
    text: textSchema.optional(),
    fields: z.array(textSchema).optional(),
    accessory: buttonSchema.optional(),
  }),
  z.looseObject({ type: z.literal("context"), elements: z.array(textSchema) }),
  z.looseObject({ type: z.literal("divider") }),
  z.looseObject({ type: z.literal("actions"), block_id: blockId, elements: z.array(buttonSchema) }),
  z.looseObject({
    type: z.literal("table"),
    rows: z.array(z.array(cellSchema)),
    column_settings: z.array(columnSchema.nullable()).optional(),
  }),
  z.looseObject({
    type: z.literal("data_table"),
    caption: z.string(),
    rows: z.array(z.array(cellSchema)),
    page_size: z.number().optional(),
  }),
  z.looseObject({
    type: z.literal("data_visualization"),
    title: z.string(),
    chart: z.discriminatedUnion("type", [plottedSchema, pieSchema]),
  }),
  z.looseObject({
    type: z.literal("plan"),
    title: z.string(),
    tasks: z
      .array(
        z.looseObject({
          task_id: z.string(),
          title: z.string(),
          status: z.enum(["pending", "in_progress", "complete", "error"]),
          details: richTextSchema.optional(),
        }),
      )
      .optional(),
  }),
  z.looseObject({
    type: z.literal("container"),
    title: textSchema,
    is_collapsible: z.boolean().optional(),
    default_collapsed: z.boolean().optional(),
    child_blocks: z.array(z.looseObject({ type: z.string() })),
  }),
  z.looseObject({
    type: z.literal("input"),
    block_id: blockId,
    label: textSchema,
    hint: textSchema.optional(),
    optional: z.boolean().optional(),
    dispatch_action: z.boolean().optional(),
    element: inputElementSchema,
  }),
]);

type DrawnBlock = z.output<typeof drawnBlockSchema>;
export type BlockOf<T extends DrawnBlock["type"]> = Extract<DrawnBlock, { type: T }>;
export type LineElement = z.output<typeof lineSchema>;
export type MenuElement = z.output<typeof menuSchema> | z.output<typeof multiMenuSchema>;
export type UsersElement = z.output<typeof usersSchema>;
export type BoxesElement = z.output<typeof boxesSchema>;
export type MenuOption = z.output<typeof optionSchema>;
export type TextObject = z.output<typeof textSchema>;
export type Dialog = z.output<typeof dialogSchema>;
export type Button = z.output<typeof buttonSchema>;
type RawText = z.output<typeof rawTextSchema>;
export type Cell = RawText | z.output<typeof richTextSchema>;

export const isRawText = (cell: Cell): cell is RawText => cell.type === "raw_text";

/** The text of a block that the page does not draw, in order; null if it has none. */
export function wordsOf(block: unknown): string | null {
  const words = stringsIn(block);
  return words.length === 0 ? null : words.join(" · ");
}

const WORDS = new Set(["text", "title", "subtitle", "caption", "body", "label", "name", "status", "value"]);

function stringsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  if (typeof value !== "object" || value === null) return [];
  const isButton = "type" in value && value.type === "button";
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner !== "string" && typeof inner !== "number") return stringsIn(inner);
    return WORDS.has(key) && !(isButton && key === "value") ? [String(inner)] : [];
  });
}
