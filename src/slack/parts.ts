import type { types } from "@slack/bolt";
import { chartTable } from "../core/chart.ts";
import { counted } from "../core/counted.ts";
import { type Inline, type Part, type Task, type TaskState, type Text, type Tone, taskText } from "../core/reply.ts";
import { visible, visibleLines } from "../text/visible.ts";
import { chartBlock, chartCharacters } from "./charts.ts";
import { type Kinds, limits, room } from "./limits.ts";
import {
  type Bounds,
  captionOf,
  dataTableBounds,
  type Grid,
  gridCharacters,
  gridOf,
  lineBounds,
  type Table,
  tableBlock,
  tableBounds,
  tableLines,
} from "./tables.ts";
import { cut, cutLine, fitted, type Line, type Lines, lineLength, linesOf, pieces, section } from "./text.ts";

/** Both shape and colour show the tone, for people who don't see colours. */
export const marks: Readonly<Record<Tone, string>> = { plain: "", good: "✅ ", warning: "⚠️ ", bad: "❌ " };

/**
 * The content of one or more blocks, before it is known how much fits. `omittedLines`: the number of further lines. They
 * were not made, because no message has space for them.
 */
export type Piece =
  | LinesPiece
  | {
      readonly kind: "code";
      readonly caption: string;
      readonly lines: readonly string[];
      readonly omittedLines: number;
    }
  | { readonly kind: "table"; readonly caption: string; readonly grid: Grid }
  | { readonly kind: "plan"; readonly title: string; readonly tasks: readonly Task[] }
  | { readonly kind: "chart"; readonly chart: Extract<Part, { kind: "chart" }> };

export interface LinesPiece extends Lines {
  readonly kind: "lines";
  /** How many of the last lines are the rows of a table; 0 for a text. */
  readonly rows: number;
}

/** Counts of what is not shown, or not completely. */
export interface Omitted {
  readonly rows: number;
  readonly columns: number;
  readonly cells: number;
  readonly lines: number;
}
export const nothingOmitted: Omitted = { rows: 0, columns: 0, cells: 0, lines: 0 };

interface Rendered {
  readonly blocks: readonly types.KnownBlock[];
  readonly left: Omitted;
}

/** Texts that follow each other share a block. `asLines`: a table as lines, or null if it stays a table. */
export function piecesOf(parts: readonly Part[], asLines: (table: Table) => LinesPiece | null, kinds: Kinds): Piece[] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (part.kind === "text" && last?.[0]?.kind === "text") last.push(part);
    else groups.push([part]);
  }
  return groups.map((group) => pieceOf(group, asLines, kinds));
}

/** `most`: the most characters that are made, because a message can't show more. */
export function pieceOf(
  group: readonly Part[],
  asLines: (table: Table) => LinesPiece | null,
  kinds: Kinds,
  most: number = room.parts,
): Piece {
  const [part] = group;
  switch (part?.kind) {
    case "code":
      return codePiece(part, most);
    case "table":
      return asLines(part) ?? { kind: "table", caption: captionOf(part), grid: gridOf(part, boundsOf(part, kinds)) };
    case "tasks":
      return kinds === "all" && part.tasks.length > 0 && part.tasks.length <= limits.planTasks
        ? { kind: "plan", title: shownWord(part.title), tasks: part.tasks.map(shownTask) }
        : linesPiece(taskLines(part), most);
    case "chart":
      return { kind: "chart", chart: part };
    case "fields":
      return linesPiece(
        part.fields.map(([label, value]) => [{ bold: `${visible(label)}: ` }, value]),
        most,
      );
    default:
      return linesPiece(
        group.flatMap((each) => (each.kind === "text" ? [[marks[each.tone ?? "plain"], each.text] as const] : [])),
        most,
      );
  }
}

/** A table that people compare can be sorted and filtered. */
const boundsOf = ({ compared }: Table, kinds: Kinds): Bounds =>
  kinds === "all" && compared === true ? dataTableBounds : tableBounds;

/** In one line. Characters that hide or reverse text are shown. */
const shownWord = (text: string): string => visible(cut(text, room.parts)).trim() || "–";
const shownTask = ({ title, state, note }: Task): Task => ({
  ...{ title: shownWord(title), state },
  note: note.trim() === "" ? "" : shownWord(note),
});

