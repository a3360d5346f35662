import { z } from "zod";

const answer = z.object({ data: z.object({ error: z.string() }) });

/** Slack's own error name, `channel_not_found`; null for anything that is not Slack's answer. */
export function slackCode(error: unknown): string | null {
  const parsed = answer.safeParse(error);
  return parsed.success ? parsed.data.data.error : null;
}

/** Slack's answers to blocks that are too many, too large or not to its taste; the text alone still gets through. */
export const isTooMuch = (code: string): boolean => TOO_MUCH.includes(code);

const TOO_MUCH = [
  "invalid_blocks",
  "invalid_blocks_format",
  "invalid_attachments",
  "msg_too_long",
  "msg_blocks_too_long",
];
