import { describe, expect, it } from "vitest";
import { assertTotalSize, checkedMessageBlocks } from "../../../src/local/workspace/checked-blocks.ts";
import { SlackError } from "../../../src/local/workspace/slack-error.ts";
import { checkedModal } from "../../../src/local/workspace/view-rules.ts";

const x = (length: number) => "x".repeat(length);
const plain = (text: string) => ({ type: "plain_text", text });
const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
const many = <T>(count: number, item: (index: number) => T) => Array.from({ length: count }, (_, index) => item(index));
const button = (action_id: string, more: object = {}) => ({ type: "button", action_id, text: plain("Go"), ...more });
const actions = (...elements: object[]) => ({ type: "actions", elements });
const cell = (text: string) => ({ type: "raw_text", text });
const table = (rows: object[][], more: object = {}) => ({ type: "table", rows, ...more });
const dataTable = (rows: object[][], more: object = {}) => ({ type: "data_table", caption: "x", rows, ...more });
const divider = { type: "divider" };
const container = (child_blocks: object[], more: object = {}) => ({
  type: "container",
  title: plain("x"),
  child_blocks,
  ...more,
});
const task = (more: object) => ({ type: "task_card", task_id: "t", title: "x", status: "complete", ...more });
const plan = (tasks: object[], more: object = {}) => ({ type: "plan", title: "x", tasks, ...more });
const chart = (what: object, more: object = {}) => ({ type: "data_visualization", title: "x", chart: what, ...more });
const bars = (series: number, points: number, more: object = {}) => ({
  type: "bar",
  series: many(series, (index) => ({
    name: `s${index}`,
    data: many(points, (place) => ({ label: `c${place}`, value: place })),
  })),
  axis_config: { categories: many(points, (place) => `c${place}`) },
  ...more,
});
const rich = (...elements: object[]) => ({ type: "rich_text", elements });
const words = (text: string, more: object = {}) => ({ type: "text", text, ...more });
const section = (...elements: object[]) => ({ type: "rich_text_section", elements });

/** "fine", or Slack's first message. */
function verdict(...blocks: unknown[]): string {
  try {
    checkedMessageBlocks(blocks);
    return "fine";
  } catch (error) {
    if (error instanceof SlackError) return `${error.code} ${error.messages[0]}`;
    throw error;
  }
}
const rejected = (message: string, pointer: string) =>
  `invalid_blocks [ERROR] ${message} [json-pointer:/blocks${pointer}]`;

describe("blocks at Slack's limits", () => {
  it.each<[string, unknown[]]>([
    ["a section of 3000 characters", [{ type: "section", text: mrkdwn(x(3000)) }]],
    ["ten fields of 2000", [{ type: "section", fields: many(10, () => mrkdwn(x(2000))) }]],
    ["a section with a button", [{ type: "section", text: plain("x"), accessory: button("a") }]],
    ["a header of 150", [{ type: "header", text: plain(x(150)) }]],
    ["a context of ten", [{ type: "context", elements: many(10, () => mrkdwn("x")) }]],
    ["25 buttons", [actions(...many(25, (index) => button(`b${index}`, { value: x(2000), style: "danger" })))]],
    ["fifty blocks", many(50, () => ({ type: "divider" }))],
    ["a markdown block of 12000", [{ type: "markdown", text: x(12_000) }]],
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
    [
      "a container of ten with a table in it",
      [container([...many(9, () => divider), table([[cell("x")]])], { title: plain(x(150)), is_collapsible: true })],
    ],
    ["a plan of fifty tasks", [plan(many(50, (index) => task({ task_id: `t${index}`, status: "pending" })))]],
    ["a task of its own", [task({ status: "in_progress" })]],
    ["two charts", [chart(bars(12, 20)), chart({ type: "pie", segments: [{ label: x(20), value: 1 }] })]],
    [
      "a card",
      [{ type: "card", title: mrkdwn(x(150)), body: mrkdwn(x(200)), actions: many(3, (index) => button(`b${index}`)) }],
    ],
    [
      "a date and a tag",
      [
        rich(
          section(
            { type: "date", timestamp: 1, format: "{date} {time}", fallback: "then" },
            { type: "tag", text: "new" },
          ),
        ),
      ],
    ],
    ["markdown with one pipe table", [{ type: "markdown", text: "| a | b |\n|---|:-:|\n| 1 | 2 |" }]],
    ["markdown with pipe tables in code", [{ type: "markdown", text: "```\n| a |\n|---|\n\n| b |\n|---|\n```" }]],
    [
      "every kind of rich text",
      [
        rich(
          section(
            words("x"),
            { type: "user", user_id: "U1" },
            { type: "emoji", name: "warning" },
            { type: "link", url: "https://a.example" },
          ),
          { type: "rich_text_list", style: "bullet", elements: [section(words("x"))] },
          { type: "rich_text_preformatted", elements: [words("x")] },
          { type: "rich_text_quote", elements: [words("x")] },
        ),
      ],
    ],
  ])("%s is fine", (_, blocks) => expect(verdict(...blocks)).toBe("fine"));
});

