import type { Conversation } from "../flow/ports.ts";
import { visible } from "../text/visible.ts";
import type { Setting } from "./conversation.ts";
import { cut, escaped } from "./text.ts";

interface Asked {
  readonly words: string;
  readonly by: string;
}

/** More of a command is not needed to know it again. */
const WORDS_CHARACTERS = 200;

/** A conversation in a channel that its person does not see now: the first message there is announced to them. */
export function noted(conversation: Conversation, asked: Asked, setting: Setting): Conversation {
  let isFirst = true;
  return {
    ...conversation,
    say: async (message, once) => {
      const messageId = await conversation.say(message, once);
      if (isFirst) announce(asked, conversation.linkTo(messageId), setting);
      isFirst = false;
      return messageId;
    },
  };
}

function announce({ words, by }: Asked, link: string | null, { client, channels, log }: Setting): void {
  const command = escaped(cut(visible(`/zstack ${words}`), WORDS_CHARACTERS));
  const named = link === null ? command : `<${link}|${command}>`;
  const post = async () => {
    const channel = await channels.directChannel(by);
    await client.chat.postMessage({ channel, text: `${named} is answered in the channel.`, unfurl_links: false });
  };
  post().catch((error) => log.error(`announcing an answer to ${by}`, error));
}
