import { randomBytes } from "node:crypto";
import type { Person } from "../page-protocol.ts";
import { SlackError } from "./slack-error.ts";

export interface ChannelInfo {
  readonly id: string;
  readonly name: string;
  readonly botIsMember: boolean;
}

/** Who and what is in the workspace: fixed while it runs. The tokens are new at each start. */
export interface Directory {
  readonly team: { readonly id: string; readonly domain: string; readonly name: string };
  readonly appId: string;
  readonly bot: Person & { readonly botId: string };
  readonly people: readonly Person[];
  /** The one on the page. */
  readonly channel: ChannelInfo;
  readonly channels: readonly ChannelInfo[];
  readonly botToken: string;
  readonly appToken: string;
  /** The old-style token in every payload, which proves nothing. */
  readonly verificationToken: string;
}

export function newDirectory(people: readonly Person[]): Directory {
  const secret = () => randomBytes(18).toString("hex");
  const channel = { id: "C0STORAGE", name: "storage", botIsMember: true };
  return {
    team: { id: "T0LOCAL", domain: "local", name: "Local workspace" },
    appId: "A0ZSTACK",
    bot: { id: "U0ZSTACK", name: "zstack", botId: "B0ZSTACK" },
    people,
    channel,
    channels: [channel, { id: "C0OUTSIDE", name: "outside", botIsMember: false }],
    botToken: `xoxb-local-${secret()}`,
    appToken: `xapp-1-A0ZSTACK-${secret()}`,
    verificationToken: secret(),
  };
}

/** The channel with this id, where the bot may post. */
export function channelForPosting(directory: Directory, id: string): ChannelInfo {
  const channel = directory.channels.find((each) => each.id === id);
  if (channel === undefined) throw new SlackError("channel_not_found");
  if (!channel.botIsMember) throw new SlackError("not_in_channel");
  return channel;
}
