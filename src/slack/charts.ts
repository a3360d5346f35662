import type { types } from "@slack/bolt";
import { chartTable } from "../core/chart.ts";
import type { Part } from "../core/reply.ts";
import { visible } from "../text/visible.ts";
import type { Kinds } from "./limits.ts";
import { cut } from "./text.ts";

type Chart = Extract<Part, { kind: "chart" }>;

/** Slack's limits of a chart. */
const TITLE = 50;
const LABEL = 20;
const MOST_SERIES = 12;
const MOST_POINTS = 20;
/** In one message. */
const MOST_CHARTS = 2;

/** A chart of Slack's. The installed types are older. */
interface ChartBlock {
  readonly type: "data_visualization";
  readonly title: string;
  readonly chart: {
    readonly type: Chart["shape"];
    readonly series: readonly { readonly name: string; readonly data: readonly Point[] }[];
    readonly axis_config: { readonly categories: readonly string[]; readonly y_label: string };
  };
}
interface Point {
  readonly label: string;
  readonly value: number;
}

/**
 * The words of each chart come before it, because a screen reader reads only words. A chart that a message can't have is a
 * table.
 */
export function withChartsInWords(parts: readonly Part[], kinds: Kinds): Part[] {
  let left = kinds === "all" ? MOST_CHARTS : 0;
  return parts.flatMap((part): Part[] => {
    if (part.kind !== "chart") return [part];
    const words: Part = { kind: "text", text: part.takeaway };
    if (left === 0 || !isDrawable(part)) return [words, chartTable(part)];
    left -= 1;
    return [words, part];
  });
}

/** Slack refuses the whole message if a series lacks a value, or has one that is no number. */
const isDrawable = ({ categories, series }: Chart): boolean =>
  categories.length > 0 &&
  categories.length <= MOST_POINTS &&
  series.length > 0 &&
  series.length <= MOST_SERIES &&
  series.every(({ values }) => values.length === categories.length && values.every(Number.isFinite));

export function chartBlock({ title, shape, unit, categories, series }: Chart): types.KnownBlock {
  const labels = labelsOf(categories);
  const names = labelsOf(series.map(({ name }) => name));
  const block: ChartBlock = {
    type: "data_visualization",
    title: cut(visible(cut(title, TITLE)).trim() || "Chart", TITLE),
    chart: {
      type: shape,
      series: series.map(({ values }, place) => ({
        name: names[place] ?? "",
        data: labels.map((label, index) => ({ label, value: values[index] ?? 0 })),
      })),
      axis_config: { categories: labels, y_label: cut(visible(unit).trim() || "value", LABEL) },
    },
  };
  return block as unknown as types.KnownBlock;
}

/** The characters of all its texts and numbers. */
export const chartCharacters = ({ title, categories, series }: Chart): number =>
  title.length + categories.length * (series.length + 1) * (LABEL + 10) + series.length * LABEL;

/** At most 20 characters each, and each only once. A long name keeps its beginning and its end. */
function labelsOf(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const text = visible(cut(name, 200)).trim() || "–";
    for (let number = 1; ; number += 1) {
      const suffix = number === 1 ? "" : ` ${number}`;
      const label = `${shortened(text, LABEL - suffix.length)}${suffix}`;
      if (taken.has(label)) continue;
      taken.add(label);
      return label;
    }
  });
}

/** `sharedblock…-host12` */
function shortened(text: string, most: number): string {
  const characters = [...text];
  if (text.length <= most) return text;
  const ending = Math.floor((most - 1) / 2);
  const [begin, end] = [characters.slice(0, most - 1 - ending).join(""), characters.slice(-ending).join("")];
  // A character outside of the basic plane counts as two.
  return begin.length + end.length + 1 <= most ? `${begin}…${end}` : cut(text, most);
}
