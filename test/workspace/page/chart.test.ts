import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { type BlockOf, drawnBlockSchema } from "../../../src/workspace/page/blocks.ts";
import { ChartBlock } from "../../../src/workspace/page/Chart.tsx";

const drawn = (chart: object): string => {
  const block = drawnBlockSchema.parse({ type: "data_visualization", title: "Failed paths", chart });
  return renderToStaticMarkup(createElement(ChartBlock, { block: block as BlockOf<"data_visualization"> }));
};
const found = (html: string, what: RegExp): string[] => [...html.matchAll(what)].map(([, text = ""]) => text);

const axis_config = { categories: ["host1", "host2"], y_label: "paths" };
const series = [
  { name: "failed now", data: [{ label: "host2", value: 1 }] },
  {
    name: "most at once",
    data: [
      { label: "host1", value: 4 },
      { label: "host2", value: 2 },
    ],
  },
];

it("a bar chart has a bar for each series at each category, and its numbers by name", () => {
  const html = drawn({ type: "bar", series, axis_config });
  expect(found(html, /<rect class="bar (series-\d)"/g)).toEqual(["series-0", "series-0", "series-1", "series-1"]);
  expect(found(html, /<th scope="(?:col|row)">([^<]*)<\/th>/g)).toEqual([
    " ",
    "failed now",
    "most at once",
    "host1",
    "host2",
  ]);
  expect(found(html, /<td>([^<]*)<\/td>/g)).toEqual(["", "4", "1", "2"]);
});

it("a line through one point shows the point", () => {
  const points = (categories: string[]) =>
    found(drawn({ type: "line", series, axis_config: { ...axis_config, categories } }), /<circle class="(\w+)"/g);
  expect(points(["host2"])).toEqual(["point", "point"]);
  expect(points(["host1", "host2"])).toEqual([]);
});

it("a pie shows its numbers", () => {
  const segments = [
    { label: "free", value: 30 },
    { label: "used", value: 70 },
  ];
  const html = drawn({ type: "pie", segments });
  expect(found(html, /<t[hd][^>]*>([^<]*)<\/t[hd]>/g)).toEqual([" ", "value", "free", "30", "used", "70"]);
});
