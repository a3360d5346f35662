import { styleText } from "node:util";
import { chartTable } from "../core/chart.ts";
import { CHARACTERS, runToEnd, SliceLimit, type Slices } from "../core/parts.ts";
import {
  type Cell,
  cellText,
  momentText,
  type Part,
  type Reply,
  type TaskState,
  type Text,
  type Tone,
  taskText,
  wordsOf,
} from "../core/reply.ts";
import { displayWidth, padded, wrapped } from "./display-width.ts";
import { visible, visibleLines } from "./visible.ts";

const marks: Readonly<Record<Tone, string>> = { plain: "", good: "✓ ", warning: "! ", bad: "✗ " };
const taskMarks: Readonly<Record<TaskState, string>> = {
  pending: "- ",
  running: "… ",
  done: marks.good,
  omitted: marks.warning,
  failed: marks.bad,
};
const colours = { plain: "reset", good: "green", warning: "yellow", bad: "red" } as const;
type Style = Parameters<typeof styleText>[0];
/** Colours a line, or leaves it as it is. */
type Paint = (style: Style, line: string) => string;

/**
 * A reply as lines of at most `width` columns, if its values allow. Nothing is omitted or cut: a table that is too wide
 * becomes one paragraph per row. Control characters are escaped, so a host's output can't control the terminal.
 */
export const terminalText = (reply: Reply, width: number, colour: boolean): string =>
  runToEnd(makingTerminalText(reply, width, colour));

/** As `terminalText`, for replies of any length. */
export function* makingTerminalText(reply: Reply, width: number, colour: boolean): Slices<string> {
  const paint: Paint = (style, line) => (colour ? styleText(style, line, { validateStream: false }) : line);
  const title = visible(`${marks[reply.tone]}${reply.title}`);
  const blocks = [wrapped(title, width).map((line) => paint(["bold", colours[reply.tone]], line))];
  const pace = new SliceLimit(CHARACTERS);
  for (const group of groupsOf(reply.parts)) blocks.push(yield* groupLines(group, width, paint, pace));
  if (reply.details !== undefined) {
    blocks.push(wrapped(visible(reply.details.title), width).map((line) => paint("bold", line)));
    for (const group of groupsOf(reply.details.parts)) blocks.push(yield* groupLines(group, width, paint, pace));
  }
  if (reply.next.length > 0) {
    blocks.push(["Type next:", ...reply.next.map((step) => paint("cyan", `  ${visible(wordsOf(step))}`))]);
  }
  if (reply.record !== undefined) blocks.push(wrapped(visible(inlineText(reply.record)), width));
  if (reply.foot !== undefined) blocks.push(wrapped(visible(reply.foot), width));
  return blocks.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

/** Parts that are shown without a blank line between them: texts of one line each, such as the findings of a check. */
function groupsOf(parts: readonly Part[]): Part[][] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    const before = last?.[0];
    if (last !== undefined && before !== undefined && isOneLine(part) && isOneLine(before)) last.push(part);
    else groups.push([part]);
  }
  return groups;
}

const isOneLine = (part: Part): boolean =>
  part.kind === "text" &&
  (typeof part.text === "string" ? [part.text] : part.text).every((inline) => !inlineText([inline]).includes("\n"));

function* groupLines(group: readonly Part[], width: number, paint: Paint, pace: SliceLimit): Slices<string[]> {
  const lines: string[] = [];
  for (const part of group) for (const line of yield* partLines(part, width, paint, pace)) lines.push(line);
  return lines;
}

