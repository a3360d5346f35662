import { z } from "zod";
import { blockId } from "./text-rules.ts";

/** Slack's rules of the `data_visualization` block. */

const label = z.string().min(1).max(20);
const segment = z.strictObject({ label, value: z.number().positive() });
const series = z.strictObject({
  name: label,
  data: z
    .array(z.strictObject({ label, value: z.number() }))
    .min(1)
    .max(20),
});
const axisConfig = z.strictObject({
  categories: z.array(label).min(1).max(20),
  x_label: z.string().max(50).optional(),
  y_label: z.string().max(50).optional(),
});

const plotted = <T extends string>(type: T) =>
  z
    .strictObject({ type: z.literal(type), series: z.array(series).min(1).max(12), axis_config: axisConfig })
    .superRefine(({ series: all, axis_config: { categories } }, context) => {
      const wrong = (message: string, path: (string | number)[]) => context.addIssue({ code: "custom", message, path });
      if (new Set(categories).size < categories.length)
        wrong("categories must be unique", ["axis_config", "categories"]);
      if (new Set(all.map(({ name }) => name)).size < all.length) wrong("names must be unique", ["series"]);
      all.forEach(({ data }, index) => {
        const labels = data.map((point) => point.label);
        const missing = categories.find((category) => !labels.includes(category));
        const other = labels.find((each, place) => !categories.includes(each) || labels.indexOf(each) !== place);
        if (missing !== undefined) wrong(`no value for the category ${missing}`, ["series", index, "data"]);
        if (other !== undefined) wrong(`no category, or twice: ${other}`, ["series", index, "data"]);
      });
    });

export const dataVisualization = z.strictObject({
  type: z.literal("data_visualization"),
  block_id: blockId,
  title: z.string().min(1).max(50),
  chart: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("pie"), segments: z.array(segment).min(1).max(12) }),
    plotted("bar"),
    plotted("line"),
    plotted("area"),
  ]),
});

/** In one message. */
export const MOST_CHARTS = 2;
