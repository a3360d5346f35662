import type { types } from "@slack/bolt";
import { type Inline, momentText, type Text } from "../core/reply.ts";
import { visible, visibleLines } from "../text/visible.ts";

/** What one message is made of. */
export interface Content {
  /** What notifications and screen readers say; escaped, since Slack reads it as mrkdwn. */
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}

/** At most `limit` characters. A cut is marked, and never splits a surrogate pair. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, Math.max(0, limit - 1)).replace(/[\ud800-\udbff]$/, "")}…`;
}

/**
 * Only for the places that Slack reads as mrkdwn. With these three escaped, no value can mention a person or make a
 * link.
 */
export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

export const plainText = (text: string): types.PlainTextElement => ({ type: "plain_text", text, emoji: false });

/** One line of inline text, with all its characters visible. */
export type Line = readonly Inline[];

/** The lines that may be shown, and the number of those that follow. */
export interface Lines {
  readonly lines: readonly Line[];
  readonly omittedLines: number;
}

/** The text as lines. After `most` characters the lines are only counted. */
export function linesOf(text: Text, most: number): Lines {
  const lines: Inline[][] = [[]];
  let used = 0;
  let omittedLines = 0;
  const add = (inline: Inline) => {
    lines.at(-1)?.push(inline);
    used += contentOf(inline).length;
  };
  for (const inline of typeof text === "string" ? [text] : text) {
    for (const [index, content] of rawLines(inline).entries()) {
      if (used > most) {
        if (index > 0) omittedLines += 1;
        continue;
      }
      if (index > 0) {
        lines.push([]);
        used += 1;
      }
      add(shownAs(inline, content, most));
    }
  }
  return { lines, omittedLines };
}

/** A person and a time never contain a line break. */
const rawLines = (inline: Inline): string[] =>
  typeof inline === "object" && ("person" in inline || "at" in inline || "group" in inline)
    ? [contentOf(inline)]
    : contentOf(inline).split(/\r?\n/);

function shownAs(inline: Inline, content: string, most: number): Inline {
  const short = cut(content, most + 1);
  if (typeof inline === "object" && "person" in inline) {
    const person = personShown(visible(short));
    return inline.isQuiet && typeof person === "object" ? { code: visible(short) } : person;
  }
  if (typeof inline === "object" && "group" in inline) return groupShown(visible(short));
  if (typeof inline === "object" && "at" in inline)
    return Number.isNaN(Date.parse(inline.at)) ? visible(short) : inline;
  return styledAs(inline, visibleLines(short).join(""));
}

/** A person in Slack is mentioned. Any other author, for example `terminal:root`, can't be mentioned. */
const personShown = (person: string): Inline => (/^[UW][A-Z0-9]+$/.test(person) ? { person } : personText(person));
/** Text that does not mention the person. */
export const personText = (person: string): string => person.replace(/^terminal:(.*)$/, "$1 (in a terminal)");

/** Any other text can't be a user group. */
const groupShown = (group: string): Inline => (/^S[A-Z0-9]+$/.test(group) ? { group } : group);

export const lineLength = (line: Line): number => line.reduce((sum, inline) => sum + contentOf(inline).length, 0);
export const lineText = (line: Line): string => line.map(contentOf).join("");

/** About the first `limit` characters of the line. A cut is marked. */
export function cutLine(line: Line, limit: number): Line {
  const kept: Inline[] = [];
  let left = limit;
  for (const inline of line) {
    const content = contentOf(inline);
    if (content.length <= left) kept.push(inline);
    else if (typeof inline === "object" && ("person" in inline || "at" in inline || "group" in inline))
      return [...kept, "…"];
    else return left < 1 ? kept : [...kept, styledAs(inline, cut(content, left))];
    left -= content.length;
  }
  return kept;
}

/** A section of rich text. Slack shows its content unchanged. */
export function section(lines: readonly Line[]): types.RichTextSection {
  const elements: types.RichTextElement[] = [];
  for (const [index, line] of lines.entries()) {
    if (index > 0) elements.push({ type: "text", text: "\n" });
    elements.push(...line.flatMap(elementsOf));
  }
  // Slack refuses empty elements.
  const seen = elements.some((element) => element.type !== "text" || element.text.trim() !== "");
  return { type: "rich_text_section", elements: seen ? elements : [{ type: "text", text: "–" }] };
}

function elementsOf(inline: Inline): types.RichTextElement[] {
  const content = contentOf(inline);
  if (content === "") return [];
  if (typeof inline === "string") return pieces(content).map((text) => ({ type: "text", text }));
  if ("person" in inline) return [{ type: "user", user_id: content }];
  if ("group" in inline) return [{ type: "usergroup", usergroup_id: content }];
  if ("at" in inline) {
    const timestamp = Math.floor(Date.parse(inline.at) / 1000);
    const format = inline.shows === "clock" ? "{time}" : "{date_short_pretty} {time_secs}";
    return [{ type: "date", timestamp, format, fallback: content }];
  }
  const style = "code" in inline ? { code: true } : { bold: true };
  return pieces(content).map((text) => ({ type: "text", text, style }));
}

/** The text in pieces that fit into one element. A piece has up to 1,500 surrogate pairs, which are 3,000 characters. */
export const pieces = (text: string): string[] => text.match(/[\s\S]{1,1500}/gu) ?? [];

const contentOf = (inline: Inline): string => {
  if (typeof inline === "string") return inline;
  if ("code" in inline) return inline.code;
  if ("at" in inline) return momentText(inline);
  if ("group" in inline) return inline.group;
  return "bold" in inline ? inline.bold : inline.person;
};

function styledAs(inline: Inline, content: string): Inline {
  if (typeof inline === "string") return content;
  return "code" in inline ? { code: content } : { bold: content };
}

/** The first lines that fit. If there is space, the beginning of the next line too. `left`: how many are not complete. */
export function fitted<L>(
  lines: readonly L[],
  lengthOf: (line: L) => number,
  cutTo: (line: L, characters: number) => L,
  characters: number,
): { kept: L[]; left: number } {
  const kept: L[] = [];
  let used = 0;
  for (const line of lines) {
    const length = lengthOf(line) + 1;
    if (used + length > characters) {
      const partly = characters - used > 20 ? [cutTo(line, characters - used - 1)] : [];
      return { kept: [...kept, ...partly], left: lines.length - kept.length };
    }
    kept.push(line);
    used += length;
  }
  return { kept, left: 0 };
}

/** A long line as lines of one piece each. */
export const shortLines = (line: Line, most: number): Line[] =>
  lineLength(line) < most ? [line] : line.flatMap((inline) => shortInlines(inline).map((piece) => [piece]));

function shortInlines(inline: Inline): Inline[] {
  if (typeof inline === "string") return pieces(inline);
  if ("code" in inline) return pieces(inline.code).map((code) => ({ code }));
  return "bold" in inline ? pieces(inline.bold).map((bold) => ({ bold })) : [inline];
}
