import type { types } from "@slack/bolt";
import type { Part } from "../core/reply.ts";
import { visible } from "../visible.ts";
import { limits } from "./limits.ts";
import { cut } from "./text.ts";

type Table = Extract<Part, { kind: "table" }>;
/** A table as Slack can hold it: the head row first, every row of the same length, no cell empty. */
export interface Grid {
  readonly rows: readonly (readonly string[])[];
  /** Columns that Slack has no place for. */
  readonly columnsLeft: number;
}

/** A cell longer than this is cut: it would push the others out of sight. */
const cellCharacters = 500;
/** A column is wrapped only where its cells are long: a WWID must be read in one piece. */
const wrapFrom = 48;

export function gridOf(table: Table): Grid {
  const shown = Math.min(table.columns.length, limits.tableColumns);
  // Of the others only the number is told: of 10,000 rows each cell would be gone through for nothing.
  const unseen = Array.from({ length: shown }, () => "–");
  const rows = [table.columns, ...(shown === 0 ? [] : table.rows)].map((row, index) =>
    index < limits.tableRows ? unseen.map((_, column) => filled(visible(row[column] ?? ""))) : unseen,
  );
  return { rows, columnsLeft: table.columns.length - shown };
}

/** Slack refuses empty cells. */
const filled = (cell: string): string => (cell.trim() === "" ? "–" : cell);

export const gridCharacters = (grid: Grid): number => grid.rows.reduce((sum, row) => sum + rowCharacters(row), 0);
const rowCharacters = (row: readonly string[]): number => row.reduce((sum, cell) => sum + cell.length, 0);

interface Fitted {
  /** null where not even one row under its head fits. */
  readonly block: types.TableBlock | null;
  readonly rowsLeft: number;
  /** Whether a cell or a column is not whole. */
  readonly cut: boolean;
}

/** As many rows as fit into `characters`. */
export function tableBlock(grid: Grid, characters: number): Fitted {
  let used = 0;
  const kept = grid.rows.slice(0, limits.tableRows).map((row) => row.map((cell) => cut(cell, cellCharacters)));
  const end = kept.findIndex((row) => {
    used += rowCharacters(row);
    return used > characters;
  });
  const rows = end === -1 ? kept : kept.slice(0, end);
  const total = grid.rows.length - 1;
  const isCut = grid.columnsLeft > 0 || grid.rows.some((row) => row.some((cell) => cell.length > cellCharacters));
  if (rows.length < 2) return { block: null, rowsLeft: total, cut: isCut };
  const block: types.TableBlock = {
    type: "table",
    rows: rows.map((row) => row.map((text) => ({ type: "raw_text", text }))),
    column_settings: (rows[0] ?? []).map((_, column) => ({
      align: "left",
      is_wrapped: rows.some((row) => (row[column] ?? "").length > wrapFrom),
    })),
  };
  return { block, rowsLeft: total - (rows.length - 1), cut: isCut };
}
