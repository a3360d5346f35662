import { randomUUID } from "node:crypto";
import type { Person, Say } from "../page-protocol.ts";
import type { ChannelInfo } from "./directory.ts";
import { toSlackMarkup } from "./slack-markup.ts";
import { ImpossibleAction, personOf, trouble } from "./user-action.ts";
import type { Workspace } from "./workspace.ts";

/** The limit of Slack's message box; a longer text is refused before any app sees it. */
const LONGEST_TEXT = 4_000;

/**
 * A person types a line: a slash command, or a message that may mention the bot. Resolves when the app has answered or
 * its time is over.
 */
export async function say(
  workspace: Workspace,
  { person: id, text, threadTs, channel: channelId }: Say & { channel?: string },
) {
  const person = personOf(workspace, id);
  const channel = workspace.directory.channels.find(
    (each) => each.id === (channelId ?? workspace.directory.channel.id),
  );
  if (channel === undefined) throw new ImpossibleAction("channel", "no such channel");
  if (threadTs !== null && workspace.messages.find(channel.id, threadTs)?.threadTs !== null) {
    throw new ImpossibleAction("threadTs", "no thread begins with that message");
  }
  if (text.trim() === "") throw new ImpossibleAction("text", "nothing was typed");
  if (text.length > LONGEST_TEXT) {
    trouble(workspace, person.id, `Your message is too long: ${text.length} characters of at most ${LONGEST_TEXT}.`);
    return;
  }
  if (text.startsWith("/")) await sayCommand(workspace, person, channel, text, threadTs);
  else await sayMessage(workspace, person, channel, text, threadTs);
}

async function sayCommand(
  workspace: Workspace,
  person: Person,
  channel: ChannelInfo,
  text: string,
  threadTs: string | null,
) {
  const command = text.split(/\s/, 1)[0] ?? "";
  const refuse = (words: string) => trouble(workspace, person.id, words);
  if (command !== workspace.slashCommand) return refuse(`${command} is not a valid command.`);
  if (threadTs !== null) return refuse(`${command} is not supported in threads. Sorry!`);

  const { directory, responseUrls, triggers } = workspace;
  const urlPath = responseUrls.issue({ channel: channel.id, person: person.id, originalTs: null, threadTs: null });
  const delivery = await workspace.socketMode.deliver({
    type: "slash_commands",
    payload: {
      token: directory.verificationToken,
      team_id: directory.team.id,
      team_domain: directory.team.domain,
      channel_id: channel.id,
      channel_name: channel.name,
      user_id: person.id,
      user_name: person.name,
      command,
      text: toSlackMarkup(text.slice(command.length).trim(), directory, "with names"),
      api_app_id: directory.appId,
      is_enterprise_install: "false",
      response_url: `${workspace.address()}${urlPath}`,
      trigger_id: triggers.issue(person.id),
    },
    accepts_response_payload: true,
  });
  if (delivery.kind === "not connected") return refuse(`${command} failed with the error "dispatch_failed"`);
  if (delivery.kind === "timed out") return refuse(`${command} failed with the error "operation_timeout"`);
  try {
    responseUrls.answerInAck(channel.id, person.id, delivery.payload);
  } catch (error) {
    refuse(
      `${command} failed with the error "invalid_command_response" (${error instanceof Error ? error.message : error})`,
    );
  }
}

async function sayMessage(
  workspace: Workspace,
  person: Person,
  channel: ChannelInfo,
  typed: string,
  threadTs: string | null,
) {
  const text = toSlackMarkup(typed, workspace.directory, "ids only");
  const message = workspace.messages.post({ channel: channel.id, author: person.id, text, threadTs });
  // Slack sends an app only events of the channels that its bot is in.
  if (!channel.botIsMember || !text.includes(`<@${workspace.directory.bot.id}>`)) return;
  await workspace.events.deliver({
    type: "app_mention",
    ...{ user: person.id, text, ts: message.ts, channel: channel.id, event_ts: message.ts },
    ...{ team: workspace.directory.team.id, client_msg_id: randomUUID() },
    ...(threadTs !== null && { thread_ts: threadTs }),
  });
}
