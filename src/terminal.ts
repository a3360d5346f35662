import { styleText } from "node:util";
import { type Part, type Reply, type Text, type Tone, timeText } from "./core/reply.ts";
import { displayWidth, padded, wrapped } from "./display-width.ts";
import { visible, visibleLines } from "./visible.ts";

const marks: Readonly<Record<Tone, string>> = { plain: "", good: "✓ ", warning: "! ", bad: "✗ " };
const colours = { plain: "reset", good: "green", warning: "yellow", bad: "red" } as const;
type Style = Parameters<typeof styleText>[0];
/** Colours a line, or leaves it as it is. */
type Paint = (style: Style, line: string) => string;

/**
 * A reply as lines of at most `width` columns where its values allow. Nothing is left out or cut: a table too wide
 * becomes one paragraph a row. Control characters are shown escaped, so a host's output can't drive the terminal.
 */
export function terminalText(reply: Reply, width: number, colour: boolean): string {
  const paint: Paint = (style, line) => (colour ? styleText(style, line, { validateStream: false }) : line);
  const title = visible(`${marks[reply.tone]}${reply.title}`);
  const blocks = [
    wrapped(title, width).map((line) => paint(["bold", colours[reply.tone]], line)),
    ...reply.parts.map((part) => partLines(part, width, paint)),
    ...(reply.next.length > 0
      ? [["Type next:", ...reply.next.map((line) => paint("cyan", `  ${visible(line)}`))]]
      : []),
    ...(reply.foot === undefined ? [] : [wrapped(visible(reply.foot), width)]),
  ];
  return blocks.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function partLines(part: Part, width: number, paint: Paint): string[] {
  switch (part.kind) {
    case "text": {
      const tone = part.tone ?? "plain";
      const lines = visibleLines(`${marks[tone]}${inlineText(part.text)}`).flatMap((line) => wrapped(line, width));
      return tone === "plain" ? lines : lines.map((line) => paint(colours[tone], line));
    }
    case "fields":
      return fieldLines(part.fields, width, paint);
    case "code":
      return [
        ...captionLines(part.caption, paint),
        ...part.lines.flatMap((line) => visibleLines(line)).map((line) => paint("cyan", `  ${line}`)),
      ];
    case "table":
      return [...captionLines(part.caption, paint), ...tableLines(part.columns, part.rows, width, paint)];
  }
}

/** Code stands in backticks and a person by id: formatting that survives without colour. */
const inlineText = (text: Text): string =>
  typeof text === "string"
    ? text
    : text
        .map((inline) => {
          if (typeof inline === "string") return inline;
          if ("code" in inline) return `\`${inline.code}\``;
          if ("at" in inline) return timeText(inline.at);
          return "bold" in inline ? inline.bold : inline.person;
        })
        .join("");

const captionLines = (caption: string | undefined, paint: Paint): string[] =>
  caption === undefined ? [] : [paint("bold", visible(caption))];

function fieldLines(fields: readonly (readonly [string, Text])[], width: number, paint: Paint): string[] {
  const labels = fields.map(([label]) => `${visible(label)}:`);
  const margin = Math.min(Math.max(0, ...labels.map(displayWidth)) + 1, Math.floor(width / 2));
  return fields.flatMap(([, value], index) => {
    const lines = visibleLines(inlineText(value)).flatMap((line) => wrapped(line, width - margin));
    const label = padded(labels[index] ?? "", margin);
    return lines.map((line, row) => `${row === 0 ? paint("bold", label) : " ".repeat(margin)}${line}`.trimEnd());
  });
}

function tableLines(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  paint: Paint,
): string[] {
  if (rows.length === 0) return ["(none)"];
  const heads = columns.map(visible);
  const cells = rows.map((row) => heads.map((_, column) => visible(row[column] ?? "")));
  const widths = heads.map((head, column) =>
    cells.reduce((widest, row) => Math.max(widest, displayWidth(row[column] ?? "")), displayWidth(head)),
  );
  const total = widths.reduce((sum, each) => sum + each + 2, -2);
  if (total > width) return cells.flatMap((row) => [...recordLines(heads, row, paint), ""]).slice(0, -1);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [paint("bold", line(heads)), ...cells.map(line)];
}

/** One row of a table that is too wide, a line for each cell that holds something. */
function recordLines(heads: readonly string[], row: readonly string[], paint: Paint): string[] {
  const margin = Math.max(0, ...heads.map(displayWidth)) + 2;
  return row.flatMap((cell, column) =>
    cell === "" ? [] : [`${paint("bold", padded(heads[column] ?? "", margin))}${cell}`],
  );
}
