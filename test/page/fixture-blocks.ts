import type { PageMessage } from "../../src/workspace/page-protocol.ts";

/** Blocks of the shapes that the bot sends. */

type Block = PageMessage["blocks"][number];
const plain = (text: string) => ({ type: "plain_text", text, emoji: false });

export const header = (text: string): Block => ({ type: "header", text: plain(text) });
export const divider: Block = { type: "divider" };
export const mrkdwn = (text: string): Block => ({ type: "section", text: { type: "mrkdwn", text } });
export const plainSection = (text: string): Block => ({ type: "section", text: plain(text) });
export const context = (text: string): Block => ({ type: "context", elements: [plain(text)] });

type Piece = string | { readonly code: string } | { readonly bold: string } | { readonly user: string };
const element = (piece: Piece) => {
  if (typeof piece === "string") return { type: "text", text: piece };
  if ("user" in piece) return { type: "user", user_id: piece.user };
  return "code" in piece
    ? { type: "text", text: piece.code, style: { code: true } }
    : { type: "text", text: piece.bold, style: { bold: true } };
};
export const rich = (...pieces: readonly Piece[]): Block => ({
  type: "rich_text",
  elements: [{ type: "rich_text_section", elements: pieces.map(element) }],
});
export const code = (caption: string, lines: readonly string[]): Block => ({
  type: "rich_text",
  elements: [
    { type: "rich_text_section", elements: [element({ bold: caption })] },
    { type: "rich_text_preformatted", elements: [element(lines.join("\n"))] },
  ],
});

/** The first row is the head. */
export const table = (...rows: readonly (readonly string[])[]): Block => ({
  type: "table",
  rows: rows.map((row) => row.map((text) => ({ type: "raw_text", text }))),
  column_settings: (rows[0] ?? []).map((_, column) => ({
    align: "left",
    is_wrapped: rows.some((row) => (row[column] ?? "").length > 48),
  })),
});

export const buttons = (style: "danger" | "primary" = "danger"): Block => ({
  type: "actions",
  block_id: "decision",
  elements: [
    { type: "button", action_id: "confirm", text: plain("Confirm"), value: "op-7", style },
    { type: "button", action_id: "cancel", text: plain("Cancel"), value: "op-7" },
  ],
});

export const input = (label: string, hint: string): Block => ({
  type: "input",
  block_id: "typed",
  label: plain(label),
  hint: plain(hint),
  element: { type: "plain_text_input", action_id: "typed", placeholder: plain("six characters") },
});
