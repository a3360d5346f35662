import type { WebClient } from "@slack/web-api";
import { runInSlices } from "../core/parts.ts";
import type { OperatorError } from "../core/refusal.ts";
import { Undelivered } from "../core/undelivered.ts";
import type { Conversation, Log, Message } from "../flow/ports.ts";
import type { Admission } from "./admission.ts";
import { makingTexts, messageOf } from "./blocks.ts";
import type { SlackChannels } from "./channel.ts";
import { sentEphemeral, type Way } from "./ephemeral.ts";
import { MessageGone } from "./message-gone.ts";
import type { OwnWorkspace } from "./origin.ts";
import type { Place } from "./place.ts";
import { type Respond, type ResponseUrls, send } from "./response-url.ts";
import type { Seen } from "./seen.ts";

export interface Setting {
  readonly client: WebClient;
  /** For response URLs. */
  readonly fetch: typeof globalThis.fetch;
  readonly channels: SlackChannels;
  readonly responseUrls: ResponseUrls;
  readonly admission: Admission;
  readonly seen: Seen;
  readonly own: OwnWorkspace;
  readonly log: Log;
  /** The id of the bot's own channel, for answers to events that come from none; null: there is none. */
  readonly homeChannel: string | null;
}

/** The settings that a conversation needs. */
type SpeakingSetting = Pick<Setting, "client" | "channels" | "responseUrls" | "own" | "log">;

interface Speaking {
  readonly respond?: Respond;
  readonly mayNotChangeHere: OperatorError | null;
  /** The person does not see the place now. */
  readonly isPrivate?: boolean;
}

/** A place in Slack, and the person who types or clicks there. */
export function conversationWith(
  user: string,
  place: Place,
  setting: SpeakingSetting,
  { respond, mayNotChangeHere, isPrivate = false }: Speaking,
): Conversation {
  const { channels, responseUrls, log } = setting;
  const here = channels.at(JSON.stringify(place));
  const sendEphemeral = async (message: Message) => {
    const { isShown, problems } = await sentEphemeral(
      channels.names.shownIn(message),
      deliveryOrder(user, place, setting, isPrivate, respond),
      channels.kinds,
    );
    if (problems.length === 0) return;
    const words = `"${message.reply.title}" for ${user} in ${place.channel}`;
    log.error(isShown ? `${words} took another way` : `${words} was shown nowhere`, new Error(problems.join("; ")));
  };
  return {
    ...here,
    channelId: place.channel,
    sendEphemeral,
    mayNotChangeHere,
    opensForms: true,
    linkTo: (messageId) => linkTo(place, messageId, setting.own),
    async revise(messageId, message, last, once) {
      try {
        await here.revise(messageId, message, last, once);
      } catch (error) {
        // The click's response URL can change this message even if the bot is no longer a member.
        const named = channels.names.shownIn(message);
        const url = responseUrls.of(place.channel, messageId, user);
        if (url === null || !last || !(error instanceof Undelivered)) throw error;
        // There is nothing to replace. Slack may then say ok and show nothing, so the end would be lost.
        if (error instanceof MessageGone) throw error;
        // The message may be gone without an error that says so. What Slack then posts in its place is for all to read.
        const how = { response_type: "in_channel" as const, replace_original: true };
        const asText = async () => {
          const [whole = messageOf(named, false).text] = await runInSlices(makingTexts(named.reply, 1));
          await send(url, { ...how, text: whole });
        };
        // A response URL does not always say why it refuses. The text alone may get through if the blocks do not.
        await channels.kinds
          .send(
            (kinds) => messageOf(named, false, { kinds }),
            ({ text, blocks }) => send(url, { ...how, text, blocks }),
            () => true,
          )
          .catch(asText)
          .catch((problem) => {
            log.error(`the response URL of ${messageId} in ${place.channel} took nothing either`, problem);
            throw error;
          });
      }
    },
  };
}

/** `https://NAME.slack.com/archives/C1/p1764379812000123` */
export function linkTo({ channel, threadTs }: Place, messageId: string, { url }: OwnWorkspace): string {
  const thread = threadTs === null ? "" : `?thread_ts=${threadTs}&cid=${channel}`;
  return `${url}archives/${channel}/p${messageId.replace(".", "")}${thread}`;
}

/** The ways to one person, the best first. The next one is tried if one fails. */
function deliveryOrder(
  user: string,
  { channel, threadTs }: Place,
  setting: SpeakingSetting,
  isPrivate: boolean,
  respond?: Respond,
): Record<string, Way> {
  const { client, channels } = setting;
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  const ephemeral: Way = (content) => client.chat.postEphemeral({ channel, user, ...thread, ...content });
  const direct: Way = async (content) =>
    client.chat.postMessage({ channel: await channels.directChannel(user), ...content });
  const others = { "a message that only they see": ephemeral, "a direct message": direct };
  if (isPrivate) return { "a direct message": direct };
  if (respond === undefined) return others;
  const url: Way = (content) => send(respond, { response_type: "ephemeral", replace_original: false, ...content });
  return { "the response URL": url, ...others };
}
