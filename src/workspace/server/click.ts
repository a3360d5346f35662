import type { Click } from "../page-protocol.ts";
import { type Button, buttonsOf } from "./block-rules.ts";
import { checkedMessageBlocks } from "./checked-blocks.ts";
import { type Message, messageObject } from "./messages.ts";
import { actionPayload, channelObject, ImpossibleAction, personOf, trouble } from "./user-action.ts";
import { homeObject, viewObject } from "./views.ts";
import type { Workspace } from "./workspace.ts";

/** A person clicks a button of a message, a modal or a Home tab. For the last two, `messageTs` is the id of the view. */
export async function click(workspace: Workspace, { person: id, messageTs, blockId, actionId }: Click): Promise<void> {
  const person = personOf(workspace, id);
  const source = sourceOf(workspace, person.id, messageTs);
  const block = source.blocks.find((each) => each.block_id === blockId);
  if (block === undefined) throw new ImpossibleAction("blockId", "not a block of that message");
  const button = buttonsOf(block).find((each) => each.action_id === actionId);
  if (button === undefined) throw new ImpossibleAction("actionId", "not a button of that block");

  const delivery = await workspace.socketMode.deliver({
    type: "interactive",
    payload: {
      type: "block_actions",
      ...actionPayload(workspace, person),
      ...source.payload,
      actions: [actionOf(button, blockId, workspace.clock.now())],
    },
    accepts_response_payload: false,
  });
  if (delivery.kind !== "acked")
    trouble(workspace, person.id, `⚠️ "${button.text.text}" failed: the app did not answer in time.`);
}

function sourceOf(workspace: Workspace, person: string, messageTs: string) {
  const view = workspace.views.find(messageTs);
  if (view !== null && view.person === person) {
    const container = { type: "view", view_id: view.id };
    return { blocks: view.modal.blocks, payload: { container, view: viewObject(view, workspace.directory) } };
  }
  const home = workspace.homes.find(messageTs);
  if (home !== null && home.person === person) {
    const container = { type: "view", view_id: home.id };
    return { blocks: home.home.blocks, payload: { container, view: homeObject(home, workspace.directory) } };
  }
  const message = workspace.messages.findAnywhere(messageTs);
  if (message === null || (message.onlyFor !== null && message.onlyFor !== person)) {
    throw new ImpossibleAction("messageTs", "this person sees no such message");
  }
  return { blocks: checkedMessageBlocks(message.blocks), payload: messageSource(workspace, person, message) };
}

function messageSource(workspace: Workspace, person: string, message: Message) {
  const { channel: channelId, ts, threadTs, onlyFor } = message;
  const channel = workspace.directory.channels.filter((each) => each.id === channelId).map(channelObject)[0];
  const path = workspace.responseUrls.issue({ channel: channelId, person, originalTs: ts, threadTs });
  const beginsThread = workspace.messages.in(channelId).some((each) => each.threadTs === ts);
  // A message with replies has its own ts as thread_ts.
  const ownThread = beginsThread ? { thread_ts: ts } : {};
  return {
    container: {
      type: "message",
      message_ts: ts,
      channel_id: channelId,
      is_ephemeral: onlyFor !== null,
      ...(threadTs !== null && { thread_ts: threadTs }),
    },
    channel,
    // Slack does not send an ephemeral message.
    ...(onlyFor === null && { message: { ...messageObject(message, workspace.directory), ...ownThread } }),
    state: { values: {} },
    response_url: `${workspace.address()}${path}`,
  };
}

const actionOf = (button: Button, blockId: string, now: Date) => ({
  ...button,
  block_id: blockId,
  action_ts: (now.getTime() / 1000).toFixed(6),
});
