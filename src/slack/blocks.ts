import type { types } from "@slack/bolt";
import { counted } from "../core/counted.ts";
import { CHARACTERS, SliceLimit, type Slices } from "../core/parts.ts";
import type { Reply, Tone } from "../core/reply.ts";
import type { Message } from "../flow/ports.ts";
import { makingTerminalText } from "../text/plain-text.ts";
import { visible } from "../text/visible.ts";
import { decisionBlock, isRecordWhole, nextStepsOf, recordBlocks } from "./buttons.ts";
import { withChartsInWords } from "./charts.ts";
import { CONTAINER_OVERHEAD, detailsContainer, detailsMessages, tablesOf } from "./details.ts";
import { type Kinds, limits, room } from "./limits.ts";
import { firstOf, notificationOf } from "./notification.ts";
import {
  allOf,
  charactersOf,
  type LinesPiece,
  marks,
  nothingOmitted,
  type Omitted,
  omittedText,
  overheadOf,
  type Piece,
  piecesOf,
  rendered,
} from "./parts.ts";
import {
  captionOf,
  comparedOf,
  type Grid,
  gridOf,
  headOf,
  isLong,
  lineBounds,
  type Table,
  tableLines,
} from "./tables.ts";
import { type Content, cut, escaped, type Line, plainText } from "./text.ts";

export interface SlackMessage extends Content {
  /** Further tables: a message takes one. Each is posted in the thread, before the file and the buttons. */
  readonly following: readonly Content[];
  /** The whole reply, for a file, if it does not fit into the blocks. */
  readonly overflow: File | null;
  /** Whether this is the smallest form of the message. */
  readonly least: boolean;
}

/** The text is made only for the upload: for a long reply that takes time. */
interface File {
  readonly name: string;
  readonly reply: Reply;
}

/** `lost`: why the file could not be uploaded. */
interface Form {
  readonly lost?: string | null;
  readonly kinds?: Kinds;
}

/** A reply of any size within Slack's limits. `attaching`: whether more can follow in the thread and as a file. */
export function messageOf(
  message: Message,
  attaching: boolean,
  { lost = null, kinds = "all" }: Form = {},
): SlackMessage {
  const { reply: whole, buttons } = message;
  const next = nextStepsOf(message);
  const details = placed(whole, next.characters, attaching, kinds);
  const { reply } = details;
  const { pieces: all, following } = arranged(reply, attaching, kinds);
  const begun = all.slice(0, piecesWithRoom(all));
  const shares = sharesOf(begun, details.characters + next.characters);
  const where = attaching && lost === null ? " in the file" : "";
  const shown = begun.map((piece, index) => rendered(piece, shares[index] ?? 0, where));
  const follow = [...following, ...details.tables].map((table) => followingOf(reply, table, where));
  const isWhole =
    !details.isInFile &&
    isUncut(reply) &&
    begun.length === all.length &&
    [...shown, ...follow].every(({ left }) => omittedText(left) === "");
  const overflow = isWhole && next.left === 0 ? null : fileOf(whole);
  const unseen = [omittedText(sumOf(all.slice(begun.length).map(allOf))), commandsLeft(next.left)];
  const blocks: types.KnownBlock[] = [
    { type: "header", text: plainText(headerOf(reply)) },
    ...shown.flatMap((each) => each.blocks),
    ...details.blocks,
    ...next.blocks,
    ...(overflow === null ? [] : [noteOf(overflow, unseen, attaching, lost)]),
    ...(buttons === undefined ? [] : [decisionBlock(buttons)]),
    ...recordBlocks(reply),
  ];
  return {
    text: notificationOf(reply),
    blocks,
    following: [...follow.map(({ content }) => content), ...details.following],
    overflow,
    least: false,
  };
}

interface Arranged {
  readonly pieces: readonly Piece[];
  /** Tables that are too long for lines: each is a message of its own, in the thread. */
  readonly following: readonly Table[];
}

