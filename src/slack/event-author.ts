import { z } from "zod";
import type { Reply } from "../core/reply.ts";
import { conversationWith, type Setting } from "./conversation.ts";
import { placeSchema } from "./place.ts";
import type { Respond, Response } from "./response-url.ts";

const id = z.object({ id: z.string() });
const metadata = z.looseObject({ place: placeSchema });
/** The author and the place, as a slash command, a mention, a click or a form names them. */
const userEvent = z.looseObject({
  user_id: z.string().optional(),
  channel_id: z.string().optional(),
  response_url: z.url().optional(),
  user: id.optional(),
  channel: id.optional(),
  container: z.looseObject({ channel_id: z.string().optional(), thread_ts: z.string().optional() }).optional(),
  view: z.looseObject({ private_metadata: z.string().optional() }).optional(),
  event: z.looseObject({ user: z.string(), channel: z.string(), thread_ts: z.string().optional() }).optional(),
});

/** Sends a message to the author of an event, by every possible way. Without a known author nothing is sent. */
export async function sendEphemeralTo(body: unknown, reply: Reply, setting: Setting): Promise<void> {
  const from = userEvent.safeParse(body).data;
  const user = from?.user_id ?? from?.user?.id ?? from?.event?.user;
  if (from === undefined || user === undefined) return;
  const place = placeOf(from) ?? { channel: user, threadTs: null };
  const respond = from.response_url === undefined ? {} : { respond: respondTo(from.response_url, setting) };
  await conversationWith(user, place, setting, { ...respond, mayNotChangeHere: null }).sendEphemeral({ reply });
}

function placeOf({ channel_id, channel, container, event, view }: z.output<typeof userEvent>) {
  if (event !== undefined) return { channel: event.channel, threadTs: event.thread_ts ?? null };
  const found = channel_id ?? channel?.id ?? container?.channel_id;
  if (found !== undefined) return { channel: found, threadTs: container?.thread_ts ?? null };
  try {
    return metadata.parse(JSON.parse(view?.private_metadata ?? "null")).place;
  } catch {
    return null;
  }
}

const respondTo =
  (url: string, { fetch }: Pick<Setting, "fetch">): Respond =>
  (content: Response) =>
    fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(content) });
