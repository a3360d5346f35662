import { z } from "zod";

const answer = z.object({ data: z.object({ error: z.string() }) });

/** Slack's own name of an error, `channel_not_found`; null if the error is not Slack's answer. */
export function slackCode(error: unknown): string | null {
  const parsed = answer.safeParse(error);
  return parsed.success ? parsed.data.data.error : null;
}