/**
 * A message takes one table: the one that people compare. The others become lines. If they are long and there is a
 * thread, they follow there.
 */
function arranged({ parts, tone }: Pick<Reply, "parts" | "tone">, canFollow: boolean, kinds: Kinds): Arranged {
  const worded = withChartsInWords(parts, kinds);
  const compared = comparedOf(worded.filter((part) => part.kind === "table"));
  const following: Table[] = [];
  const asLines = (table: Table): LinesPiece | null => {
    if (table === compared) return null;
    const grid = gridOf(table, lineBounds);
    if (canFollow && isLong(grid)) {
      following.push(table);
      const line = [{ bold: headOf(table) }, ` ${counted(table.rows.length, "row")}, in the thread`];
      return { kind: "lines", lines: [line], omittedLines: 0, rows: 0 };
    }
    return linesOfTable(table, grid);
  };
  return { pieces: markedAs(tone, piecesOf(worded, asLines, kinds)), following };
}

/** The reply's tone before its first words. If they are a list, before each of its lines. */
function markedAs(tone: Tone, pieces: readonly Piece[]): readonly Piece[] {
  const [first, ...others] = pieces;
  if (tone === "plain" || first?.kind !== "lines") return pieces;
  const [line = [], ...lines] = first.lines;
  const isMarked = Object.values(marks).some((mark) => mark !== "" && line[0] === mark);
  if (isMarked) return pieces;
  const listed = first.lines.findIndex((each) => !isListed(each));
  const count = listed === -1 ? first.lines.length : listed;
  const marked: readonly Line[] =
    count === 0
      ? [[marks[tone], ...line], ...lines]
      : first.lines.map((each, index) => (index < count ? [marks[tone], ...withoutBullet(each)] : each));
  return [{ ...first, lines: marked }, ...others];
}

/** Each line of a list has one mark: the tone takes the place of the bullet. */
const BULLET = "• ";
const isListed = ([start]: Line): boolean => typeof start === "string" && start.startsWith(BULLET);
const withoutBullet = ([start = "", ...others]: Line): Line =>
  typeof start === "string" ? [start.slice(BULLET.length), ...others] : [start, ...others];

/** A table as lines, every column and every cell of it. */
function linesOfTable(table: Table, grid: Grid): LinesPiece {
  const { lines, rows } = tableLines(table, grid);
  return { kind: "lines", lines, omittedLines: grid.total - rows, rows: grid.total };
}

interface Placed {
  /** The reply without the parts that are placed elsewhere. */
  readonly reply: Reply;
  readonly blocks: readonly types.KnownBlock[];
  /** The characters that the blocks take of the room for parts. */
  readonly characters: number;
  readonly following: readonly Content[];
  readonly tables: readonly Table[];
  readonly isInFile: boolean;
}

/**
 * Details are in a collapsed block of the message if they fit there. Otherwise they are in its thread, or else in its
 * file. Without a thread they are parts of the message.
 */
function placed(reply: Reply, taken: number, attaching: boolean, kinds: Kinds): Placed {
  const { details } = reply;
  const nowhere = { reply, blocks: [], characters: 0, following: [], tables: [], isInFile: false };
  if (details === undefined || details.parts.length === 0) return nowhere;
  const spare = spareRoom(reply);
  const left = room.parts + spare - taken - neededBy(reply, attaching, kinds) - CONTAINER_OVERHEAD;
  const container = kinds === "all" && left > 0 ? detailsContainer(details, left) : null;
  if (container !== null) {
    const characters = Math.max(0, CONTAINER_OVERHEAD + charactersIn(container) - spare);
    return { ...nowhere, blocks: [container], characters };
  }
  if (!attaching) return { ...nowhere, reply: { ...reply, parts: [...reply.parts, ...details.parts] } };
  const tables = tablesOf(details);
  const following = detailsMessages({ title: reply.title, details });
  const where = following === null ? "in the file" : "in the thread";
  const pointer = pointerTo(`${details.title}: ${where}.`);
  const characters = room.perBlock + details.title.length + where.length + 3;
  return following === null
    ? { ...nowhere, blocks: [pointer], characters, isInFile: true }
    : { ...nowhere, blocks: [pointer], characters, following, tables };
}

