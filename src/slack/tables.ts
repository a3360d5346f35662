import type { types } from "@slack/bolt";
import type { Cell, Part } from "../core/reply.ts";
import { visible } from "../text/visible.ts";
import { limits, room } from "./limits.ts";
import { cut, type Line, personText } from "./text.ts";

export type Table = Extract<Part, { kind: "table" }>;

/** The limits of a grid. */
export interface Bounds {
  readonly columns: number;
  /** With the head. */
  readonly rows: number;
  /** Characters of a cell; a longer one is cut. */
  readonly cell: number;
  /** The most characters of all rows. No further row is made: of 10,000 rows most would not be shown. */
  readonly characters: number;
  /** Whether its reader can sort and filter it. */
  readonly isSorted?: true;
}

/** A table for a message: all rows have the same length, and no cell is empty. */
export interface Grid {
  /** The head, then the first rows, as far as they may fit. */
  readonly rows: readonly Row[];
  /** All rows under the head. */
  readonly total: number;
  readonly columnsLeft: number;
  /** For a table that can be sorted and filtered: the numbers by which a column is sorted, row by row. */
  readonly sorted: Table["numbers"] | null;
}
interface Row {
  readonly cells: readonly string[];
  /** How many cells are not complete. */
  readonly cut: number;
}

/** A longer cell is cut in a table: it would push the others off the screen. */
const cellCharacters = 500;
/** A column is wrapped only if its cells are long, because a WWID must be on one line. */
const wrapFrom = 48;

export const tableBounds: Bounds = {
  columns: limits.tableColumns,
  rows: limits.tableRows,
  cell: cellCharacters,
  characters: limits.tableCharacters,
};

/** For a table that its reader can sort and filter. */
export const dataTableBounds: Bounds = { ...tableBounds, rows: limits.dataTableRows, isSorted: true };

export function gridOf(table: Table, bounds: Bounds = tableBounds): Grid {
  const width = widthOf(table);
  const sorted = bounds.isSorted === true ? (table.numbers ?? {}) : null;
  if (width === 0) return { rows: [], total: 0, columnsLeft: 0, sorted };
  const shown = Math.min(width, bounds.columns);
  const rows: Row[] = [];
  let used = 0;
  for (const row of [table.columns, ...table.rows.slice(0, bounds.rows - 1)]) {
    const made = rowOf(row, shown, bounds.cell);
    rows.push(made);
    used += rowCharacters(made);
    if (used > bounds.characters) break;
  }
  return { rows, total: table.rows.length, columnsLeft: width - shown, sorted };
}

/** A row may have more cells than there are named columns. They are shown too. */
const widthOf = ({ columns, rows }: Table): number =>
  rows.reduce((widest, row) => Math.max(widest, row.length), columns.length);

function rowOf(row: readonly Cell[], width: number, most: number): Row {
  let cuts = 0;
  const cells = Array.from({ length: width }, (_, column) => {
    const cell = row[column] ?? "";
    const raw = typeof cell === "string" ? cell : personText(cell.person);
    const text = visible(cut(raw, most + 1));
    if (text.length > most) cuts += 1;
    return filled(cut(text, most));
  });
  return { cells, cut: cuts };
}

/** Slack refuses empty cells. */
const filled = (cell: string): string => (cell.trim() === "" ? "–" : cell);

export const gridCharacters = (grid: Grid): number => grid.rows.reduce((sum, row) => sum + rowCharacters(row), 0);
const rowCharacters = ({ cells }: Row): number => cells.reduce((sum, cell) => sum + cell.length, 0);

interface Fitted {
  /** null if not even one row fits under the head. */
  readonly block: types.TableBlock | types.DataTableBlock | null;
  readonly rowsLeft: number;
  readonly cellsCut: number;
}

/** As many rows as fit into `characters`. */
export function tableBlock(grid: Grid, caption: string, characters: number): Fitted {
  let used = 0;
  const end = grid.rows.findIndex((row) => {
    used += rowCharacters(row);
    return used > characters;
  });
  const rows = end === -1 ? grid.rows : grid.rows.slice(0, end);
  if (rows.length < 2) return { block: null, rowsLeft: grid.total, cellsCut: 0 };
  const [head] = rows;
  const rowsLeft = grid.total - (rows.length - 1);
  const cellsCut = rows.reduce((sum, row) => sum + row.cut, 0);
  if (grid.sorted !== null) return { block: dataTable(rows, grid.sorted ?? {}, caption), rowsLeft, cellsCut };
  const block: types.TableBlock = {
    type: "table",
    rows: rows.map(({ cells }) => cells.map((text) => ({ type: "raw_text", text }))),
    column_settings: (head?.cells ?? []).map((_, column) => ({
      align: "left",
      is_wrapped: rows.some(({ cells }) => (cells[column] ?? "").length > wrapFrom),
    })),
  };
  return { block, rowsLeft, cellsCut };
}

/** Rows on one page: a phone shows about as many. */
const PAGE_ROWS = 10;

function dataTable(
  rows: readonly Row[],
  numbers: NonNullable<Table["numbers"]>,
  caption: string,
): types.DataTableBlock {
  const [head, ...others] = rows;
  return {
    type: "data_table",
    caption: caption || (head?.cells ?? []).slice(0, 3).join(" · ") || "Table",
    page_size: PAGE_ROWS,
    row_header_column_index: 0,
    rows: [
      (head?.cells ?? []).map((text) => ({ type: "raw_text", text })),
      ...others.map(({ cells }, row) =>
        cells.map((text, column): types.DataTableBlock["rows"][number][number] => {
          const value = numbers[column]?.[row];
          return value === undefined ? { type: "raw_text", text } : { type: "raw_number", value, text };
        }),
      ),
    ],
  };
}

/** As lines, a longer table would push the rest off the screen. */
const mostLines = 8;
const mostCharacters = 1_000;
/** The most rows with a label at each cell. With more rows, only the first line has the labels. */
const mostLabelledRows = 4;

/** Lines have all columns and complete cells, as far as a message has space. */
export const lineBounds: Bounds = {
  columns: Number.POSITIVE_INFINITY,
  rows: Number.POSITIVE_INFINITY,
  cell: room.parts,
  characters: room.parts,
};

/** The table that the reply marks as compared, or else the one with the most rows. */
export function comparedOf(tables: readonly Table[]): Table | null {
  const filled = tables.filter((table) => table.rows.length > 0 && widthOf(table) > 0);
  const [most = null] = filled.toSorted((one, other) => other.rows.length - one.rows.length);
  return filled.find(({ compared }) => compared === true) ?? most;
}

export const isLong = (grid: Grid): boolean => grid.total > mostLines || gridCharacters(grid) > mostCharacters;

export const headOf = (table: Table): string =>
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

/** A table as lines: under its caption, a line a row. `rows`: how many of the lines are rows. */
export function tableLines(table: Table, grid: Grid): { readonly lines: Line[]; readonly rows: number } {
  const rows = rowLines(grid);
  return { lines: [...captionLines(table, grid), ...rows], rows: rows.length };
}

export const captionOf = (part: { readonly caption?: string }): string =>
  cut(visible(cut(part.caption ?? "", room.caption)), room.caption);
