import { z } from "zod";
import { directMessages, placeForPosting } from "./directory.ts";
import { messageContent } from "./message-content.ts";
import { type Message, messageObject } from "./messages.ts";
import { checkedMetadata } from "./metadata-rules.ts";
import { SlackError } from "./slack-error.ts";
import { botMethod, type WebMethods } from "./web-method.ts";
import type { Workspace } from "./workspace.ts";

const LONGEST_UPDATED_BYTES = 4_000;

const content = { text: z.string().optional(), blocks: z.unknown().optional(), attachments: z.unknown().optional() };
const place = { channel: z.string(), thread_ts: z.string().optional() };
const metadata = z.unknown().optional();
const flag = z.union([z.boolean(), z.stringbool()]).default(false);
const post = z.object({ ...place, ...content, metadata, reply_broadcast: flag });
const postEphemeral = z.object({ ...place, ...content, user: z.string() });
const update = z.object({ channel: z.string(), ts: z.string(), ...content, metadata });
const remove = z.object({ channel: z.string(), ts: z.string() });

/** chat.*: post, update and delete messages of the bot. */
export const chatMethods = (workspace: Workspace): WebMethods => ({
  "chat.postMessage": botMethod("post", post, (args) => {
    const message = posted(workspace, args, null);
    return { channel: message.channel, ts: message.ts, message: messageObject(message, workspace.directory) };
  }),
  "chat.postEphemeral": botMethod("tier4", postEphemeral, (args) => {
    if (workspace.directory.people.every(({ id }) => id !== args.user)) throw new SlackError("user_not_in_channel");
    return { message_ts: posted(workspace, args, args.user).ts };
  }),
  "chat.update": botMethod("tier3", update, (args) => {
    const message = ownMessage(workspace, args, "cant_update_message");
    const patch = messageContent(args);
    if (escapedBytes(patch.text) > LONGEST_UPDATED_BYTES) throw new SlackError("msg_too_long");
    // Text without blocks removes the blocks.
    const kept = args.metadata === undefined ? {} : { metadata: checkedMetadata(args.metadata) };
    const revised = workspace.messages.revise(message, { ...patch, ...kept });
    const { channel, ts, text } = revised;
    return { channel, ts, text, message: messageObject(revised, workspace.directory) };
  }),
  "chat.delete": botMethod("tier3", remove, (args) => {
    workspace.messages.remove(ownMessage(workspace, args, "cant_delete_message"));
    return { channel: args.channel, ts: args.ts };
  }),
});

function posted(
  workspace: Workspace,
  args: Omit<z.output<typeof post>, "reply_broadcast"> & { reply_broadcast?: boolean },
  onlyFor: string | null,
): Message {
  const channel = placeForPosting(workspace.directory, args.channel);
  const words = messageContent(args);
  const threadTs = args.thread_ts ?? null;
  const metadata = checkedMetadata(args.metadata);
  return workspace.messages.post({
    channel: channel.id,
    author: workspace.directory.bot.id,
    ...words,
    onlyFor,
    threadTs,
    inChannelToo: threadTs !== null && args.reply_broadcast === true,
    metadata,
  });
}

/** A message that the bot may change: its own, and not an ephemeral one, which has no place in the channel. */
function ownMessage(workspace: Workspace, { channel, ts }: { channel: string; ts: string }, refusal: string): Message {
  const { channels, people } = workspace.directory;
  const found = channels.find(({ id }) => id === channel);
  const isDirect = people.some(({ id }) => directMessages(id) === channel);
  if (!isDirect && found?.botIsMember !== true) throw new SlackError("channel_not_found");
  if (found?.isArchived === true) throw new SlackError("is_inactive");
  const message = workspace.messages.find(channel, ts);
  if (message === null || message.onlyFor !== null) throw new SlackError("message_not_found");
  if (message.author !== workspace.directory.bot.id) throw new SlackError(refusal);
  return message;
}

/**
 * chat.update counts its limit in bytes, after escaping what is not yet escaped
 * (gitlab.com/gitlab-org/gitlab/-/merge_requests/258898); chat.postMessage takes ten times as much.
 */
function escapedBytes(text: string): number {
  const bare = text.match(/&(?!(?:amp|lt|gt);)/g)?.length ?? 0;
  return Buffer.byteLength(text) + 4 * bare;
}
