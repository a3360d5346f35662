import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Conversation, Log, Message } from "../flow/ports.ts";
import type { Admission } from "./admission.ts";
import { messageOf, wholeAsTexts } from "./blocks.ts";
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

/** What only one person sees. Without blocks Slack shows the text. */
interface Whisper {
  readonly text: string;
  readonly blocks?: ReturnType<typeof messageOf>["blocks"];
}

/** By a response URL an answer can go where the bot is no member. */
export type Respond = (
  content: Whisper & { readonly response_type: "ephemeral"; readonly replace_original: false },
) => Promise<unknown>;

/** A response URL takes five answers; the first of them are the blocks. */
const mostTexts = 4;

/** A place in Slack together with the person who types or clicks there. */
export function conversationWith(
  user: string,
  place: Place,
  setting: Pick<Setting, "client" | "channels" | "log">,
  { respond, mayNotChangeHere }: { readonly respond?: Respond; readonly mayNotChangeHere: string | null },
): Conversation {
  const { channel, threadTs } = place;
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  const send = async (content: Whisper): Promise<void> => {
    if (respond) await assertTaken(await respond({ response_type: "ephemeral", replace_original: false, ...content }));
    else await setting.client.chat.postEphemeral({ channel, user, ...thread, ...content });
  };
  /** Nobody else sees a file of it, so what the blocks can't hold follows as aligned text. */
  const whisper = async (message: Message) => {
    const { text, blocks, overflow } = messageOf(message, false);
    const texts = wholeAsTexts(message.reply, mostTexts);
    const isShown = await send({ text, blocks }).then(
      () => true,
      (error: unknown) => {
        setting.log.error(`telling ${user} something in ${channel} in blocks`, error);
        return false;
      },
    );
    if (isShown && overflow === null) return;
    try {
      for (const each of texts) await send({ text: each });
    } catch (error) {
      setting.log.error(`telling ${user} something in ${channel}`, error);
    }
  };
  return { ...setting.channels.at(JSON.stringify(place)), whisper, mayNotChangeHere };
}

const refusal = z.object({ ok: z.literal(false), error: z.string() });

/** A response URL may refuse with the status 200. */
async function assertTaken(response: unknown): Promise<void> {
  if (!(response instanceof Response)) return;
  const body: unknown = await response.json().catch(() => null);
  const refused = refusal.safeParse(body);
  if (refused.success) throw new Error(`Slack refuses the answer: ${refused.data.error}`);
}