/** One line per task, with its state first. */
const taskLines = ({ title, tasks }: Extract<Part, { kind: "tasks" }>): [before: Inline, text: Text][] => [
  ["", [{ bold: title }]],
  ...tasks.map((task): [Inline, Text] => [taskMarks[task.state], taskText(task)]),
];

const taskMarks: Readonly<Record<TaskState, string>> = {
  pending: "▫ ",
  running: "⏳ ",
  done: marks.good,
  omitted: marks.warning,
  failed: marks.bad,
};

/** Texts one below the other, each with a mark before its first line. */
function linesPiece(texts: readonly (readonly [before: Inline, text: Text])[], most: number): LinesPiece {
  const lines: Line[] = [];
  let used = 0;
  let omittedLines = 0;
  for (const [before, text] of texts) {
    const made = linesOf(text, Math.max(0, most - used));
    const [first = [], ...others] = made.lines;
    omittedLines += made.omittedLines;
    if (used > most) omittedLines += made.lines.length;
    else lines.push(before === "" ? first : [before, ...first], ...others);
    used += made.lines.reduce((sum, line) => sum + lineLength(line) + 1, 0);
  }
  return { kind: "lines", lines, omittedLines, rows: 0 };
}

function codePiece(part: Extract<Part, { kind: "code" }>, most: number): Piece {
  const lines: string[] = [];
  let used = 0;
  let omittedLines = 0;
  for (const line of part.lines.flatMap((each) => each.split(/\r?\n/))) {
    if (used > most) omittedLines += 1;
    else {
      lines.push(...visibleLines(cut(line, most + 1)));
      used += (lines.at(-1) ?? "").length + 1;
    }
  }
  return { kind: "code", caption: captionOf(part), lines, omittedLines };
}

/**
 * The characters that a piece takes without its content. A table may have a caption block before it and a note block
 * after it.
 */
export const overheadOf = (piece: Piece): number =>
  (piece.kind === "table" ? 3 : 1) * room.perBlock + room.note + ("caption" in piece ? piece.caption.length : 0);

export function charactersOf(piece: Piece): number {
  switch (piece.kind) {
    case "lines":
      return piece.lines.reduce((sum, line) => sum + lineLength(line) + 1, 0);
    case "code":
      return piece.lines.reduce((sum, line) => sum + line.length + 1, 0);
    case "table":
      return gridCharacters(piece.grid);
    case "chart":
      return chartCharacters(piece.chart);
    case "plan":
      return piece.tasks.reduce((sum, task) => sum + taskText(task).length + TASK_OVERHEAD, piece.title.length);
  }
}

/** The counts of a piece that is not shown at all. */
export function allOf(piece: Piece): Omitted {
  if (piece.kind === "table") return { ...nothingOmitted, rows: piece.grid.total };
  if (piece.kind === "chart") return { ...nothingOmitted, rows: piece.chart.categories.length };
  if (piece.kind === "plan") return { ...nothingOmitted, lines: piece.tasks.length };
  const lines = piece.lines.length + piece.omittedLines;
  return piece.kind === "lines" && piece.rows > 0
    ? { ...nothingOmitted, rows: piece.rows }
    : { ...nothingOmitted, lines };
}

/** `151 more rows, 3 more columns`; empty if nothing is left. */
export function omittedText({ rows, columns, cells, lines }: Omitted): string {
  const some = (count: number, noun: string) => (count === 0 ? [] : [counted(count, noun)]);
  const cut = cells === 0 ? [] : [`the rest of ${counted(cells, "cell")}`];
  return [...[...some(rows, "more row"), ...some(columns, "more column"), ...cut, ...some(lines, "more line")]].join(
    ", ",
  );
}

/**
 * A piece as blocks with at most `characters` of content. A note says what is missing, and `where` it is: " in the
 * file".
 */
