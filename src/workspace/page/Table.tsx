import { type BlockOf, type Cell, isRawText } from "./blocks.ts";
import { LibraryBlock } from "./LibraryBlock.tsx";

type Columns = BlockOf<"table">["column_settings"];

/** A table block: the first row is the head, as in Slack. Wide ones scroll inside themselves, also with the keyboard. */
export function Table({ block }: { block: BlockOf<"table"> }) {
  const [head, ...rows] = block.rows;
  const label = head?.flatMap((cell) => (isRawText(cell) ? [cell.text] : [])).join(", ") ?? "";
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled with the keyboard
    <section className="table-scroller" tabIndex={0} aria-label={`Table: ${label}`}>
      <table>
        <thead>
          <Row cells={head ?? []} columns={block.column_settings} as="th" />
        </thead>
        <tbody>
          {rows.map((cells, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row of a Slack table is its place
            <Row key={index} cells={cells} columns={block.column_settings} as="td" />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ cells, columns, as: Tag }: { cells: readonly Cell[]; columns: Columns; as: "th" | "td" }) {
  return (
    <tr>
      {cells.map((cell, index) => {
        const column = columns?.[index];
        return (
          <Tag
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell of a Slack table is its place
            key={index}
            className={[column?.align ?? "left", column?.is_wrapped ? "wrapped" : ""].join(" ")}
            {...(Tag === "th" ? { scope: "col" } : {})}
          >
            {isRawText(cell) ? <RawText text={cell.text} /> : <LibraryBlock block={cell} />}
          </Tag>
        );
      })}
    </tr>
  );
}

/** Ids, device names and addresses are compared letter by letter, so they have a fixed-width font. */
const IDENTITY = new RegExp(
  [
    "[0-9a-f]{12,}", // WWID, UUID of a primary storage
    "(?:wwn-|scsi-|dm-uuid-|SHA256:)\\S+",
    "\\w{4,8}(?:-\\w{4}){3,5}-\\w{6,12}", // UUID, also LVM's
    "\\d+(?:[.:]\\d+){3}(?::\\d+)?", // an address, an HCTL
    "\\/\\S+",
  ]
    .map((each) => `^${each}$`)
    .join("|"),
  "i",
);
export const RawText = ({ text }: { text: string }) => (IDENTITY.test(text) ? <code>{text}</code> : text);
