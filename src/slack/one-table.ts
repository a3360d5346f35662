import type { Part, Reply, Tone } from "../core/reply.ts";
import { captionOf, marks, type Piece, piecesOf } from "./pieces.ts";
import { type Grid, gridCharacters, gridOf } from "./table.ts";
import type { Line } from "./text.ts";

export type Table = Extract<Part, { kind: "table" }>;

export interface Arranged {
  readonly pieces: readonly Piece[];
  /** Tables too long to be lines: each is a message of its own, in the thread. */
  readonly following: readonly Table[];
}

/** As lines a table beyond this pushes what follows it off the screen. */
const mostLines = 8;
const mostCharacters = 1_000;
/** A row of so few says with each cell what it is; of more rows the first line says it once. */
const mostLabelledRows = 4;

/**
 * Slack takes one table a message. The one that people compare stays; the others become lines, or follow in the thread
 * where they are long and there is a thread.
 */
export function arranged({ parts, tone }: Pick<Reply, "parts" | "tone">, canFollow: boolean): Arranged {
  const compared = comparedOf(parts.filter((part) => part.kind === "table"));
  const following: Table[] = [];
  const pieces = piecesOf(parts, (table) => {
    if (table === compared) return null;
    const grid = gridOf(table);
    if (canFollow && isLong(grid)) {
      following.push(table);
      return [[{ bold: headOf(table) }, ` ${table.rows.length} rows, in the thread`]];
    }
    return [...captionLines(table, grid), ...rowLines(grid)];
  });
  return { pieces: markedAs(tone, pieces), following };
}

/** The reply's tone before its first words. */
function markedAs(tone: Tone, pieces: readonly Piece[]): readonly Piece[] {
  const [first, ...others] = pieces;
  if (tone === "plain" || first?.kind !== "lines") return pieces;
  const [line = [], ...lines] = first.lines;
  const isMarked = Object.values(marks).some((mark) => mark !== "" && line[0] === mark);
  return isMarked ? pieces : [{ kind: "lines", lines: [[marks[tone], ...line], ...lines] }, ...others];
}

/** The one that its reply says is compared, else the one of most rows. */
function comparedOf(tables: readonly Table[]): Table | null {
  const filled = tables.filter(({ rows, columns }) => rows.length > 0 && columns.length > 0);
  const [most = null] = filled.toSorted((one, other) => other.rows.length - one.rows.length);
  return filled.find(({ compared }) => compared === true) ?? most;
}

const isLong = (grid: Grid): boolean => grid.rows.length - 1 > mostLines || gridCharacters(grid) > mostCharacters;

const headOf = (table: Table): string =>
  `${captionOf(table) || captionOf({ caption: table.columns.join(" · ") }) || "Table"}:`;

function captionLines(table: Table, grid: Grid): Line[] {
  const caption = captionOf(table);
  if (grid.rows.length < 2) return [caption === "" ? ["(none)"] : [{ bold: caption }, " (none)"]];
  const columns = (grid.rows[0] ?? []).join(" · ");
  if (isLabelled(grid)) return caption === "" ? [] : [[{ bold: caption }]];
  return [caption === "" ? [{ bold: columns }] : [{ bold: caption }, ` (${columns})`]];
}

const isLabelled = (grid: Grid): boolean => grid.rows.length - 1 <= mostLabelledRows && (grid.rows[0]?.length ?? 0) > 2;

/** `host1: ` and what is of it: `map mpatha · dead paths sdb`, or `mpatha · sdb` under a line that names the columns. */
function rowLines(grid: Grid): Line[] {
  const [heads = [], ...rows] = grid.rows;
  const labelled = isLabelled(grid);
  return rows.map(([name = "", ...cells]): Line => {
    const shown = cells.map((cell, index) => (labelled ? `${heads[index + 1]} ${cell}` : cell));
    return cells.length === 0 ? [name] : [{ bold: `${name}: ` }, shown.join(" · ")];
  });
}
