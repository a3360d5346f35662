import { z } from "zod";
import { alert, card, plan, taskCard } from "./card-rules.ts";
import { dataVisualization, MOST_CHARTS } from "./chart-rules.ts";
import { checkboxes, externalSelect, multiExternalSelect, usersSelect } from "./menu-rules.ts";
import { richText } from "./rich-text-rules.ts";
import { dataTable, LONGEST_TABLES, table } from "./table-rules.ts";
import { anyText, blockId, button, lostBlockId, plainText, plainTextInput } from "./text-rules.ts";

/**
 * Slack's rules of blocks, from its reference. The types are those of a bot with commands, buttons and modals. Any
 * other is "unsupported" here, because the page could not show it.
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
  /** Whether the app gets each choice as a block_actions event. */
  dispatch_action: z.boolean().optional(),
  element: z.discriminatedUnion("type", [plainTextInput, externalSelect, multiExternalSelect, usersSelect, checkboxes]),
});
const markdown = z.strictObject({
  type: z.literal("markdown"),
  block_id: lostBlockId,
  text: z.string().min(1).max(12_000),
});

/** The blocks that a container may have: all that this workspace knows, except card and data_table. */
const containedBlock = z.discriminatedUnion("type", [section, header, divider, context, actions, richText, table]);
const container = z
  .strictObject({
    type: z.literal("container"),
    block_id: blockId,
    title: plainText(150).optional(),
    rich_text_title: richText.optional(),
    subtitle: anyText(150).optional(),
    child_blocks: z.array(containedBlock).min(1).max(10),
    width: z.enum(["narrow", "standard", "wide", "full"]).optional(),
    is_collapsible: z.boolean().optional(),
    default_collapsed: z.boolean().optional(),
    has_header_divider: z.boolean().optional(),
  })
  .refine(
    ({ title, rich_text_title }) => title !== undefined || rich_text_title !== undefined,
    "missing required field: title",
  )
  .refine(
    ({ is_collapsible, default_collapsed }) => default_collapsed !== true || is_collapsible === true,
    "default_collapsed requires is_collapsible",
  );

const everywhere = [section, header, divider, context, actions, richText, card] as const;
const messageBlock = z.discriminatedUnion("type", [
  ...everywhere,
  ...[markdown, table, dataTable, container, plan, taskCard, dataVisualization],
]);
const modalBlock = z.discriminatedUnion("type", [...everywhere, input, alert]);
/** One source allows charts in messages only, and so does this. */
const homeBlock = z.discriminatedUnion("type", [...everywhere, ...[input, table, dataTable, container]]);

export type MessageBlock = z.output<typeof messageBlock>;
type ModalBlock = z.output<typeof modalBlock>;
type HomeBlock = z.output<typeof homeBlock>;
export type Block = MessageBlock | ModalBlock | HomeBlock;
export type Button = z.output<typeof button>;
export type Input = z.output<typeof input>;

export const messageBlocks = z.array(messageBlock).max(50).superRefine(acrossBlocks);
export const modalBlocks = z.array(modalBlock).max(100).superRefine(acrossBlocks);
export const homeBlocks = z.array(homeBlock).max(100).superRefine(acrossBlocks);

/** The buttons of a block, at any place in it. */
export function buttonsOf(block: Block): Button[] {
  if (block.type === "actions") return block.elements;
  if (block.type === "card") return block.actions ?? [];
  if (block.type === "data_table") {
    return block.rows.flat().flatMap((cell) => (cell.type === "action_cell" ? [cell.element] : []));
  }
  return block.type === "section" && block.accessory !== undefined ? [block.accessory] : [];
}

/** All the text of a value: every string property `text`, at any depth. */
export function textLength(value: unknown, names: readonly string[] = ["text"]): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + textLength(item, names), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) =>
      sum + (typeof item !== "string" ? textLength(item, names) : names.includes(key) ? item.length : 0),
    0,
  );
}

/** A block and the blocks in it, each with its place. */
export const withInner = (blocks: readonly Block[]): { readonly block: Block; readonly path: (string | number)[] }[] =>
  blocks.flatMap((block, index) => [
    { block, path: [index] },
    ...(block.type === "container"
      ? block.child_blocks.map((child, place) => ({ block: child, path: [index, "child_blocks", place] }))
      : []),
    ...(block.type === "plan"
      ? (block.tasks ?? []).map((task) => ({ block: task as Block, path: [index, "tasks"] }))
      : []),
  ]);

function acrossBlocks(blocks: readonly Block[], context: z.RefinementCtx): void {
  const blockIds = new Set<string>();
  const sums = { table: 0, data_table: 0, markdown: 0, charts: 0 };
  for (const { block, path } of withInner(blocks)) {
    const wrong = (message: string) => context.addIssue({ code: "custom", message, path });
    if (blockIds.has(block.block_id)) wrong(`block_id already exists: ${block.block_id}`);
    blockIds.add(block.block_id);
    const actionIds = buttonsOf(block).map((each) => each.action_id);
    const twice = actionIds.find((id, place) => actionIds.indexOf(id) !== place);
    if (twice !== undefined) wrong(`action_id already exists in the block: ${twice}`);
    if (block.type === "table" || block.type === "data_table") {
      sums[block.type] += textLength(block.rows);
      const most = LONGEST_TABLES[block.type];
      if (sums[block.type] > most) wrong(`the tables of a message hold at most ${most} characters`);
    }
    if (block.type === "markdown") sums.markdown += block.text.length;
    if (block.type === "markdown" && sums.markdown > 12_000) wrong("must be less than 12001 characters");
    if (block.type === "data_visualization") sums.charts += 1;
    if (block.type === "data_visualization" && sums.charts > MOST_CHARTS)
      wrong(`no more than ${MOST_CHARTS} data_visualization blocks allowed`);
  }
}
