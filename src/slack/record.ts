import type { types } from "@slack/bolt";
import type { Inline, Reply } from "../core/reply.ts";
import { visible } from "../text/visible.ts";
import { limits, room } from "./limits.ts";
import { cut, cutLine, escaped, type Line, linesOf, lineText, plainText } from "./text.ts";

/** Who did what and when, and the foot: small, at the end of the message. */
export function recordBlocks({ record, foot }: Pick<Reply, "record" | "foot">): types.KnownBlock[] {
  const elements = [
    ...(record === undefined ? [] : elementsOf(cutLine(recordLine(record), room.record))),
    ...(foot === undefined ? [] : [plainText(cut(visible(foot) || "–", room.foot))]),
  ];
  return elements.length === 0 ? [] : [{ type: "context", elements }];
}

/** Whether all of a record is shown. */
export const isRecordWhole = ({ record }: Pick<Reply, "record">): boolean =>
  record === undefined || lineText(recordLine(record)).length <= room.record;

const recordLine = (record: NonNullable<Reply["record"]>): Line => linesOf(record, room.record).lines.flat();

type Element = types.PlainTextElement | types.MrkdwnElement;

/**
 * A context block has no rich text. So mrkdwn is used only for text without formatting characters. Typed text is
 * plain text, which Slack shows unchanged.
 */
function elementsOf(line: Line): Element[] {
  const runs: { readonly isMrkdwn: boolean; text: string }[] = [];
  for (const inline of line) {
    const mrkdwn = mrkdwnOf(inline);
    const text = mrkdwn ?? lineText([inline]);
    const last = runs.at(-1);
    if (last?.isMrkdwn === (mrkdwn !== null)) last.text += text;
    else runs.push({ isMrkdwn: mrkdwn !== null, text });
  }
  return runs
    .map(({ isMrkdwn, text }) => ({ isMrkdwn, text: text.trim() }))
    .filter(({ text }) => text !== "")
    .slice(0, limits.contextElements - 1)
    .map(({ isMrkdwn, text }) => (isMrkdwn ? { type: "mrkdwn", text, verbatim: true } : plainText(text)));
}

/** null: it must be plain text. */
function mrkdwnOf(inline: Inline): string | null {
  const content = lineText([inline]);
  if (typeof inline === "string") return /[*_~`:]|^>/.test(content.replace(/: ?$/, "")) ? null : escaped(content);
  if ("person" in inline) return `<@${content}>`;
  if ("at" in inline) {
    const format = inline.shows === "clock" ? "{time}" : "{date_short_pretty} {time_secs}";
    return `<!date^${Math.floor(Date.parse(inline.at) / 1000)}^${format}|${escaped(content)}>`;
  }
  return null;
}
