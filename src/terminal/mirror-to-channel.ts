import type { Part } from "../core/reply.ts";
import { type Channel, type Conversation, type Message, messageNow } from "../flow/ports.ts";

/**
 * Posts a terminal's change in the channel too, which is the audit trail: the plan without buttons, the progress and
 * the end. The operation's place is the channel, so it continues there after a restart. The plan is posted there before
 * the terminal sees it: a plan that can't be posted can't be confirmed.
 */
export function mirroredToChannel(channel: Channel, terminal: Conversation): Conversation {
  return {
    place: channel.place,
    ...(channel.channelId !== undefined && { channelId: channel.channelId }),
    mayNotChangeHere: terminal.mayNotChangeHere,
    linkTo: terminal.linkTo,
    sendEphemeral: terminal.sendEphemeral,
    find: channel.find,
    async say(message, once) {
      let shown = messageNow(message);
      const id = await channel.say(() => {
        shown = messageNow(message);
        return asShown(shown);
      }, once);
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

const elsewhere: Part = { kind: "text", text: "It was typed in a terminal and can be confirmed only there." };

const asShown = ({ reply, buttons, nextButtons }: Message): Message => ({
  reply: buttons && !buttons.waits ? { ...reply, parts: [...reply.parts, elsewhere] } : reply,
  ...(nextButtons && { nextButtons }),
});
