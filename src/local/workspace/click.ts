import type { Click } from "../page-protocol.ts";
import { type Button, buttonsOf } from "./block-rules.ts";
import { checkedMessageBlocks } from "./checked-blocks.ts";
import { channelObject, gesturePayload, ImpossibleGesture, personOf, trouble } from "./gesture.ts";
import { type Message, messageObject } from "./messages.ts";
import type { Office } from "./office.ts";
import { viewObject } from "./views.ts";

/** A person clicks a button of a message, or of a modal (whose id then stands in the place of the message's ts). */
export async function click(office: Office, { person: id, messageTs, blockId, actionId }: Click): Promise<void> {
  const person = personOf(office, id);
  const source = sourceOf(office, person.id, messageTs);
  const block = source.blocks.find((each) => each.block_id === blockId);
  if (block === undefined) throw new ImpossibleGesture("blockId", "not a block of that message");
  const button = buttonsOf(block).find((each) => each.action_id === actionId);
  if (button === undefined) throw new ImpossibleGesture("actionId", "not a button of that block");

  const delivery = await office.socketMode.deliver({
    type: "interactive",
    payload: {
      type: "block_actions",
      ...gesturePayload(office, person),
      ...source.payload,
      actions: [actionOf(button, blockId, office.clock.now())],
    },
    accepts_response_payload: false,
  });
  if (delivery.kind !== "acked")
    trouble(office, person.id, `⚠️ "${button.text.text}" failed: the app did not answer in time.`);
}

function sourceOf(office: Office, person: string, messageTs: string) {
  const view = office.views.find(messageTs);
  if (view !== null && view.person === person) {
    const container = { type: "view", view_id: view.id };
    return { blocks: view.modal.blocks, payload: { container, view: viewObject(view, office.directory) } };
  }
  const message = office.messages.findAnywhere(messageTs);
  if (message === null || (message.onlyFor !== null && message.onlyFor !== person)) {
    throw new ImpossibleGesture("messageTs", "this person sees no such message");
  }
  return { blocks: checkedMessageBlocks(message.blocks), payload: messageSource(office, person, message) };
}

function messageSource(office: Office, person: string, message: Message) {
  const { channel: channelId, ts, threadTs, onlyFor } = message;
  const channel = office.directory.channels.filter((each) => each.id === channelId).map(channelObject)[0];
  const path = office.responseUrls.issue({ channel: channelId, person, originalTs: ts, threadTs });
  return {
    container: {
      type: "message",
      message_ts: ts,
      channel_id: channelId,
      is_ephemeral: onlyFor !== null,
      ...(threadTs !== null && { thread_ts: threadTs }),
    },
    channel,
    // Slack does not send the message where it is ephemeral.
    ...(onlyFor === null && { message: messageObject(message, office.directory) }),
    state: { values: {} },
    response_url: `${office.origin()}${path}`,
  };
}

const actionOf = (button: Button, blockId: string, now: Date) => ({
  ...button,
  block_id: blockId,
  action_ts: (now.getTime() / 1000).toFixed(6),
});
