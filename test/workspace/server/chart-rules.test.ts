import { describe, expect, it } from "vitest";
import { bars, chart, long, many, rejected, verdict, x } from "./blocks.ts";

describe("charts at Slack's limits", () => {
  it.each<[string, unknown[]]>([
    ["two charts", [chart(bars(12, 20)), chart({ type: "pie", segments: [{ label: x(20), value: 1 }] })]],
  ])("%s is fine", (_, blocks) => expect(verdict(...blocks)).toBe("fine"));
});

describe("charts beyond Slack's limits", () => {
  it.each<[string, unknown[], string]>([
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
  ])("%s rejects them all", (_, blocks, message) => expect(verdict(...blocks)).toBe(message));
});
