import type { types } from "@slack/bolt";
import type { Details, Inline, Part, Reply } from "../core/reply.ts";
import { visible, visibleLines } from "../text/visible.ts";
import type { Content } from "./content.ts";
import { limits, room } from "./limits.ts";
import { captionOf, marks, taskLines } from "./pieces.ts";
import type { Table } from "./table.ts";
import { cut, escaped, type Line, lineLength, linesOf, pieces, plainText, section } from "./text.ts";

/** So many messages with details are posted in a thread. Longer details are a file. */
const MOST_MESSAGES = 5;
/** Characters of text in one of these messages, without its title. */
const MESSAGE_CHARACTERS = 9_000;
const MOST_CHARACTERS = MOST_MESSAGES * MESSAGE_CHARACTERS;

/** Lines of text, or lines of code under their caption. Never cut. */
interface Strip {
  readonly caption: Line;
  readonly kind: "lines" | "code";
  readonly lines: readonly Line[];
}

/** The details as one collapsed block; null if they have a table, or more than `characters`. */
export function detailsContainer(details: Details, characters: number): types.KnownBlock | null {
  if (details.parts.some(({ kind }) => kind === "table")) return null;
  const strips = stripsOf(details.parts, characters);
  if (strips === null || strips.length === 0) return null;
  const title = plainText(titleOf(details));
  const child: types.RichTextBlock = { type: "rich_text", elements: strips.flatMap(elementsOf) };
  return { type: "container", title, is_collapsible: true, default_collapsed: true, child_blocks: [child] };
}

/** The characters that the block takes without its content: two blocks and a title. */
export const CONTAINER_OVERHEAD = 2 * room.perBlock + limits.containerTitleCharacters;

/** The details without their tables, as messages in the thread; null if they are too many. */
export function detailsMessages({ title, details }: Pick<Reply, "title"> & { details: Details }): Content[] | null {
  const parts = details.parts.filter(({ kind }) => kind !== "table");
  const strips = stripsOf(parts, MOST_CHARACTERS);
  if (strips === null) return null;
  const messages = strips.length === 0 ? [] : paged(strips);
  if (messages.length > MOST_MESSAGES) return null;
  return messages.map((message, index) => {
    const count = messages.length === 1 ? "" : ` (${index + 1} of ${messages.length})`;
    const head = `${titleOf(details)}${count}`;
    const heading: types.RichTextBlock = { type: "rich_text", elements: [section([[{ bold: head }]])] };
    return {
      text: escaped(`${head}: ${cut(visible(title), limits.headerCharacters)}`),
      blocks: [heading, { type: "rich_text", elements: message.flatMap(elementsOf) }],
    };
  });
}

const titleOf = ({ title }: Details): string =>
  cut(visible(cut(title, limits.containerTitleCharacters)).trim() || "Details", limits.containerTitleCharacters);

export const tablesOf = ({ parts }: Details): Table[] => parts.filter((part) => part.kind === "table");

/** null: the parts have more characters than `most`. */
function stripsOf(parts: readonly Part[], most: number): Strip[] | null {
  const strips: Strip[] = [];
  let used = 0;
  const add = (strip: Strip): boolean => {
    strips.push(strip);
    used += [strip.caption, ...strip.lines].reduce((sum, line) => sum + lineLength(line) + 1, 0);
    return used <= most;
  };
  for (const part of parts) {
    if (sizeOf(part) > most) return null;
    for (const strip of stripsIn(part)) if (!add(strip)) return null;
  }
  return strips;
}

/** Measured before strips are made: 100,000 lines would take long, and end in a file. */
const sizeOf = (part: Part): number =>
  part.kind === "code" ? part.lines.reduce((sum, line) => sum + line.length + 1, 0) : 0;

function stripsIn(part: Part): Strip[] {
  switch (part.kind) {
    case "code": {
      const lines = part.lines.flatMap((line) => line.split(/\r?\n/)).flatMap(visibleLines);
      const caption = captionOf(part);
      const code: Line[] = lines.map((line) => [line]);
      return [{ caption: caption === "" ? [] : [{ bold: caption }], kind: "code", lines: code }];
    }
    case "fields":
      return [
        {
          ...{ caption: [], kind: "lines" },
          lines: part.fields.flatMap(([label, value]) => prefixed([{ bold: `${visible(label)}: ` }], linesIn(value))),
        },
      ];
    case "text": {
      const mark = marks[part.tone ?? "plain"];
      return [{ caption: [], kind: "lines", lines: prefixed(mark === "" ? [] : [mark], linesIn(part.text)) }];
    }
    case "tasks": {
      const lines = taskLines(part).flatMap(([before, text]) => prefixed(before === "" ? [] : [before], linesIn(text)));
      return [{ caption: [], kind: "lines", lines }];
    }
    case "table":
      return [];
  }
}

const linesIn = (text: Parameters<typeof linesOf>[0]): readonly Line[] => linesOf(text, MOST_CHARACTERS).lines;

const prefixed = (before: readonly Inline[], [first = [], ...others]: readonly Line[]): Line[] => [
  [...before, ...first],
  ...others,
];

function elementsOf({ caption, kind, lines }: Strip): (types.RichTextSection | types.RichTextPreformatted)[] {
  if (kind === "lines") return [section(caption.length === 0 ? lines : [caption, ...lines])];
  const joined = lines.map(([line]) => line).join("\n");
  const text = joined.trim() === "" ? "(empty)" : joined;
  const code: types.RichTextPreformatted = {
    type: "rich_text_preformatted",
    elements: pieces(text).map((each) => ({ type: "text", text: each })),
  };
  return [...(caption.length === 0 ? [] : [section([caption])]), code];
}

/** As many messages as needed. A strip that is too long for one continues in the next, under its caption. */
function paged(strips: readonly Strip[]): Strip[][] {
  const messages: Strip[][] = [[]];
  let used = 0;
  for (const strip of strips) {
    const caption = lineLength(strip.caption) + 1;
    let open: Line[] = [];
    const close = () => {
      if (open.length > 0) messages.at(-1)?.push({ ...strip, lines: open });
      open = [];
    };
    used += caption;
    for (const line of strip.lines.flatMap((each) => shortLines(each))) {
      const length = lineLength(line) + 1;
      if (used + length > MESSAGE_CHARACTERS) {
        close();
        messages.push([]);
        used = caption;
      }
      open.push(line);
      used += length;
    }
    close();
  }
  return messages.filter((message) => message.length > 0);
}

/** A line that is longer than half a message is split. */
const shortLines = (line: Line): Line[] =>
  lineLength(line) < MESSAGE_CHARACTERS / 2
    ? [line]
    : line.flatMap((inline) => piecesOf(inline).map((piece) => [piece]));

function piecesOf(inline: Inline): Inline[] {
  if (typeof inline === "string") return pieces(inline);
  if ("code" in inline) return pieces(inline.code).map((code) => ({ code }));
  return "bold" in inline ? pieces(inline.bold).map((bold) => ({ bold })) : [inline];
}