describe("blocks beyond Slack's limits", () => {
  const long = (limit: number, pointer: string) => rejected(`must be less than ${limit + 1} characters`, pointer);
  it.each<[string, unknown[], string]>([
    ["a long section", [{ type: "section", text: mrkdwn(x(3001)) }], long(3000, "/0/text/text")],
    [
      "an empty text",
      [{ type: "section", text: mrkdwn("") }],
      rejected("must be more than 0 characters", "/0/text/text"),
    ],
    ["a section of nothing", [{ type: "section" }], rejected("missing required field: text", "/0")],
    ["a long field", [{ type: "section", fields: [mrkdwn(x(2001))] }], long(2000, "/0/fields/0/text")],
    [
      "eleven fields",
      [{ type: "section", fields: many(11, () => mrkdwn("x")) }],
      rejected("no more than 10 items allowed", "/0/fields"),
    ],
    ["a long header", [{ type: "header", text: plain(x(151)) }], long(150, "/0/text/text")],
    [
      "a header in mrkdwn",
      [{ type: "header", text: mrkdwn("x") }],
      rejected('Invalid input: expected "plain_text"', "/0/text/type"),
    ],
    ["a header without text", [{ type: "header" }], rejected("missing required field: text", "/0")],
    [
      "26 buttons",
      [actions(...many(26, (index) => button(`b${index}`)))],
      rejected("no more than 25 items allowed", "/0/elements"),
    ],
    ["a long label", [actions(button("a", { text: plain(x(76)) }))], long(75, "/0/elements/0/text/text")],
    ["a long value", [actions(button("a", { value: x(2001) }))], long(2000, "/0/elements/0/value")],
    ["a long action_id", [actions(button(x(256)))], long(255, "/0/elements/0/action_id")],
    [
      "one action_id twice",
      [actions(button("a"), button("a"))],
      rejected("action_id already exists in the block: a", "/0"),
    ],
    [
      "one block_id twice",
      [
        { type: "divider", block_id: "d" },
        { type: "divider", block_id: "d" },
      ],
      rejected("block_id already exists: d", "/1"),
    ],
    [
      "another style",
      [actions(button("a", { style: "warning" }))],
      rejected('Invalid option: expected one of "primary"|"danger"', "/0/elements/0/style"),
    ],
    [
      "an unknown property",
      [{ type: "divider", colour: "red" }],
      rejected("invalid additional property: colour", "/0"),
    ],
    [
      "an unknown block",
      [{ type: "divider" }, { type: "sectoin" }],
      rejected('unsupported type: "sectoin"', "/1/type"),
    ],
    [
      "an element that is no button",
      [actions({ type: "static_select" })],
      rejected('unsupported type: "static_select"', "/0/elements/0/type"),
    ],
    [
      "an input",
      [{ type: "input", label: plain("x"), element: { type: "plain_text_input" } }],
      rejected('unsupported type: "input"', "/0/type"),
    ],
    ["51 blocks", many(51, () => ({ type: "divider" })), rejected("no more than 50 items allowed", "")],
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
      "a container of eleven",
      [container(many(11, () => divider))],
      rejected("no more than 10 items allowed", "/0/child_blocks"),
    ],
    ["a long title of a container", [container([divider], { title: plain(x(151)) })], long(150, "/0/title/text")],
    [
      "a container without title",
      [container([divider], { title: undefined })],
      rejected("missing required field: title", "/0"),
    ],
    [
      "a card in a container",
      [container([{ type: "card", title: mrkdwn("x") }])],
      rejected('unsupported type: "card"', "/0/child_blocks/0/type"),
    ],
    [
      "a data_table in a container",
      [container([dataTable([[cell("x")], [cell("x")]])])],
      rejected('unsupported type: "data_table"', "/0/child_blocks/0/type"),
    ],
    [
      "51 tasks",
      [plan(many(51, (index) => task({ task_id: `t${index}` })))],
      rejected("no more than 50 items allowed", "/0/tasks"),
    ],
    [
      "a title of a plan that is no string",
      [plan([], { title: plain("x") })],
      rejected("must provide a string", "/0/title"),
    ],
    [
      "another status",
      [plan([task({ status: "done" })])],
      rejected('Invalid option: expected one of "pending"|"in_progress"|"complete"|"error"', "/0/tasks/0/status"),
    ],
    [
      "a pending task of its own",
      [task({ status: "pending" })],
      rejected('Invalid option: expected one of "in_progress"|"complete"|"error"', "/0/status"),
    ],
    [
      "three charts",
      many(3, () => chart(bars(1, 1))),
      rejected("no more than 2 data_visualization blocks allowed", "/2"),
    ],
    ["a long title of a chart", [chart(bars(1, 1), { title: x(51) })], long(50, "/0/title")],
    ["13 series", [chart(bars(13, 1))], rejected("no more than 12 items allowed", "/0/chart/series")],
    ["21 points", [chart(bars(1, 21))], rejected("no more than 20 items allowed", "/0/chart/series/0/data")],
    [
      "a long label",
      [chart(bars(1, 1, { axis_config: { categories: [x(21)] } }))],
      long(20, "/0/chart/axis_config/categories/0"),
    ],
    [
      "a category without value",
      [chart(bars(1, 2, { axis_config: { categories: ["c0", "c1", "c2"] } }))],
      rejected("no value for the category c2", "/0/chart/series/0/data"),
    ],
    [
      "a value that is none",
      [chart(bars(1, 1, { series: [{ name: "s", data: [{ label: "c0", value: null }] }] }))],
      rejected("must provide a number", "/0/chart/series/0/data/0/value"),
    ],
    ["a long card", [{ type: "card", body: mrkdwn(x(201)) }], long(200, "/0/body/text")],
    [
      "four actions of a card",
      [{ type: "card", actions: many(4, (index) => button(`b${index}`)) }],
      rejected("no more than 3 items allowed", "/0/actions"),
    ],
    ["an alert", [{ type: "alert", text: plain("x") }], rejected('unsupported type: "alert"', "/0/type")],
    [
      "a date without fallback",
      [rich(section({ type: "date", timestamp: 1, format: "{date}" }))],
      rejected("missing required field: fallback", "/0/elements/0/elements/0"),
    ],
    ["long markdown", [{ type: "markdown", text: x(12_001) }], long(12_000, "/0/text")],
    [
      "an empty piece of rich text",
      [rich(section(words("")))],
      rejected("must be more than 0 characters", "/0/elements/0/elements/0/text"),
    ],
    [
      "a list in a list",
      [rich({ type: "rich_text_list", style: "bullet", elements: [{ type: "rich_text_list" }] })],
      rejected('Invalid input: expected "rich_text_section"', "/0/elements/0/elements/0/type"),
    ],
  ])("%s rejects them all", (_, blocks, message) => expect(verdict(...blocks)).toBe(message));

  const one = table([[cell("x")]]);
  const pipes = "| a |\n|---|\n| 1 |";
  it.each<[string, unknown[], string]>([
    ["two tables", [one, one], "/1"],
    ["a table and a data_table", [dataTable([[cell("x")], [cell("x")]]), divider, one], "/2"],
    ["a table beside a container with one", [one, container([divider, one])], "/1/child_blocks/1"],
    ["two in one container", [container([one, one])], "/0/child_blocks/1"],
    ["a table and a pipe table", [one, { type: "markdown", text: pipes }], "/1"],
    ["two pipe tables", [{ type: "markdown", text: `${pipes}\n\n${pipes}` }], "/0"],
  ])("of %s only one is allowed", (_, blocks, pointer) =>
    expect(verdict(...blocks)).toBe(
      `invalid_attachments [ERROR] only_one_table_allowed [json-pointer:/blocks${pointer}]`,
    ),
  );

  it("a markdown block's id is not kept", () => {
    const [block] = checkedMessageBlocks([{ type: "markdown", block_id: "mine", text: "x" }]);
    expect(block?.block_id).not.toBe("mine");
  });

  it("something that is no list of blocks is rejected", () => {
    expect(() => checkedMessageBlocks({ type: "divider" })).toThrow("must provide a array [json-pointer:/blocks]");
  });
});

