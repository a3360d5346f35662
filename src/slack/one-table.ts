import type { Reply, Tone } from "../core/reply.ts";
import type { Kinds } from "./block-kinds.ts";
import { room } from "./limits.ts";
import { captionOf, type LinesPiece, marks, type Piece, piecesOf } from "./pieces.ts";
import { type Bounds, type Grid, gridCharacters, gridOf, type Row, type Table, widthOf } from "./table.ts";
import type { Line } from "./text.ts";

interface Arranged {
  readonly pieces: readonly Piece[];
  /** Tables that are too long for lines: each is a message of its own, in the thread. */
  readonly following: readonly Table[];
}

/** As lines, a longer table would push the rest off the screen. */
const mostLines = 8;
const mostCharacters = 1_000;
/** So few rows have a label at each cell. With more rows, the first line has the labels. */
const mostLabelledRows = 4;

/** Lines have all columns and complete cells, as far as a message has space. */
const lineBounds: Bounds = {
  columns: Number.POSITIVE_INFINITY,
  rows: Number.POSITIVE_INFINITY,
  cell: room.parts,
  characters: room.parts,
};

/**
 * A message takes one table: the one that people compare. The others become lines. If they are long and there is a
 * thread, they follow there.
 */
export function arranged({ parts, tone }: Pick<Reply, "parts" | "tone">, canFollow: boolean, kinds: Kinds): Arranged {
  const compared = comparedOf(parts.filter((part) => part.kind === "table"));
  const following: Table[] = [];
  const asLines = (table: Table): LinesPiece | null => {
    if (table === compared) return null;
    const grid = gridOf(table, lineBounds);
    if (canFollow && isLong(grid)) {
      following.push(table);
      const line = [{ bold: headOf(table) }, ` ${table.rows.length} rows, in the thread`];
      return { kind: "lines", lines: [line], beyond: 0, rows: 0 };
    }
    return linesPieceOf(table, grid);
  };
  return { pieces: markedAs(tone, piecesOf(parts, asLines, kinds)), following };
}

function linesPieceOf(table: Table, grid: Grid): LinesPiece {
  const rows = rowLines(grid);
  return {
    kind: "lines",
    lines: [...captionLines(table, grid), ...rows],
    beyond: grid.total - rows.length,
    rows: grid.total,
  };
}

/** The reply's tone before its first words. */
function markedAs(tone: Tone, pieces: readonly Piece[]): readonly Piece[] {
  const [first, ...others] = pieces;
  if (tone === "plain" || first?.kind !== "lines") return pieces;
  const [line = [], ...lines] = first.lines;
  const isMarked = Object.values(marks).some((mark) => mark !== "" && line[0] === mark);
  return isMarked ? pieces : [{ ...first, lines: [[marks[tone], ...line], ...lines] }, ...others];
}

/** The table that the reply marks as compared, or else the one with the most rows. */
function comparedOf(tables: readonly Table[]): Table | null {
  const filled = tables.filter((table) => table.rows.length > 0 && widthOf(table) > 0);
  const [most = null] = filled.toSorted((one, other) => other.rows.length - one.rows.length);
  return filled.find(({ compared }) => compared === true) ?? most;
}

const isLong = (grid: Grid): boolean => grid.total > mostLines || gridCharacters(grid) > mostCharacters;

const headOf = (table: Table): string =>
  `${captionOf(table) || captionOf({ caption: table.columns.join(" · ") }) || "Table"}:`;

function captionLines(table: Table, grid: Grid): Line[] {
  const caption = captionOf(table);
  if (grid.total === 0) return [caption === "" ? ["(none)"] : [{ bold: caption }, " (none)"]];
  const columns = (grid.rows[0]?.cells ?? []).join(" · ");
  if (isLabelled(grid)) return caption === "" ? [] : [[{ bold: caption }]];
  return [caption === "" ? [{ bold: columns }] : [{ bold: caption }, ` (${columns})`]];
}

const isLabelled = (grid: Grid): boolean => grid.total <= mostLabelledRows && (grid.rows[0]?.cells.length ?? 0) > 2;

/** `host1: map mpatha · dead paths sdb`, or `host1: mpatha · sdb` under a line with the columns. */
function rowLines(grid: Grid): Line[] {
  const [heads, ...rows] = grid.rows;
  const labelled = isLabelled(grid);
  return rows.map(({ cells: [name = "", ...cells] }: Row): Line => {
    const shown = cells.map((cell, index) => (labelled ? `${heads?.cells[index + 1]} ${cell}` : cell));
    return cells.length === 0 ? [name] : [{ bold: `${name}: ` }, shown.join(" · ")];
  });
}
