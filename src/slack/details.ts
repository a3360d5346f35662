import type { types } from "@slack/bolt";
import { chartTable } from "../core/chart.ts";
import type { Details, Part, Reply } from "../core/reply.ts";
import { visible } from "../text/visible.ts";
import { limits, room } from "./limits.ts";
import { pieceOf, preformatted } from "./parts.ts";
import { gridOf, lineBounds, type Table, tableLines } from "./tables.ts";
import { type Content, cut, escaped, type Line, lineLength, plainText, section, shortLines } from "./text.ts";

/** The most messages with details in a thread. Longer details are a file. */
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
  for (const part of parts) {
    if (sizeOf(part) > most) return null;
    const strip = stripOf(part);
    strips.push(strip);
    used += [strip.caption, ...strip.lines].reduce((sum, line) => sum + lineLength(line) + 1, 0);
    if (used > most) return null;
  }
  return strips;
}

/** Measured before strips are made: 100,000 lines would take long, and end in a file. */
const sizeOf = (part: Part): number =>
  part.kind === "code" ? part.lines.reduce((sum, line) => sum + line.length + 1, 0) : 0;

function stripOf(part: Part): Strip {
  const piece = pieceOf([part], () => null, "basic", MOST_CHARACTERS);
  if (piece.kind === "lines") return { kind: "lines", caption: [], lines: piece.lines };
  if (piece.kind === "chart") {
    const table = chartTable(piece.chart);
    return { kind: "lines", caption: [], lines: tableLines(table, gridOf(table, lineBounds)).lines };
  }
  if (piece.kind !== "code") return { kind: "lines", caption: [], lines: [] };
  const caption: Line = piece.caption === "" ? [] : [{ bold: piece.caption }];
  return { kind: "code", caption, lines: piece.lines.map((line) => [line]) };
}

function elementsOf({ caption, kind, lines }: Strip): (types.RichTextSection | types.RichTextPreformatted)[] {
  if (kind === "lines") return [section(lines)];
  return [...(caption.length === 0 ? [] : [section([caption])]), preformatted(lines.map(([line]) => `${line}`))];
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
    for (const line of strip.lines.flatMap((each) => shortLines(each, MESSAGE_CHARACTERS / 2))) {
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
