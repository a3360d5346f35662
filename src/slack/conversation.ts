import type { WebClient } from "@slack/web-api";
import type { Conversation, Log, Message } from "../flow/ports.ts";
import type { Admission } from "./admission.ts";
import { messageOf } from "./blocks.ts";
import type { Place, SlackChannels } from "./channel.ts";
import type { OwnWorkspace } from "./origin.ts";
import type { Seen } from "./seen.ts";

export interface Setting {
  readonly client: WebClient;
  readonly channels: SlackChannels;
  readonly admission: Admission;
  readonly seen: Seen;
  readonly own: OwnWorkspace;
  readonly log: Log;
}

/** By a response URL an answer can go where the bot is no member. */
export type Respond = (content: {
  response_type: "ephemeral";
  replace_original: false;
  text: string;
  blocks: ReturnType<typeof messageOf>["blocks"];
}) => Promise<unknown>;

/** A place in Slack together with the person who types or clicks there. */
export function conversationWith(
  user: string,
  place: Place,
  setting: Setting,
  { respond, mayNotChangeHere }: { readonly respond?: Respond; readonly mayNotChangeHere: string | null },
): Conversation {
  const { channel, threadTs } = place;
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  const whisper = async (message: Message) => {
    const { text, blocks } = messageOf(message, false);
    try {
      if (respond) await respond({ response_type: "ephemeral", replace_original: false, text, blocks });
      else await setting.client.chat.postEphemeral({ channel, user, ...thread, text, blocks });
    } catch (error) {
      setting.log.error(`telling ${user} something in ${channel}`, error);
    }
  };
  return { ...setting.channels.at(JSON.stringify(place)), whisper, mayNotChangeHere };
}