function* partLines(part: Part, width: number, paint: Paint, pace: SliceLimit): Slices<string[]> {
  const lines: string[] = [];
  switch (part.kind) {
    case "text": {
      const tone = part.tone ?? "plain";
      for (const raw of rawLines(`${marks[tone]}${inlineText(part.text)}`)) {
        for (const line of wrapped(visibleLines(raw).join(""), width))
          lines.push(tone === "plain" ? line : paint(colours[tone], line));
        if (pace.isOver(raw.length)) yield;
      }
      return lines;
    }
    case "fields":
      return fieldLines(part.fields, width, paint);
    case "code":
      for (const raw of part.lines) {
        for (const line of visibleLines(raw)) lines.push(paint("cyan", `  ${line}`));
        if (pace.isOver(raw.length)) yield;
      }
      return [...captionLines(part.caption, paint), ...lines];
    case "tasks":
      return [
        ...captionLines(part.title, paint),
        ...part.tasks.flatMap((task) => wrapped(visible(`${taskMarks[task.state]}${taskText(task)}`), width)),
      ];
    case "chart": {
      const { caption, columns, rows } = chartTable(part);
      const words = yield* partLines({ kind: "text", text: part.takeaway }, width, paint, pace);
      return [...words, "", ...captionLines(caption, paint), ...(yield* tableLines(columns, rows, width, paint, pace))];
    }
    case "table":
      return [
        ...captionLines(part.caption, paint),
        ...(yield* tableLines(part.columns, part.rows, width, paint, pace)),
      ];
  }
}

const rawLines = (text: string): string[] => text.split(/\r?\n/);

/** Code is in backticks: this format needs no colour. */
const inlineText = (text: Text): string =>
  typeof text === "string"
    ? text
    : text
        .map((inline) => {
          if (typeof inline === "string") return inline;
          if ("code" in inline) return `\`${inline.code}\``;
          if ("at" in inline) return momentText(inline);
          if ("group" in inline) return inline.group;
          if ("bold" in inline) return inline.bold;
          return inline.name === undefined ? inline.person : `@${inline.name}`;
        })
        .join("");

const captionLines = (caption: string | undefined, paint: Paint): string[] =>
  caption === undefined ? [] : [paint("bold", visible(caption))];

function fieldLines(fields: readonly (readonly [string, Text])[], width: number, paint: Paint): string[] {
  const labels = fields.map(([label]) => `${visible(label)}:`);
  const margin = Math.min(Math.max(0, ...labels.map(displayWidth)) + 1, Math.floor(width / 2));
  return fields.flatMap(([, value], index) => {
    const lines = visibleLines(inlineText(value)).flatMap((line) => wrapped(line, width - margin));
    const label = padded(labels[index] ?? "", margin);
    return lines.map((line, row) => `${row === 0 ? paint("bold", label) : " ".repeat(margin)}${line}`.trimEnd());
  });
}

function* tableLines(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paint: Paint,
  pace: SliceLimit,
): Slices<string[]> {
  // A row may have more cells than columns are named.
  const count = rows.reduce((most, row) => Math.max(most, row.length), columns.length);
  if (rows.length === 0 || count === 0) return ["(none)"];
  const heads = Array.from({ length: count }, (_, column) => visible(columns[column] ?? ""));
  const widths = heads.map(displayWidth);
  const shown: string[][] = [];
  for (const row of rows) {
    const cells = heads.map((_, column) => visible(cellText(row[column] ?? "")));
    for (const [column, cell] of cells.entries()) widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    shown.push(cells);
    if (pace.isOver(workOf(cells))) yield;
  }
  const isTooWide = widths.reduce((sum, each) => sum + each + 2, -2) > width;
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const lines = isTooWide ? [] : [paint("bold", lineOf(heads))];
  for (const [index, cells] of shown.entries()) {
    if (isTooWide && index > 0) lines.push("");
    lines.push(...(isTooWide ? recordLines(heads, cells, paint) : [lineOf(cells)]));
    if (pace.isOver(workOf(cells))) yield;
  }
  return lines;
}

/** A short cell takes some time too. */
const workOf = (cells: readonly string[]): number => cells.reduce((sum, cell) => sum + 20 + cell.length, 0);

/** One row of a table that is too wide, a line for each cell that holds something. */
function recordLines(heads: readonly string[], row: readonly string[], paint: Paint): string[] {
  const margin = Math.max(0, ...heads.map(displayWidth)) + 2;
  return row.flatMap((cell, column) =>
    cell === "" ? [] : [`${paint("bold", padded(heads[column] ?? "", margin))}${cell}`],
  );
}