/** The characters that are kept for lines that this reply does not have. */
const spareRoom = ({ next, foot, asked }: Reply): number =>
  (next.length === 0 ? room.next : 0) + (foot === undefined ? room.foot : 0) + (asked === undefined ? room.asked : 0);

const pointerTo = (words: string): types.KnownBlock => ({
  type: "context",
  elements: [plainText(cut(visible(words), room.caption))],
});

/** The characters that all parts of a reply take. */
function neededBy(reply: Reply, attaching: boolean, kinds: Kinds): number {
  const { pieces } = arranged(reply, attaching, kinds);
  return pieces.reduce((sum, piece) => sum + overheadOf(piece) + charactersOf(piece), 0);
}

/** The characters of all texts in a value. */
function charactersIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, inner]) => sum + (key === "text" && typeof inner === "string" ? inner.length : charactersIn(inner)),
    0,
  );
}

/** Whether nothing that has one line of its own is cut. */
const isUncut = ({ title, foot = "", record, parts }: Reply): boolean =>
  isRecordWhole(record === undefined ? {} : { record }) &&
  fits(title, limits.headerCharacters) &&
  fits(foot, room.foot) &&
  parts.every((part) => !("caption" in part) || fits(part.caption ?? "", room.caption));

const fits = (text: string, most: number): boolean => visible(cut(text, most + 1)).length <= most;

const sumOf = (all: readonly Omitted[]): Omitted =>
  all.reduce(
    (sum, each) => ({
      rows: sum.rows + each.rows,
      columns: sum.columns + each.columns,
      cells: sum.cells + each.cells,
      lines: sum.lines + each.lines,
    }),
    nothingOmitted,
  );

const commandsLeft = (count: number): string => (count === 0 ? "" : counted(count, "more command"));

/** A table in the thread, with its caption and the title of its reply. */
function followingOf(reply: Reply, table: Table, where: string): { readonly content: Content; readonly left: Omitted } {
  const caption = captionOf(table) || captionOf({ caption: table.columns[0] ?? "" });
  const { blocks, left } = rendered({ kind: "table", caption, grid: gridOf(table) }, limits.tableCharacters, where);
  return {
    content: {
      text: firstOf(`${caption}: ${counted(table.rows.length, "row")} (${reply.title})`),
      blocks: [...blocks],
    },
    left,
  };
}

/** For a reply with blocks that Slack refuses: its title and its buttons. Everything else is in the file. */
export function leastMessageOf({ reply, buttons }: Message, lost: string | null = null): SlackMessage {
  const overflow = fileOf(reply);
  const header = { type: "header" as const, text: plainText(headerOf(reply)) };
  const more = [...(buttons === undefined ? [] : [decisionBlock(buttons)]), ...recordBlocks(reply)];
  const blocks = [header, noteOf(overflow, [], true, lost), ...more];
  return { text: notificationOf(reply), blocks, following: [], overflow, least: true };
}

/** The whole reply as a file, if a part of it could not be posted otherwise. */
export const fileOf = (reply: Reply): File => ({ name: fileName(reply.title), reply });

export const makingFileText = ({ reply }: File): Slices<string> => makingTerminalText(reply, fileWidth, false);

/**
 * If files can't be uploaded: the whole reply as aligned text, in up to `most` messages. `rest`: where the remaining
 * lines are; added only if there are any.
 */
