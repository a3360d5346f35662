import type { Part } from "./reply.ts";

type Chart = Extract<Part, { kind: "chart" }>;

/** The numbers of a chart, for a place that draws none. */
export const chartTable = ({ title, unit, categories, series }: Chart): Extract<Part, { kind: "table" }> => ({
  kind: "table",
  caption: `${title} (${unit})`,
  columns: ["", ...series.map(({ name }) => name)],
  rows: categories.map((category, index) => [category, ...series.map(({ values }) => `${values[index] ?? "–"}`)]),
});
