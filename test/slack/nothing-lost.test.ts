import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runToEnd } from "../../src/core/parts.ts";
import { cellText, type Part, type Reply } from "../../src/core/reply.ts";
import { makingFileText, makingTexts, messageOf } from "../../src/slack/blocks.ts";
import { visible } from "../../src/text/visible.ts";
import { runsOf } from "../scenario/rows.ts";
import { shownMessage, textIn, wordsIn } from "./slack-limits.ts";

/** Each cell is in the message. Or it is counted there, and is in the file or in the following texts. */

type Table = Extract<Part, { kind: "table" }>;

/** The content of a cell between its beginning and its end; blank cells have neither. */
const filling = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("", "36b083fe", "running", "host1, host2") },
  {
    weight: 1,
    arbitrary: fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.replace(/[`&<>\r\n«»]/g, "")),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom("x", "好", "\u202e", "ab "), fc.nat(900)).map(([unit, n]) => unit.repeat(n)),
  },
  { weight: 1, arbitrary: fc.constant(null) },
);
const shape = fc.record({
  named: fc.nat(30),
  lengths: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
  rows: fc.oneof(fc.nat(12), fc.nat(260)),
  fillings: fc.array(filling, { minLength: 1, maxLength: 9 }),
  compared: fc.boolean(),
});

/** Every cell contains its position: `«2.17.3:running»`. The first cell of a row is never blank. */
const cellOf = (table: number, row: number, column: number, fill: string | null): string =>
  fill === null && column > 0 ? "" : `«${table}.${row}.${column}:${fill ?? ""}»`;

const tables = fc.array(shape, { minLength: 1, maxLength: 4 }).map((shapes) =>
  shapes.map(
    ({ named, lengths, rows, fillings, compared }, table): Table => ({
      kind: "table",
      caption: `caption${table}`,
      columns: Array.from({ length: named }, (_, column) => `c${column}`),
      rows: Array.from({ length: rows }, (_, row) =>
        Array.from({ length: lengths[row % lengths.length] ?? 1 }, (_, column) =>
          cellOf(table, row, column, fillings[(row * 7 + column) % fillings.length] ?? null),
        ),
      ),
      ...(compared ? { compared: true as const } : {}),
    }),
  ),
);
const others = fc.array(
  fc.oneof(
    fc.nat(3_000).map((n): Part => ({ kind: "text", text: "word ".repeat(n) })),
    fc.nat(400).map((n): Part => ({ kind: "code", lines: Array.from({ length: n }, () => "multipath -ll") })),
    fc.constant<Part>({ kind: "fields", fields: [["state", "Enabled"]] }),
  ),
  { maxLength: 50 },
);
const replies = fc.tuple(tables, others, others).map(
  ([some, before, after]): Reply => ({
    title: "LUNs of cluster-1",
    tone: "plain",
    parts: [...before, ...some, ...after],
    next: [],
    asked: "lun list cluster-1",
  }),
);

interface Block {
  readonly type: string;
  readonly rows?: readonly (readonly unknown[])[];
}

/** What all blocks of a message, and of those that follow it, show and count. */
function readOf(contents: readonly { readonly blocks: readonly object[] }[]) {
  const blocks = contents.flatMap((each) => each.blocks) as readonly Block[];
  const text = blocks.map((block) => wordsIn(block).join("")).join("\n");
  const counted = (pattern: RegExp) => [...text.matchAll(pattern)].reduce((sum, [, count]) => sum + Number(count), 0);
  return {
    text,
    shown: cellsIn(text),
    grids: blocks.flatMap((block) => (/table$/.test(block.type) ? [block.rows ?? []] : [])),
    rows: counted(/(\d+) more rows?/g),
    columns: counted(/(\d+) more columns?/g),
    cells: counted(/the rest of (\d+) cells?/g),
  };
}
type Read = ReturnType<typeof readOf>;

/** The cells that are complete in a text. */
const cellsIn = (text: string): Set<string> => new Set(text.match(/«\d+\.\d+\.\d+:[^«»]*»/g));

const isShown = (cell: string, { shown }: Read): boolean => cell === "" || shown.has(visible(cell));

/** If a table is shown as lines, a complete row has all its cells, also the blank ones at its end. */
function isWholeLine(row: readonly string[], { columns }: Table, width: number, read: Read): boolean {
  if (row.some((cell) => !isShown(cell, read))) return false;
  const last = row.findLastIndex((cell) => cell !== "");
  const blanks = Array.from({ length: width - 1 - last }, (_, index) => columns[last + 1 + index] ?? "–");
  const ends = [blanks.map(() => "–"), blanks.map((head) => `${head} –`)];
  const whole = ends.map((end) => [visible(row[last] ?? ""), ...end].join(" · "));
  // The first cell is the row's name.
  return whole.some((end) => read.text.includes(last === 0 ? end.replace(" · ", ": ") : end));
}

/** How many rows, columns and cells of a table are not shown, in the form in which the table is shown. */
function missingOf(table: Table, number: number, read: Read) {
  const grid = read.grids.find((rows) => wordsIn(rows).some((word) => word.startsWith(`«${number}.`)));
  const width = Math.max(table.columns.length, ...table.rows.map((row) => row.length));
  if (grid === undefined) {
    const rows = table.rows.filter((row) => !isWholeLine(row.map(cellText), table, width, read));
    return { rows: rows.length, columns: 0, cells: 0 };
  }
  const shown = grid[0]?.length ?? 0;
  const kept = table.rows.slice(0, grid.length - 1);
  const cells = kept.flatMap((row) => row.slice(0, shown).map(cellText)).filter((cell) => !isShown(cell, read));
  return { rows: table.rows.length - kept.length, columns: width - shown, cells: cells.length };
}

/** Everything that is missing is counted, and nothing else. */
function expectCounted(reply: Reply, read: Read): void {
  const missing = reply.parts
    .filter((part) => part.kind === "table")
    .map((table, number) => missingOf(table, number, read));
  const sum = (what: "rows" | "columns" | "cells") => missing.reduce((all, each) => all + each[what], 0);
  expect({ rows: read.rows, columns: read.columns, cells: read.cells }).toEqual({
    rows: sum("rows"),
    columns: sum("columns"),
    cells: sum("cells"),
  });
}

const cellsOf = (reply: Reply): string[] =>
  reply.parts
    .flatMap((part) => (part.kind === "table" ? part.rows.flat().map(cellText) : []))
    .filter((cell) => cell !== "");

describe("of any tables", () => {
  it("each cell is in the message or its thread, or is counted there and is in the file", () => {
    fc.assert(
      fc.property(replies, (reply) => {
        const message = messageOf({ reply }, true);
        shownMessage.parse(message);
        const read = readOf([message, ...message.following]);
        expectCounted(reply, read);
        const missing = cellsOf(reply).filter((cell) => !isShown(cell, read));
        const file = cellsIn(message.overflow === null ? "" : runToEnd(makingFileText(message.overflow)));
        expect(missing.filter((cell) => !file.has(visible(cell)))).toEqual([]);
      }),
      { numRuns: runsOf(60) },
    );
  });

  it("each cell is in the ephemeral message, or is counted there with the command that shows it", () => {
    fc.assert(
      fc.property(replies, (reply) => {
        const message = messageOf({ reply }, false);
        expect(shownMessage.parse(message).following).toEqual([]);
        expect(textIn(message.blocks)).toBeLessThan(13_000);
        const read = readOf([message]);
        expectCounted(reply, read);
        const missing = cellsOf(reply).filter((cell) => !isShown(cell, read));
        if (missing.length === 0) return;
        const where = "To see everything, send /zstack lun list cluster-1 in a channel where the bot is a member.";
        expect(read.text).toContain(where);
        const texts = runToEnd(makingTexts(reply, 4));
        const shown = cellsIn(texts.map((text) => text.split("\n").slice(1, -1).join("")).join(""));
        const lost = missing.filter((cell) => !shown.has(visible(cell)));
        if (lost.length > 0)
          expect(texts.at(-1)).toMatch(/…and \d+ more lines?\. To see everything, send \/zstack lun/);
      }),
      { numRuns: runsOf(60) },
    );
  });
});
