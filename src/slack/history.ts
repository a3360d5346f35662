import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Place } from "./place.ts";

/** The key of a post is in its metadata, which people do not see. */
const EVENT_TYPE = "zstack_chatops_post";

/** The metadata by which a post is found again. */
export const metadataOf = (key: string) => ({ event_type: EVENT_TYPE, event_payload: { key } });

/** The most that Slack's clock and the bot's may differ. */
const CLOCKS_DIFFER_MS = 10 * 60_000;
const PAGE = 200;
/** The most pages that are read. A channel with more messages since then is not read completely. */
const MOST_PAGES = 10;

const pageSchema = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      metadata: z.object({ event_type: z.string().optional(), event_payload: z.unknown() }).optional(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});
const keySchema = z.object({ key: z.string() });

/** The channel has too many messages, so we don't know whether a post is there. */
export class HistoryTooLong extends Error {
  override name = "HistoryTooLong";
}

/**
 * The ts of the post with this key, at a place since a time; null if there is none. Throws Slack's error if the place
 * can't be read, and a HistoryTooLong if it has too many messages.
 */
export async function findEarlierPost(
  client: WebClient,
  { channel, threadTs }: Place,
  key: string,
  sinceMs: number,
): Promise<string | null> {
  const oldest = String(Math.max(0, (sinceMs - CLOCKS_DIFFER_MS) / 1000));
  let cursor = "";
  for (let page = 0; page < MOST_PAGES; page++) {
    const asked = { channel, oldest, limit: PAGE, include_all_metadata: true, ...(cursor !== "" && { cursor }) };
    const { messages, response_metadata } = pageSchema.parse(
      threadTs === null
        ? await client.conversations.history(asked)
        : await client.conversations.replies({ ...asked, ts: threadTs }),
    );
    const found = messages.find(
      ({ metadata }) =>
        metadata?.event_type === EVENT_TYPE && keySchema.safeParse(metadata.event_payload).data?.key === key,
    );
    if (found !== undefined) return found.ts;
    cursor = response_metadata?.next_cursor ?? "";
    if (cursor === "") return null;
  }
  throw new HistoryTooLong(`more than ${PAGE * MOST_PAGES} messages came since then`);
}