export function* makingTexts(reply: Reply, most: number, rest: string = allOfIt(reply)): Slices<string[]> {
  const texts: string[][] = [[]];
  let used = 0;
  let left = 0;
  const pace = new SliceLimit(CHARACTERS);
  for (const line of (yield* makingTerminalText(reply, textWidth, false)).trimEnd().split("\n")) {
    if (pace.isOver(line.length)) yield;
    if (left > 0) {
      left += 1;
      continue;
    }
    for (const short of shortLines(line)) {
      const length = escaped(short).length + 1;
      if (used + length > room.wholeText) {
        if (texts.length === most) {
          left = 1;
          break;
        }
        texts.push([]);
        used = 0;
      }
      texts.at(-1)?.push(short);
      used += length;
    }
  }
  return texts.map((lines, index) => {
    const note = left > 0 && index === texts.length - 1 ? `\n…and ${counted(left, "more line")}.${rest}` : "";
    return `\`\`\`\n${escaped(lines.join("\n"))}\n\`\`\`${escaped(note)}`;
  });
}

/**
 * Pieces of a long line: each fits, even after its characters are escaped. Three backticks would end the aligned
 * text.
 */
const shortLines = (line: string): string[] =>
  line === "" ? [""] : (line.replaceAll(/`(?=`)/g, "` ").match(/[\s\S]{1,350}/gu) ?? []);

/** Columns of aligned text in a message: a phone wraps longer lines. */
const textWidth = 72;

/** Columns of the file. A matrix of hosts is wide, but people don't like to scroll sideways. */
const fileWidth = 200;

/** Without the tone's mark, as Slack recommends for headers. The mark is before the first words. */
const headerOf = (reply: Reply): string =>
  cut(visible(cut(reply.title, room.notification)).trim() || "–", limits.headerCharacters);

/** How many pieces can be begun. Their contents share the characters that are left. */
function piecesWithRoom(pieces: readonly Piece[]): number {
  let overhead = 0;
  const end = pieces.findIndex((piece) => {
    overhead += overheadOf(piece);
    return overhead > room.overhead;
  });
  return end === -1 ? pieces.length : end;
}

/** `taken`: the characters of the other blocks in the message. */
function sharesOf(pieces: readonly Piece[], taken: number): number[] {
  const overhead = pieces.reduce((sum, piece) => sum + overheadOf(piece), 0);
  const needs = pieces.map(charactersOf);
  const shares = fairShares(needs, room.parts - overhead - taken);
  return shares.map((share, index) =>
    pieces[index]?.kind === "table" ? Math.min(share, limits.tableCharacters) : share,
  );
}

/**
 * Divides `total` among several needs. A small need is met completely; the large ones get the same share each. So a
 * long table never hides the warning after it.
 */
export function fairShares(needs: readonly number[], total: number): number[] {
  const shares = needs.map(() => 0);
  const order = needs.map((need, index) => ({ need, index })).sort((one, other) => one.need - other.need);
  let left = total;
  for (const [place, { need, index }] of order.entries()) {
    const share = Math.min(need, Math.floor(left / (order.length - place)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}

/** `unseen`: counts of what is not in the message. */
function noteOf(
  { name, reply }: File,
  unseen: readonly string[],
  attaching: boolean,
  lost: string | null,
): types.KnownBlock {
  const counts = unseen.filter((each) => each !== "").join(", ");
  const short = counts === "" ? "Shortened." : `Shortened: ${counts}.`;
  const file =
    lost === null ? ` Everything is in the file ${name} in the thread.` : ` More of it is in the thread.${lost}`;
  return { type: "context", elements: [plainText(`${short}${attaching ? file : allOfIt(reply)}`)] };
}

/**
 * If there is no file: which command shows everything, and in which channel. A command is never cut: a person may
 * type it.
 */
function allOfIt({ asked }: Reply): string {
  if (asked === undefined) return "";
  const words = fits(asked, room.asked) ? `/zstack ${visible(asked)}` : "the same command";
  return ` To see everything, send ${words} in a channel where the bot is a member.`;
}

/** `Multipath status of cluster-1` → `multipath-status-of-cluster-1.txt` */
const fileName = (title: string): string =>
  `${
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, 60)
      .replace(/^-|-$/g, "") || "reply"
  }.txt`;
