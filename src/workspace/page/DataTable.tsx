import { useState } from "react";
import { type BlockOf, type Cell, isRawText } from "./blocks.ts";
import { RawText } from "./Table.tsx";

type Block = BlockOf<"data_table">;
interface Order {
  readonly column: number;
  readonly isDescending: boolean;
}

const textOf = (cell: Cell): string => (isRawText(cell) ? cell.text : "");
const sortValue = (cell: Cell): number | string => (isRawText(cell) ? (cell.value ?? cell.text) : "");

/** A table that its reader sorts, filters and pages, as in Slack. */
export function DataTable({ block }: { block: Block }) {
  const [order, setOrder] = useState<Order | null>(null);
  const [filter, setFilter] = useState("");
  const [page, setPage] = useState(0);
  const [head = [], ...rows] = block.rows;
  const size = block.page_size ?? 5;
  const found = rows.filter((row) => row.some((cell) => textOf(cell).toLowerCase().includes(filter.toLowerCase())));
  const sorted = order === null ? found : found.toSorted((one, other) => compared(one, other, order));
  const pages = Math.max(1, Math.ceil(sorted.length / size));
  const shownPage = Math.min(page, pages - 1);
  const shown = sorted.slice(shownPage * size, (shownPage + 1) * size);
  const sort = (column: number) =>
    setOrder({ column, isDescending: order?.column === column ? !order.isDescending : false });
  return (
    <div className="data-table">
      <div className="data-table-head">
        <strong>{block.caption}</strong>
        {rows.length > size ? (
          <input
            type="search"
            aria-label={`Filter ${block.caption}`}
            placeholder="Filter"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
        ) : null}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled with the keyboard */}
      <section className="table-scroller" tabIndex={0} aria-label={`Table: ${block.caption}`}>
        <table>
          <thead>
            <tr>
              {head.map((cell, column) => (
                <th
                  // biome-ignore lint/suspicious/noArrayIndexKey: a cell of a Slack table is its place
                  key={column}
                  scope="col"
                  aria-sort={order?.column !== column ? "none" : order.isDescending ? "descending" : "ascending"}
                >
                  <button type="button" onClick={() => sort(column)}>
                    {textOf(cell)}
                    {order?.column === column ? (order.isDescending ? " ↓" : " ↑") : ""}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((cells, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row of a Slack table is its place
              <tr key={row}>
                {cells.map((cell, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a cell of a Slack table is its place
                  <td key={column} className={textOf(cell).length > 48 ? "wrapped" : ""}>
                    <RawText text={textOf(cell)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {pages > 1 ? (
        <div className="data-table-pages">
          <button type="button" disabled={shownPage === 0} onClick={() => setPage(shownPage - 1)}>
            Previous
          </button>
          <span>
            {shownPage + 1} of {pages}
          </span>
          <button type="button" disabled={shownPage === pages - 1} onClick={() => setPage(shownPage + 1)}>
            Next
          </button>
        </div>
      ) : null}
    </div>
  );
}

function compared(one: readonly Cell[], other: readonly Cell[], { column, isDescending }: Order): number {
  const [left, right] = [one[column], other[column]].map((cell) => (cell === undefined ? "" : sortValue(cell)));
  const sign = isDescending ? -1 : 1;
  if (typeof left === "number" && typeof right === "number") return sign * (left - right);
  return sign * String(left).localeCompare(String(right), undefined, { numeric: true });
}
