import { describe, expect, it } from "vitest";
import { assertView, checkedModal } from "../../../src/workspace/server/view-rules.ts";
import { cell, divider, many, plain, table, x } from "./blocks.ts";

describe("a modal", () => {
  const input = { type: "input", label: plain("x"), element: { type: "plain_text_input" } };
  const modal = (blocks: object[], more: object = {}) => ({
    type: "modal",
    title: plain("x"),
    submit: plain("Go"),
    blocks,
    ...more,
  });

  it("has up to a hundred blocks and inputs", () => {
    expect(checkedModal(modal(many(100, () => input))).blocks).toHaveLength(100);
    expect(() => checkedModal(modal(many(101, () => input)))).toThrow("no more than 100 items allowed");
  });

  it("has an alert of up to 200 characters", () => {
    const alert = (length: number) => modal([{ type: "alert", level: "warning", text: plain(x(length)) }]);
    expect(checkedModal(alert(200)).blocks).toHaveLength(1);
    expect(() => checkedModal(alert(201))).toThrow("must be less than 201 characters");
  });

  it.each(["table", "data_table", "container", "plan", "task_card", "data_visualization", "markdown"])(
    "holds no %s",
    (type) => expect(() => checkedModal(modal([{ type }]))).toThrow(`unsupported type: "${type}"`),
  );

  it("has no table, no long metadata and no unknown property", () => {
    expect(() => checkedModal(modal([table([[cell("x")]])]))).toThrow('unsupported type: "table"');
    expect(() => checkedModal(modal([], { private_metadata: x(3001) }))).toThrow("must be less than 3001 characters");
    expect(() => checkedModal(modal([], { colour: "red" }))).toThrow("invalid additional property: colour");
    expect(() => checkedModal(modal([], { type: "home" }))).toThrow("/view/type");
    expect(() => checkedModal(modal([], { private_metadata: x(250_001) }))).toThrow("view_too_large");
  });
});

describe("a Home tab", () => {
  it.each(["plan", "task_card", "data_visualization", "markdown", "alert"])("has no %s", (type) =>
    expect(() => assertView({ type: "home", blocks: [{ type }] })).toThrow(`unsupported type: "${type}"`),
  );

  it("has up to a hundred blocks, also tables", () => {
    const home = (blocks: object[]) => () => assertView({ type: "home", blocks });
    expect(home([table([[cell("x")]]), ...many(99, () => divider)])).not.toThrow();
    expect(home(many(101, () => divider))).toThrow("no more than 100 items allowed");
  });
});
