import type { Part, Reply, Text } from "./reply.ts";

/** Nobody reads more rows. A command with a narrower argument shows the others. */
const MOST_ROWS = 5_000;

/**
 * Limits the rows of an answer and says how many are left out. An answer of 100,000 rows would take seconds to render.
 * `narrower`: the command that shows fewer rows.
 */
export function limitRows(reply: Reply, narrower: string | null): Reply {
  let left = 0;
  const parts = reply.parts.map((part): Part => {
    const length = part.kind === "table" ? part.rows.length : part.kind === "code" ? part.lines.length : 0;
    if (length <= MOST_ROWS) return part;
    left += length - MOST_ROWS;
    return part.kind === "table"
      ? { ...part, rows: part.rows.slice(0, MOST_ROWS) }
      : part.kind === "code"
        ? { ...part, lines: part.lines.slice(0, MOST_ROWS) }
        : part;
  });
  if (left === 0) return reply;
  const text: Text = [
    `${left} more rows are left out, also in the file.`,
    ...(narrower === null
      ? []
      : [" To see them, run ", { code: narrower }, narrower.startsWith("/") ? "." : " on a host."]),
  ];
  return { ...reply, parts: [{ kind: "text", text, tone: "warning" }, ...parts] };
}
