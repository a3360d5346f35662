import { z } from "zod";

/** Slack's limits as its reference states them, independent of the code that keeps them. Strict: no unknown property. */

const text = z.string().min(1);
const plain = (max: number) =>
  z.strictObject({ type: z.literal("plain_text"), text: text.max(max), emoji: z.boolean().optional() });
const style = z.strictObject({ bold: z.boolean().optional(), code: z.boolean().optional() }).optional();
const richText = z.strictObject({ type: z.literal("text"), text: text.max(3000), style });
const user = z.strictObject({ type: z.literal("user"), user_id: z.string().regex(/^[UW][A-Z0-9]+$/) });
const date = z.strictObject({
  type: z.literal("date"),
  timestamp: z.number().int(),
  format: text.regex(/\{time(_secs)?\}/),
  fallback: text,
});
const elements = z.discriminatedUnion("type", [richText, user, date]);
const button = z.strictObject({
  type: z.literal("button"),
  text: plain(75),
  action_id: text.max(255),
  value: text.max(2000),
  style: z.enum(["primary", "danger"]).optional(),
  confirm: z
    .strictObject({
      ...{ title: plain(100), text: plain(300), confirm: plain(30), deny: plain(30) },
      style: z.enum(["primary", "danger"]).optional(),
    })
    .optional(),
});
/** It must not contain typed text. */
const mention = z.strictObject({
  type: z.literal("mrkdwn"),
  text: text.max(3000).regex(/^(<@[UW][A-Z0-9]+>|<!date\^-?\d+\^[{}\w ]+\|[^<>]+>|[^<>*_~`])+$/),
  verbatim: z.literal(true),
});
const cell = z.strictObject({ type: z.literal("raw_text"), text: text.regex(/\S/) });

const rich = z.strictObject({
  type: z.literal("rich_text"),
  elements: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("rich_text_section"), elements: z.array(elements).min(1) }),
        z.strictObject({ type: z.literal("rich_text_preformatted"), elements: z.array(richText).min(1) }),
      ]),
    )
    .min(1),
});

const block = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("header"), text: plain(150) }),
  rich,
  z.strictObject({
    ...{ type: z.literal("data_table"), caption: text, page_size: z.number(), row_header_column_index: z.literal(0) },
    rows: z
      .array(
        z
          .array(z.union([cell, z.strictObject({ ...cell.shape, type: z.literal("raw_number"), value: z.number() })]))
          .min(1)
          .max(20),
      )
      .min(2)
      .max(201)
      .refine((rows) => new Set(rows.map((row) => row.length)).size === 1, "rows of different length"),
  }),
  z.strictObject({
    ...{ type: z.literal("data_visualization"), title: text.max(50) },
    chart: z
      .strictObject({
        type: z.enum(["line", "bar", "area"]),
        series: z
          .array(
            z.strictObject({
              name: text.max(20),
              data: z.array(z.strictObject({ label: text.max(20), value: z.number() })).max(20),
            }),
          )
          .min(1)
          .max(12),
        axis_config: z.strictObject({ categories: z.array(text.max(20)).min(1).max(20), y_label: text.max(50) }),
      })
      .refine(
        ({ series, axis_config: { categories } }) =>
          new Set(categories).size === categories.length &&
          new Set(series.map(({ name }) => name)).size === series.length &&
          series.every(({ data }) => `${data.map(({ label }) => label)}` === `${categories}`),
        "a series without a value for each category, or a name twice",
      ),
  }),
  z.strictObject({
    ...{ type: z.literal("plan"), title: text },
    tasks: z
      .array(
        z.strictObject({
          ...{ type: z.literal("task_card"), task_id: text, title: text, details: rich.optional() },
          status: z.enum(["pending", "in_progress", "complete", "error"]),
        }),
      )
      .min(1)
      .max(50),
  }),
  z.strictObject({
    ...{ type: z.literal("container"), title: plain(150) },
    ...{ is_collapsible: z.literal(true), default_collapsed: z.literal(true) },
    child_blocks: z.array(rich).min(1).max(10),
  }),
  z.strictObject({
    type: z.literal("table"),
    rows: z
      .array(z.array(cell).min(1).max(20))
      .min(1)
      .max(100)
      .refine((rows) => new Set(rows.map((row) => row.length)).size === 1, "rows of different length"),
    column_settings: z
      .array(z.strictObject({ align: z.enum(["left", "center", "right"]), is_wrapped: z.boolean() }))
      .max(20),
  }),
  z.strictObject({
    type: z.literal("context"),
    elements: z
      .array(z.discriminatedUnion("type", [plain(3000), mention]))
      .min(1)
      .max(10),
  }),
  z.strictObject({ type: z.literal("actions"), block_id: text.max(255), elements: z.array(button).min(1).max(25) }),
]);
export type ShownBlock = z.output<typeof block>;

const content = {
  text: text.max(3000),
  blocks: z
    .array(block)
    .min(1)
    .max(50)
    .refine((blocks) => blocks.filter(({ type }) => /table$/.test(type)).length <= 1, "more than one table")
    .refine((blocks) => blocks.filter(({ type }) => type === "data_visualization").length <= 2, "more than two charts")
    .refine((blocks) => textIn(blocks.filter(({ type }) => /table$/.test(type))) <= 10_000, "tables too large")
    // The limit is not documented. People measured about 13,300 characters, of which each block takes a part.
    .refine((blocks) => textIn(blocks) + 100 * blocks.length <= 13_000, "blocks too large"),
};

export const shownMessage = z.strictObject({
  ...content,
  following: z.array(z.strictObject(content)),
  overflow: z
    .strictObject({ name: z.string().regex(/^[a-z0-9-]+\.txt$/), reply: z.looseObject({ title: z.string() }) })
    .nullable(),
  least: z.boolean(),
});

export const shownForm = z.strictObject({
  type: z.literal("modal"),
  callback_id: text.max(255),
  private_metadata: z.string().max(3000),
  title: plain(24),
  submit: plain(24),
  close: plain(24),
  blocks: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("section"), text: plain(3000) }),
        z.strictObject({
          type: z.literal("input"),
          block_id: text.max(255),
          label: plain(2000),
          hint: plain(2000).optional(),
          element: z.strictObject({ type: z.literal("plain_text_input"), action_id: text.max(255) }),
        }),
      ]),
    )
    .min(1)
    .max(100),
});

/** The length of every string called `text`, at any depth. */
export function textIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, inner]) => sum + (key === "text" && typeof inner === "string" ? inner.length : textIn(inner)),
    0,
  );
}

/** All texts of a message, in order. */
export function wordsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === "text" || key === "user_id" || key === "fallback") && typeof inner === "string" ? [inner] : wordsIn(inner),
  );
}
