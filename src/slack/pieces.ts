import type { types } from "@slack/bolt";
import type { Part, Tone } from "../core/reply.ts";
import { visible, visibleLines } from "../visible.ts";
import { limits, room } from "./limits.ts";
import { type Grid, gridCharacters, gridOf, tableBlock } from "./table.ts";
import { cut, cutLine, type Line, lineLength, linesOf, pieces, section } from "./text.ts";

/** Shape and colour both: the tone must be seen by everybody. */
export const marks: Readonly<Record<Tone, string>> = { plain: "", good: "✅ ", warning: "⚠️ ", bad: "❌ " };

/** What one or more blocks are made of, before it is known how much of it fits. */
export type Piece =
  | { readonly kind: "lines"; readonly lines: readonly Line[] }
  | { readonly kind: "code"; readonly caption: string; readonly lines: readonly string[] }
  | { readonly kind: "table"; readonly caption: string; readonly grid: Grid };

interface Rendered {
  readonly blocks: readonly types.KnownBlock[];
  /** Whether all of it is shown. */
  readonly whole: boolean;
}

type Table = Extract<Part, { kind: "table" }>;

/** Texts that follow each other share a block. `asLines`: a table as lines; null where it stays a table. */
export function piecesOf(parts: readonly Part[], asLines: (table: Table) => readonly Line[] | null): Piece[] {
  const made: Piece[] = [];
  let open: Line[] | null = null;
  for (const part of parts) {
    const piece = pieceOf(part, asLines);
    if (part.kind === "text" && piece.kind === "lines") {
      if (open === null) {
        open = [];
        made.push({ kind: "lines", lines: open });
      }
      open.push(...piece.lines);
    } else {
      open = null;
      made.push(piece);
    }
  }
  return made;
}

export const captionOf = (part: { readonly caption?: string }): string =>
  cut(visible(part.caption ?? ""), room.caption);

function pieceOf(part: Part, asLines: (table: Table) => readonly Line[] | null): Piece {
  switch (part.kind) {
    case "text": {
      const mark = marks[part.tone ?? "plain"];
      const [first = [], ...rest] = linesOf(part.text);
      return { kind: "lines", lines: [mark === "" ? first : [mark, ...first], ...rest] };
    }
    case "fields":
      return {
        kind: "lines",
        lines: part.fields.flatMap(([label, value]) => {
          const [first = [], ...rest] = linesOf(value);
          return [[{ bold: `${visible(label)}: ` }, ...first], ...rest];
        }),
      };
    case "code":
      return {
        kind: "code",
        caption: captionOf(part),
        lines: part.lines.flatMap(visibleLines),
      };
    case "table": {
      const lines = asLines(part);
      if (lines !== null) return { kind: "lines", lines };
      return { kind: "table", caption: captionOf(part), grid: gridOf(part) };
    }
  }
}

/** What a piece takes beside its content. A table may have a caption in a block before it and a note in one after it. */
export const overheadOf = (piece: Piece): number =>
  (piece.kind === "table" ? 3 : 1) * room.perBlock + room.note + (piece.kind === "lines" ? 0 : piece.caption.length);

export function charactersOf(piece: Piece): number {
  switch (piece.kind) {
    case "lines":
      return piece.lines.reduce((sum, line) => sum + lineLength(line) + 1, 0);
    case "code":
      return piece.lines.reduce((sum, line) => sum + line.length + 1, 0);
    case "table":
      return gridCharacters(piece.grid);
  }
}

/** A piece as blocks with at most `characters` of content; what is missing is said, and `where` it is: " in the file". */
export function rendered(piece: Piece, characters: number, where: string): Rendered {
  switch (piece.kind) {
    case "lines":
      return renderedLines(piece.lines, characters, where);
    case "code":
      return renderedCode(piece.caption, piece.lines, characters, where);
    case "table":
      return renderedTable(piece.caption, piece.grid, characters, where);
  }
}

function renderedLines(lines: readonly Line[], characters: number, where: string): Rendered {
  const { kept, left } = fitted(lines, lineLength, cutLine, characters);
  const note: Line[] = left === 0 ? [] : [[`…and more${where}`]];
  return { blocks: [{ type: "rich_text", elements: [section([...kept, ...note])] }], whole: left === 0 };
}

function renderedCode(caption: string, lines: readonly string[], characters: number, where: string): Rendered {
  const { kept, left } = fitted(lines, (line) => line.length, cut, characters);
  const text = kept.join("\n");
  const shown = text.trim() === "" ? "(empty)" : text;
  const preformatted: types.RichTextPreformatted = {
    type: "rich_text_preformatted",
    elements: pieces(shown).map((each) => ({ type: "text", text: each })),
  };
  const head = caption === "" ? [] : [section([[{ bold: caption }]])];
  const note = left === 0 ? [] : [section([[more(left, "line", where)]])];
  return { blocks: [{ type: "rich_text", elements: [...head, preformatted, ...note] }], whole: left === 0 };
}

function renderedTable(caption: string, grid: Grid, characters: number, where: string): Rendered {
  const rows = grid.rows.length - 1;
  const { block, rowsLeft, cut: isCut } = tableBlock(grid, Math.min(characters, limits.tableCharacters));
  const columns = grid.columnsLeft > 0 ? more(grid.columnsLeft, "column", where) : null;
  const cells = isCut ? (where === "" ? "…cells are cut" : `…whole${where}`) : null;
  const note = rows === 0 ? "(none)" : rowsLeft > 0 ? more(rowsLeft, "row", where) : (columns ?? cells);
  const text = (line: Line): types.KnownBlock => ({ type: "rich_text", elements: [section([line])] });
  return {
    blocks: [
      ...(caption === "" ? [] : [text([{ bold: caption }])]),
      ...(block === null ? [] : [block]),
      ...(note === null ? [] : [text([note])]),
    ],
    whole: rowsLeft === 0 && !isCut,
  };
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
const more = (count: number, noun: string, where: string): string => `…and ${counted(count, `more ${noun}`)}${where}`;

/** The first lines that fit, the next one cut where there is room for some of it; `left` counts those not whole. */
function fitted<L>(
  lines: readonly L[],
  lengthOf: (line: L) => number,
  cutTo: (line: L, characters: number) => L,
  characters: number,
): { kept: L[]; left: number } {
  const kept: L[] = [];
  let used = 0;
  for (const line of lines) {
    const length = lengthOf(line) + 1;
    if (used + length > characters) {
      const partly = characters - used > 20 ? [cutTo(line, characters - used - 1)] : [];
      return { kept: [...kept, ...partly], left: lines.length - kept.length };
    }
    kept.push(line);
    used += length;
  }
  return { kept, left: 0 };
}
