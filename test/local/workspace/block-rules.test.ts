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
    ["two tables of 5000 characters", [table([[cell(x(5000))]]), table([[cell(x(5000))]])]],
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
      "tables of 10001 characters",
      [table([[cell(x(5000))]]), table([[cell(x(5001))]])],
      rejected("the tables of a message hold at most 10000 characters", "/1"),
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

  it("holds no table, no long metadata and no unknown property", () => {
    expect(() => checkedModal(modal([table([[cell("x")]])]))).toThrow('unsupported type: "table"');
    expect(() => checkedModal(modal([], { private_metadata: x(3001) }))).toThrow("must be less than 3001 characters");
    expect(() => checkedModal(modal([], { colour: "red" }))).toThrow("invalid additional property: colour");
    expect(() => checkedModal(modal([], { type: "home" }))).toThrow("/view/type");
    expect(() => checkedModal(modal([], { private_metadata: x(250_001) }))).toThrow("view_too_large");
  });
});
