import type { MessageBlock } from "./block-rules.ts";
import { assertOneTable, assertTotalSize, checkedMessageBlocks } from "./checked-blocks.ts";
import { SlackError } from "./slack-error.ts";

/** Characters of a message's `text`. */
const LONGEST_TEXT = 40_000;

interface GivenContent {
  readonly text?: string | undefined;
  readonly blocks?: unknown;
  readonly attachments?: unknown;
}

/** The rules for the content of a message, however it is sent: posted, updated, ephemeral, or by a response URL. */
export function messageContent(given: GivenContent): { readonly text: string; readonly blocks: MessageBlock[] } {
  const blocks = checkedMessageBlocks(given.blocks ?? []);
  assertOneTable(blocks, given.attachments);
  // Attachments are Slack's old blocks; the page does not show them.
  if (Array.isArray(given.attachments) && given.attachments.length > 0) throw new SlackError("invalid_attachments");
  const text = given.text ?? "";
  if (text === "" && blocks.length === 0) throw new SlackError("no_text");
  if (text.length > LONGEST_TEXT) throw new SlackError("msg_too_long");
  // Slack takes more by a response URL. A text that fits only there could not be posted if that fails.
  assertTotalSize(blocks);
  return { text, blocks };
}
