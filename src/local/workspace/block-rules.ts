import { z } from "zod";
import { richText } from "./rich-text-rules.ts";
import { anyText, blockId, button, plainText, plainTextInput } from "./text-rules.ts";

/**
 * Slack's rules of blocks, as its reference states them. The types are those a bot of commands, buttons and modals
 * uses; any other is "unsupported" here, so that nothing is accepted that the page could not show.
 */

const section = z
  .strictObject({
    type: z.literal("section"),
    block_id: blockId,
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: button.optional(),
    expand: z.boolean().optional(),
  })
  .refine(({ text, fields }) => text !== undefined || fields !== undefined, "missing required field: text");

const header = z.strictObject({ type: z.literal("header"), block_id: blockId, text: plainText(150) });
const divider = z.strictObject({ type: z.literal("divider"), block_id: blockId });
const context = z.strictObject({
  type: z.literal("context"),
  block_id: blockId,
  elements: z.array(anyText(3000)).min(1).max(10),
});
const actions = z.strictObject({
  type: z.literal("actions"),
  block_id: blockId,
  elements: z
    .array(z.discriminatedUnion("type", [button]))
    .min(1)
    .max(25),
});
const input = z.strictObject({
  type: z.literal("input"),
  block_id: blockId,
  label: plainText(2000),
  hint: plainText(2000).optional(),
  optional: z.boolean().optional(),
  element: z.discriminatedUnion("type", [plainTextInput]),
});
const markdown = z.strictObject({
  type: z.literal("markdown"),
  block_id: blockId,
  text: z.string().min(1).max(12_000),
});
const table = z.strictObject({
  type: z.literal("table"),
  block_id: blockId,
  rows: z
    .array(
      z
        .array(
          z.discriminatedUnion("type", [
            z.strictObject({ type: z.literal("raw_text"), text: z.string().min(1) }),
            richText,
          ]),
        )
        .min(1)
        .max(20),
    )
    .min(1)
    .max(100),
  column_settings: z
    .array(
      z.strictObject({ align: z.enum(["left", "center", "right"]).optional(), is_wrapped: z.boolean().optional() }),
    )
    .max(20)
    .optional(),
});

const messageBlock = z.discriminatedUnion("type", [
  section,
  header,
  divider,
  context,
  actions,
  richText,
  markdown,
  table,
]);
const modalBlock = z.discriminatedUnion("type", [section, header, divider, context, actions, richText, input]);

export type MessageBlock = z.output<typeof messageBlock>;
export type ModalBlock = z.output<typeof modalBlock>;
export type Block = MessageBlock | ModalBlock;
export type Button = z.output<typeof button>;
export type Input = z.output<typeof input>;

export const messageBlocks = z.array(messageBlock).max(50).superRefine(acrossBlocks);
export const modalBlocks = z.array(modalBlock).max(100).superRefine(acrossBlocks);

/** The buttons of a block, wherever they stand in it. */
export function buttonsOf(block: Block): Button[] {
  if (block.type === "actions") return block.elements;
  return block.type === "section" && block.accessory !== undefined ? [block.accessory] : [];
}

/** All the text of a value: every string called `text`, at any depth. */
export function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + textLength(item), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (key === "text" && typeof item === "string" ? item.length : textLength(item)),
    0,
  );
}

function acrossBlocks(blocks: readonly Block[], context: z.RefinementCtx): void {
  const blockIds = new Set<string>();
  const sums = { table: 0, markdown: 0 };
  blocks.forEach((block, index) => {
    const wrong = (message: string) => context.addIssue({ code: "custom", message, path: [index] });
    if (blockIds.has(block.block_id)) wrong(`block_id already exists: ${block.block_id}`);
    blockIds.add(block.block_id);
    const actionIds = buttonsOf(block).map((each) => each.action_id);
    const twice = actionIds.find((id, place) => actionIds.indexOf(id) !== place);
    if (twice !== undefined) wrong(`action_id already exists in the block: ${twice}`);
    if (block.type === "table") sums.table += textLength(block.rows);
    if (block.type === "markdown") sums.markdown += block.text.length;
    if (block.type === "table" && sums.table > 10_000) wrong("the tables of a message hold at most 10000 characters");
    if (block.type === "markdown" && sums.markdown > 12_000) wrong("must be less than 12001 characters");
  });
}
