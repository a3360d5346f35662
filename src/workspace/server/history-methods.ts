import { z } from "zod";
import { directMessages } from "./directory.ts";
import { type Message, messageObject } from "./messages.ts";
import { SlackError } from "./slack-error.ts";
import { botMethod, type WebMethods } from "./web-method.ts";
import type { Workspace } from "./workspace.ts";

const flag = z.union([z.boolean(), z.stringbool()]).default(false);
const ts = z.coerce.number().min(0);
const pages = {
  channel: z.string(),
  oldest: ts.default(0),
  latest: ts.optional(),
  inclusive: flag,
  include_all_metadata: flag,
  limit: z.coerce.number().int().min(1).max(999).default(100),
  cursor: z.string().default(""),
};
type Pages = z.output<z.ZodObject<typeof pages>>;

/**
 * The messages of a channel, the latest first, without replies that only threads show. And the messages of one thread, the oldest
 * first.
 */
export const historyMethods = (workspace: Workspace): WebMethods => ({
  "conversations.history": botMethod("tier3", z.object(pages), (args) => {
    const messages = readable(workspace, args.channel).filter(
      ({ threadTs, inChannelToo }) => threadTs === null || inChannelToo,
    );
    return page(workspace, args, within(args, messages).toReversed());
  }),
  "conversations.replies": botMethod("tier3", z.object({ ...pages, ts: z.string() }), (args) => {
    const messages = readable(workspace, args.channel);
    const parent = messages.find((each) => each.ts === args.ts);
    if (parent === undefined) throw new SlackError("thread_not_found");
    // The first message of the thread is always included.
    const replies = within(args, messages).filter(({ threadTs }) => threadTs === args.ts);
    return page(workspace, args, [parent, ...replies]);
  }),
});

/** For a channel with the bot as member, also an archived one, or for direct messages by their own id. */
function readable({ directory, messages }: Workspace, id: string): Message[] {
  const channel = directory.channels.find((each) => each.id === id);
  const isDirect = directory.people.some((person) => directMessages(person.id) === id);
  if (!isDirect && (channel === undefined || (channel.isPrivate && !channel.botIsMember)))
    throw new SlackError("channel_not_found");
  if (channel !== undefined && !channel.botIsMember) throw new SlackError("not_in_channel");
  return messages.all(id).filter(({ onlyFor }) => onlyFor === null);
}

const within = ({ oldest, latest = Number.POSITIVE_INFINITY, inclusive }: Pages, messages: readonly Message[]) =>
  messages.filter((message) => {
    const at = Number(message.ts);
    return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
  });

function page({ directory }: Workspace, { cursor, limit, include_all_metadata }: Pages, messages: readonly Message[]) {
  const from = cursor === "" ? 0 : Number(/^next:([0-9]+)$/.exec(cursor)?.[1] ?? Number.NaN);
  if (!Number.isInteger(from)) throw new SlackError("invalid_cursor");
  const shown = messages.slice(from, from + limit);
  const has_more = from + limit < messages.length;
  return {
    messages: shown.map((message) => ({
      ...messageObject(message, directory),
      ...(include_all_metadata && message.metadata !== null && { metadata: message.metadata }),
    })),
    has_more,
    ...(has_more && { response_metadata: { next_cursor: `next:${from + limit}` } }),
  };
}
