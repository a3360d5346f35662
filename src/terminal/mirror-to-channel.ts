import { readable } from "../core/host-command.ts";
import type { Part } from "../core/reply.ts";
import { Undelivered, UndeliveredFromTerminal } from "../core/undelivered.ts";
import { type Channel, type Conversation, type Message, messageNow } from "../flow/ports.ts";
import { lineToType } from "../line-to-type.ts";

/**
 * Posts a terminal's change in the channel too, which is the audit trail: the plan without buttons, the progress and
 * the end. The operation's place is the channel, so it continues there after a restart. The plan is posted there before
 * the terminal sees it: a plan that can't be posted can't be confirmed.
 */
export function mirroredToChannel(channel: Channel, terminal: Conversation, words: string): Conversation {
  return {
    place: channel.place,
    ...(channel.channelId !== undefined && { channelId: channel.channelId }),
    mayNotChangeHere: terminal.mayNotChangeHere,
    linkTo: terminal.linkTo,
    sendEphemeral: terminal.sendEphemeral,
    find: channel.find,
    async say(message, once) {
      let shown = messageNow(message);
      const saying = channel.say(() => {
        shown = messageNow(message);
        return asShown(shown);
      }, once);
      const id = await saying.catch((error: unknown) => {
        throw error instanceof Undelivered && error.fix === null
          ? new UndeliveredFromTerminal(error, inEmergency(words))
          : error;
      });
      await terminal.say(shown);
      return id;
    },
    async revise(id, message, last, once) {
      const orders = [() => channel.revise(id, asShown(message), last, once), () => terminal.revise(id, message, last)];
      // The terminal shows an end even if Slack is unreachable.
      for (const tell of message.buttons ? orders : orders.reverse()) await tell();
    },
  };
}

/** How the change is done while Slack is away. */
const inEmergency = (words: string): string => `type ${lineToType("say", readable(["--break-glass", "WHY", words]))}`;

const elsewhere: Part = { kind: "text", text: "It was typed in a terminal and can be confirmed only there." };

const asShown = ({ reply, buttons, nextButtons }: Message): Message => ({
  reply: buttons && !buttons.waits ? { ...reply, parts: [...reply.parts, elsewhere] } : reply,
  ...(nextButtons && { nextButtons }),
});
