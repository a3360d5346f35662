import { z } from "zod";
import { richText, wordsOf } from "./rich-text-rules.ts";
import { blockId, button } from "./text-rules.ts";

/** Slack's rules of the tables: `table`, `data_table`, and the pipe tables that a `markdown` block may hold. */

/** Reports of refused bots name some thousand characters per cell; the reference has no limit. */
const LONGEST_CELL = 3_000;

/** Slack calls a cell of blanks empty too. */
const rawText = z.strictObject({
  type: z.literal("raw_text"),
  text: z.string().min(1).max(LONGEST_CELL).regex(/\S/, "must not be empty"),
});
const rawNumber = z.strictObject({
  type: z.literal("raw_number"),
  value: z.number(),
  text: z.string().min(1).max(LONGEST_CELL).regex(/\S/, "must not be empty"),
});
const richCell = richText.superRefine(({ elements }, context) => {
  const texts = elements.flatMap((each) => each.elements.flatMap(wordsOf));
  const wrong = (message: string) => context.addIssue({ code: "custom", message });
  if (texts.every((text) => text.trim() === "")) wrong("must not be empty");
  if (texts.join("").length > LONGEST_CELL) wrong(`must be less than ${LONGEST_CELL + 1} characters`);
});

export const table = z.strictObject({
  type: z.literal("table"),
  block_id: blockId,
  rows: z
    .array(
      z
        .array(z.discriminatedUnion("type", [rawText, rawNumber, richCell]))
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

const actionCell = z.strictObject({
  type: z.literal("action_cell"),
  element: button,
  /** The text for clients without buttons in cells. */
  fallback: z.discriminatedUnion("type", [rawText, rawNumber]),
});

export const dataTable = z
  .strictObject({
    type: z.literal("data_table"),
    block_id: blockId,
    caption: z.string().min(1),
    row_header_column_index: z.number().int().min(0).max(19).optional(),
    page_size: z.number().int().min(1).max(100).optional(),
    rows: z
      .array(
        z
          .array(z.discriminatedUnion("type", [rawText, rawNumber, richCell, actionCell]))
          .min(1)
          .max(20),
      )
      .min(2)
      .max(201),
  })
  .superRefine(({ rows, row_header_column_index: named }, context) => {
    const wrong = (message: string, path: (string | number)[]) => context.addIssue({ code: "custom", message, path });
    const [header = []] = rows;
    header.forEach((cell, column) => {
      if (cell.type !== "raw_text") wrong("a header cell must be raw_text", ["rows", 0, column, "type"]);
    });
    rows.forEach((row, index) => {
      if (row.length !== header.length) wrong("all rows must have the same number of cells", ["rows", index]);
    });
    if (named !== undefined && named >= header.length)
      wrong("must be the index of a column", ["row_header_column_index"]);
  });

/** Characters over all cells of the tables of a message. */
export const LONGEST_TABLES = { table: 10_000, data_table: 20_000 } as const;

/** How many pipe tables are in markdown: lines such as `|---|:--:|` under a line with a pipe, outside of code. */
export function pipeTablesIn(markdown: string): number {
  let isCode = false;
  let before = "";
  let count = 0;
  for (const line of markdown.split("\n")) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    else if (!isCode && before.includes("|") && isRule(line)) count += 1;
    before = line;
  }
  return count;
}

const isRule = (line: string): boolean =>
  line.includes("|") &&
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|")
    .every((cell) => /^\s*:?-+:?\s*$/.test(cell));