export function rendered(piece: Piece, characters: number, where: string): Rendered {
  switch (piece.kind) {
    case "lines":
      return renderedLines(piece, characters, where);
    case "code":
      return renderedCode(piece, characters, where);
    case "table":
      return renderedTable(piece, characters, where);
    case "chart":
      return renderedChart(piece.chart, characters, where);
    case "plan":
      return renderedPlan(piece, characters, where);
  }
}

const noteOf = (left: Omitted, where: string): Line => [`…and ${omittedText(left)}${where}`];

function renderedLines({ lines, omittedLines, rows }: LinesPiece, characters: number, where: string): Rendered {
  const fit = fitted(lines, lineLength, cutLine, characters);
  const count = fit.left + omittedLines;
  const left = rows === 0 ? { ...nothingOmitted, lines: count } : { ...nothingOmitted, rows: Math.min(count, rows) };
  const note = count === 0 ? [] : [noteOf(left, where)];
  return { blocks: [{ type: "rich_text", elements: [section([...fit.kept, ...note])] }], left };
}

function renderedCode(
  { caption, lines, omittedLines }: Extract<Piece, { kind: "code" }>,
  characters: number,
  where: string,
): Rendered {
  const fit = fitted(lines, (line) => line.length, cut, characters);
  const left = { ...nothingOmitted, lines: fit.left + omittedLines };
  const head = caption === "" ? [] : [section([[{ bold: caption }]])];
  const note = left.lines === 0 ? [] : [section([noteOf(left, where)])];
  return { blocks: [{ type: "rich_text", elements: [...head, preformatted(fit.kept), ...note] }], left };
}

export function preformatted(lines: readonly string[]): types.RichTextPreformatted {
  const joined = lines.join("\n");
  const text = joined.trim() === "" ? "(empty)" : joined;
  return { type: "rich_text_preformatted", elements: pieces(text).map((each) => ({ type: "text", text: each })) };
}

function renderedTable(
  { caption, grid }: Extract<Piece, { kind: "table" }>,
  characters: number,
  where: string,
): Rendered {
  const { block, rowsLeft, cellsCut } = tableBlock(grid, caption, Math.min(characters, limits.tableCharacters));
  const left = { ...nothingOmitted, rows: rowsLeft, columns: block === null ? 0 : grid.columnsLeft, cells: cellsCut };
  const note = grid.total === 0 ? ["(none)"] : omittedText(left) === "" ? null : noteOf(left, where);
  const text = (line: Line): types.KnownBlock => ({ type: "rich_text", elements: [section([line])] });
  return {
    blocks: [
      ...(caption === "" || block?.type === "data_table" ? [] : [text([{ bold: caption }])]),
      ...(block === null ? [] : [block]),
      ...(note === null ? [] : [text(note)]),
    ],
    left,
  };
}

/** As lines, if it does not fit completely. */
function renderedChart(chart: Extract<Part, { kind: "chart" }>, characters: number, where: string): Rendered {
  if (chartCharacters(chart) <= characters) return { blocks: [chartBlock(chart)], left: nothingOmitted };
  const table = chartTable(chart);
  const { lines, rows } = tableLines(table, gridOf(table, lineBounds));
  return renderedLines({ kind: "lines", lines, omittedLines: 0, rows }, characters, where);
}

/** The characters that a task takes without its text. */
const TASK_OVERHEAD = 30;

const statuses: Readonly<Record<TaskState, types.TaskCardBlock["status"]>> = {
  pending: "pending",
  running: "in_progress",
  done: "complete",
  omitted: "complete",
  failed: "error",
};

/** As lines, if it does not fit completely. */
function renderedPlan(piece: Extract<Piece, { kind: "plan" }>, characters: number, where: string): Rendered {
  const { title, tasks } = piece;
  if (charactersOf(piece) > characters)
    return rendered(linesPiece(taskLines({ ...piece, kind: "tasks" }), room.parts), characters, where);
  const cards = tasks.map((task, index): types.TaskCardBlock => {
    return {
      type: "task_card",
      task_id: `task-${index + 1}`,
      title: task.title,
      status: statuses[task.state],
      ...(task.note !== "" && { details: { type: "rich_text", elements: [section([[task.note]])] } }),
    };
  });
  return { blocks: [{ type: "plan", title, tasks: cards }], left: nothingOmitted };
}
