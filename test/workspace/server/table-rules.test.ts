import { describe, expect, it } from "vitest";
import {
  button,
  cell,
  container,
  dataTable,
  divider,
  long,
  many,
  rejected,
  rich,
  section,
  table,
  verdict,
  words,
  x,
} from "./blocks.ts";

describe("tables at Slack's limits", () => {
  it.each<[string, unknown[]]>([
    ["a table of 100 rows", [table(many(100, () => many(20, () => cell("x"))))]],
    [
      "a table with rich cells and settings",
      [
        table([[rich(section(words("x", { style: { bold: true } })))]], {
          column_settings: [{ align: "right", is_wrapped: true }],
        }),
      ],
    ],
    ["a table of 10000 characters", [table(many(4, () => [cell(x(2500))]))]],
    [
      "a data_table of 200 rows and its header",
      [
        dataTable(
          many(201, () => many(20, () => cell("x"))),
          { page_size: 20 },
        ),
      ],
    ],
    ["a data_table of 20000 characters", [dataTable(many(10, () => [cell(x(2000))]))]],
    [
      "a data_table of numbers and buttons",
      [
        dataTable(
          [
            [cell("LUN"), cell("GB"), cell("do")],
            [
              cell("36b0"),
              { type: "raw_number", value: 5, text: "5" },
              { type: "action_cell", element: button("open", { value: "36b0" }), fallback: cell("open") },
            ],
          ],
          { row_header_column_index: 2 },
        ),
      ],
    ],
    ["markdown with one pipe table", [{ type: "markdown", text: "| a | b |\n|---|:-:|\n| 1 | 2 |" }]],
    ["markdown with pipe tables in code", [{ type: "markdown", text: "```\n| a |\n|---|\n\n| b |\n|---|\n```" }]],
  ])("%s is fine", (_, blocks) => expect(verdict(...blocks)).toBe("fine"));
});

describe("tables beyond Slack's limits", () => {
  it.each<[string, unknown[], string]>([
    [
      "a table of 101 rows",
      [table(many(101, () => [cell("x")]))],
      rejected("no more than 100 items allowed", "/0/rows"),
    ],
    ["a row of 21 cells", [table([many(21, () => cell("x"))])], rejected("no more than 20 items allowed", "/0/rows/0")],
    ["an empty cell", [table([[cell("")]])], rejected("must be more than 0 characters", "/0/rows/0/0/text")],
    [
      "a table of 10001 characters",
      [table([...many(4, () => [cell(x(2500))]), [cell("x")]])],
      rejected("the tables of a message hold at most 10000 characters", "/0"),
    ],
    ["a long cell", [table([[cell(x(3001))]])], long(3000, "/0/rows/0/0/text")],
    ["a blank cell", [table([[cell("  ")]])], rejected("must not be empty", "/0/rows/0/0/text")],
    ["a rich cell of nothing", [table([[rich(section())]])], rejected("must not be empty", "/0/rows/0/0")],
    [
      "a setting that is null",
      [table([[cell("x")]], { column_settings: [null] })],
      rejected("must provide a object", "/0/column_settings/0"),
    ],
    [
      "a data_table without caption",
      [{ ...dataTable([[cell("x")], [cell("x")]]), caption: undefined }],
      rejected("missing required field: caption", "/0"),
    ],
    ["a data_table of a header", [dataTable([[cell("x")]])], rejected("no fewer than 2 items allowed", "/0/rows")],
    [
      "a data_table of 201 rows",
      [dataTable(many(202, () => [cell("x")]))],
      rejected("no more than 201 items allowed", "/0/rows"),
    ],
    [
      "a data_table of 21 columns",
      [dataTable([many(21, () => cell("x")), [cell("x")]])],
      rejected("no more than 20 items allowed", "/0/rows/0"),
    ],
    [
      "a short row of a data_table",
      [dataTable([[cell("x"), cell("y")], [cell("x")]])],
      rejected("all rows must have the same number of cells", "/0/rows/1"),
    ],
    [
      "a data_table of 20001 characters",
      [dataTable([...many(10, () => [cell(x(2000))]), [cell("x")]])],
      rejected("the tables of a message hold at most 20000 characters", "/0"),
    ],
    [
      "a page of 101 rows",
      [dataTable([[cell("x")], [cell("x")]], { page_size: 101 })],
      rejected("must be at most 100", "/0/page_size"),
    ],
    [
      "a row header that is no column",
      [dataTable([[cell("x")], [cell("x")]], { row_header_column_index: 1 })],
      rejected("must be the index of a column", "/0/row_header_column_index"),
    ],
    [
      "a rich header",
      [dataTable([[rich(section(words("x")))], [cell("x")]])],
      rejected("a header cell must be raw_text", "/0/rows/0/0/type"),
    ],
    [
      "an action without fallback",
      [dataTable([[cell("x")], [{ type: "action_cell", element: button("a") }]])],
      rejected("missing required field: fallback", "/0/rows/1/0"),
    ],
    [
      "a long rich cell",
      [table([[rich(section(words(x(2000)), words(x(1001))))]])],
      rejected("must be less than 3001 characters", "/0/rows/0/0"),
    ],
    ["a blank rich cell", [table([[rich(section(words(" ")))]])], rejected("must not be empty", "/0/rows/0/0")],
    [
      "a blank number",
      [table([[{ type: "raw_number", value: 5, text: " " }]])],
      rejected("must not be empty", "/0/rows/0/0/text"),
    ],
    [
      "a button in a table",
      [table([[{ type: "action_cell", element: button("a"), fallback: cell("x") }]])],
      rejected('unsupported type: "action_cell"', "/0/rows/0/0/type"),
    ],
  ])("%s rejects them all", (_, blocks, message) => expect(verdict(...blocks)).toBe(message));

  const one = table([[cell("x")]]);
  const pipes = "| a |\n|---|\n| 1 |";
  it.each<[string, unknown[], string]>([
    ["two tables", [one, one], "/1"],
    ["a table and a data_table", [dataTable([[cell("x")], [cell("x")]]), divider, one], "/2"],
    ["a table next to a container with one", [one, container([divider, one])], "/1/child_blocks/1"],
    ["two in one container", [container([one, one])], "/0/child_blocks/1"],
    ["a table and a pipe table", [one, { type: "markdown", text: pipes }], "/1"],
    ["two pipe tables", [{ type: "markdown", text: `${pipes}\n\n${pipes}` }], "/0"],
  ])("only one of %s is allowed", (_, blocks, pointer) =>
    expect(verdict(...blocks)).toBe(
      `invalid_attachments [ERROR] only_one_table_allowed [json-pointer:/blocks${pointer}]`,
    ),
  );
});
