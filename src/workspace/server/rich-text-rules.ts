import { z } from "zod";
import { blockId } from "./text-rules.ts";

const style = z
  .strictObject({
    bold: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    code: z.boolean().optional(),
    underline: z.boolean().optional(),
  })
  .optional();

const text = z.strictObject({ type: z.literal("text"), text: z.string().min(1), style });
const link = z.strictObject({ type: z.literal("link"), url: z.string().min(1), text: z.string().optional(), style });
const inline = z.discriminatedUnion("type", [
  text,
  link,
  z.strictObject({ type: z.literal("user"), user_id: z.string().min(1), style }),
  z.strictObject({ type: z.literal("usergroup"), usergroup_id: z.string().min(1), style }),
  z.strictObject({ type: z.literal("channel"), channel_id: z.string().min(1), style }),
  z.strictObject({
    type: z.literal("date"),
    timestamp: z.number().int(),
    format: z.string().regex(/\{\w+\}/, "must contain a date token"),
    url: z.string().min(1).optional(),
    /** The text for clients that can't format it. Slack makes it optional; here it is required. */
    fallback: z.string().min(1),
    style,
  }),
  z.strictObject({
    type: z.literal("tag"),
    text: z.string().min(1),
    color: z.enum(["gray", "brown", "purple", "indigo", "blue", "green", "yellow", "orange", "red"]).optional(),
    style,
  }),
  z.strictObject({ type: z.literal("emoji"), name: z.string().min(1), unicode: z.string().optional(), style }),
]);

const section = z.strictObject({ type: z.literal("rich_text_section"), elements: z.array(inline) });

/** The `rich_text` block, also allowed as a cell of a table. */
export const richText = z.strictObject({
  type: z.literal("rich_text"),
  block_id: blockId,
  elements: z.array(
    z.discriminatedUnion("type", [
      section,
      z.strictObject({
        type: z.literal("rich_text_list"),
        style: z.enum(["bullet", "ordered"]),
        indent: z.number().int().min(0).max(8).optional(),
        offset: z.number().int().min(0).optional(),
        border: z.literal([0, 1]).optional(),
        elements: z.array(section),
      }),
      z.strictObject({
        type: z.literal("rich_text_preformatted"),
        elements: z.array(z.discriminatedUnion("type", [text, link])),
        border: z.literal([0, 1]).optional(),
        language: z.string().optional(),
      }),
      z.strictObject({
        type: z.literal("rich_text_quote"),
        elements: z.array(inline),
        border: z.literal([0, 1]).optional(),
      }),
    ]),
  ),
});

type Inline = z.output<typeof inline>;

/** The text of a piece of rich text and of the pieces in it. A picture or a name counts as text too. */
export const wordsOf = (piece: Inline | z.output<typeof section>): string[] => {
  if (piece.type === "rich_text_section") return piece.elements.flatMap(wordsOf);
  return [
    piece.type === "text" || piece.type === "tag"
      ? piece.text
      : piece.type === "link"
        ? (piece.text ?? piece.url)
        : piece.type,
  ];
};