describe("the size of all blocks together", () => {
  const sized = (count: number, each: number) => () =>
    assertTotalSize(checkedMessageBlocks(many(count, () => ({ type: "section", text: mrkdwn(x(each)) }))));
  it("agrees with what people measured", () => {
    expect(sized(50, 191)).not.toThrow(); // 9,550 characters in 50 blocks
    expect(sized(45, 252)).toThrow("msg_blocks_too_long"); // 11,340 characters in 45 blocks
    expect(sized(4, 3000)).not.toThrow();
    expect(sized(5, 3000)).toThrow("msg_blocks_too_long");
  });
});

describe("a modal", () => {
  const input = { type: "input", label: plain("x"), element: { type: "plain_text_input" } };
  const modal = (blocks: object[], more: object = {}) => ({
    type: "modal",
    title: plain("x"),
    submit: plain("Go"),
    blocks,
    ...more,
  });

  it("holds a hundred blocks and inputs", () => {
    expect(checkedModal(modal(many(100, () => input))).blocks).toHaveLength(100);
    expect(() => checkedModal(modal(many(101, () => input)))).toThrow("no more than 100 items allowed");
  });

  it("holds an alert of 200 characters", () => {
    const alert = (length: number) => modal([{ type: "alert", level: "warning", text: plain(x(length)) }]);
    expect(checkedModal(alert(200)).blocks).toHaveLength(1);
    expect(() => checkedModal(alert(201))).toThrow("must be less than 201 characters");
  });

  it.each(["table", "data_table", "container", "plan", "task_card", "data_visualization", "markdown"])(
    "holds no %s",
    (type) => expect(() => checkedModal(modal([{ type }]))).toThrow(`unsupported type: "${type}"`),
  );

  it("holds no table, no long metadata and no unknown property", () => {
    expect(() => checkedModal(modal([table([[cell("x")]])]))).toThrow('unsupported type: "table"');
    expect(() => checkedModal(modal([], { private_metadata: x(3001) }))).toThrow("must be less than 3001 characters");
    expect(() => checkedModal(modal([], { colour: "red" }))).toThrow("invalid additional property: colour");
    expect(() => checkedModal(modal([], { type: "home" }))).toThrow("/view/type");
    expect(() => checkedModal(modal([], { private_metadata: x(250_001) }))).toThrow("view_too_large");
  });
});
