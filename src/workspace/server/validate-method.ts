import { z } from "zod";
import { assertTotalSize, checked, checkedMessageBlocks } from "./checked-blocks.ts";
import { messageContent } from "./message-content.ts";
import { SlackError } from "./slack-error.ts";
import { assertView } from "./view-rules.ts";

const given = z.object({ blocks: z.unknown(), message: z.unknown(), view: z.unknown() }).partial();
const message = z.looseObject({ text: z.string().optional(), blocks: z.unknown(), attachments: z.unknown() }).partial();

/** blocks.validate: Slack answers it to everyone, without a token. */
export function validated(args: Record<string, unknown>): object {
  try {
    assertValid(args);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return errorsOf(error);
  }
}

function assertValid(args: Record<string, unknown>): void {
  const all = Object.entries(checked(given, args, "invalid_arguments", "")).filter(([, value]) => value !== undefined);
  const [only, ...others] = all;
  if (only === undefined || others.length > 0)
    throw new SlackError("invalid_arguments", ["[ERROR] provide exactly one of blocks, view or message"]);
  const [kind, value] = only;
  if (kind === "view") assertView(value);
  else if (kind === "blocks") assertBlocks(value);
  else assertMessage(value);
}

function assertMessage(value: unknown): void {
  const content = checked(message, value, "invalid_message", "");
  const isEmpty = (content.text ?? "") === "" && content.blocks === undefined && content.attachments === undefined;
  if (isEmpty) throw new SlackError("invalid_message", ["[ERROR] no_text"]);
  messageContent(content);
}

const assertBlocks = (input: unknown): void => assertTotalSize(checkedMessageBlocks(input, ""));

/** Its errors are objects, each with a JSON pointer. */
const errorsOf = (error: SlackError) => ({
  ok: false,
  error: error.code,
  errors: (error.messages.length > 0 ? error.messages : [error.code]).map((text) => {
    const [, words = text, pointer = ""] = /^(?:\[ERROR\] )?(.*?)(?: \[json-pointer:(.*)\])?$/s.exec(text) ?? [];
    return { pointer, code: codeOf(words, error.code), message: words };
  }),
});

const codeOf = (words: string, code: string): string =>
  /^\w+_\w+$/.test(words) ? words : code.startsWith("invalid_") ? "failed_constraint" : code;
