import { describe, expect, it } from "vitest";
import { checkedMessageBlocks } from "../../../src/workspace/server/checked-blocks.ts";
import {
  actions,
  button,
  cell,
  container,
  dataTable,
  divider,
  long,
  many,
  mrkdwn,
  plain,
  rejected,
  table,
  verdict,
  x,
} from "./blocks.ts";

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
    [
      "a container of ten with a table in it",
      [container([...many(9, () => divider), table([[cell("x")]])], { title: plain(x(150)), is_collapsible: true })],
    ],
    ["two markdown blocks of 12000 together", many(2, () => ({ type: "markdown", text: x(6_000) }))],
  ])("%s is fine", (_, blocks) => expect(verdict(...blocks)).toBe("fine"));
});

describe("blocks beyond Slack's limits", () => {
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
    ["long markdown", [{ type: "markdown", text: x(12_001) }], long(12_000, "/0/text")],
    [
      "eleven texts in a context",
      [{ type: "context", elements: many(11, () => mrkdwn("x")) }],
      rejected("no more than 10 items allowed", "/0/elements"),
    ],
    [
      "two markdown blocks of 12001 together",
      [
        { type: "markdown", text: x(6_000) },
        { type: "markdown", text: x(6_001) },
      ],
      rejected("must be less than 12001 characters", "/1"),
    ],
    [
      "a carousel in a container",
      [container([{ type: "carousel" }])],
      rejected('unsupported type: "carousel"', "/0/child_blocks/0/type"),
    ],
    [
      "an overflow of a section",
      [{ type: "section", text: plain("x"), accessory: { type: "overflow" } }],
      rejected('Invalid input: expected "button"', "/0/accessory/type"),
    ],
  ])("%s rejects them all", (_, blocks, message) => expect(verdict(...blocks)).toBe(message));

  it("a markdown block loses its id", () => {
    const [block] = checkedMessageBlocks([{ type: "markdown", block_id: "mine", text: "x" }]);
    expect(block?.block_id).not.toBe("mine");
  });

  it("a value that is no list of blocks is rejected", () => {
    expect(() => checkedMessageBlocks({ type: "divider" })).toThrow("must provide a array [json-pointer:/blocks]");
  });
});
