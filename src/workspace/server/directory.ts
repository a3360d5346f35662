import { randomBytes } from "node:crypto";
import type { Person } from "../page-protocol.ts";
import { SlackError } from "./slack-error.ts";

/** What Slack says about a person. */
export interface Account {
  readonly deleted: boolean;
  readonly isBot: boolean;
  /** A guest of several channels, or of one. */
  readonly isRestricted: boolean;
  readonly isUltraRestricted: boolean;
  /** The id of the workspace that the person belongs to. */
  readonly team: string;
}
export interface UserGroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: readonly string[];
}

export interface ChannelInfo {
  readonly id: string;
  readonly name: string;
  readonly botIsMember: boolean;
  /** If the bot is no member of a private channel, Slack reports that there is none. */
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  /** The ids of the people who are not in the channel. */
  readonly without: readonly string[];
}

/**
 * The people, the bot, the user groups and the channels. Only a test changes them. The tokens are new at each start.
 */
export interface Directory {
  readonly team: { readonly id: string; readonly domain: string; readonly name: string };
  readonly appId: string;
  readonly bot: Person & { readonly botId: string };
  readonly people: readonly Person[];
  /** The one on the page. */
  readonly channel: ChannelInfo;
  readonly channels: readonly ChannelInfo[];
  accountOf(person: string): Account;
  changeAccount(person: string, patch: Partial<Account>): void;
  readonly userGroups: readonly UserGroup[];
  /** Who is in a user group changes. */
  changeUserGroup(id: string, users: readonly string[]): void;
  /** The bot is removed or invited, the channel archived or taken out again. */
  changeChannel(id: string, patch: Partial<Omit<ChannelInfo, "id">>): void;
  readonly botToken: string;
  readonly appToken: string;
  /** The legacy token in every payload; it proves nothing. */
  readonly verificationToken: string;
}

export function newDirectory(people: readonly Person[]): Directory {
  const secret = () => randomBytes(18).toString("hex");
  const usual = { isPrivate: false, isArchived: false, without: [] };
  let channels: readonly ChannelInfo[] = [
    { id: "C0STORAGE", name: "storage", botIsMember: true, ...usual },
    { id: "C0OUTSIDE", name: "outside", botIsMember: false, ...usual },
  ];
  const first = (): ChannelInfo => {
    const [channel] = channels;
    if (channel === undefined) throw new Error("a workspace without channels");
    return channel;
  };
  const accounts = new Map<string, Account>();
  const accountOf = (person: string): Account =>
    accounts.get(person) ?? {
      ...{ deleted: false, isBot: false, isRestricted: false, isUltraRestricted: false },
      team: "T0LOCAL",
    };
  const oncall = people.filter(({ name }) => ["bob", "dave"].includes(name)).map(({ id }) => id);
  let userGroups: readonly UserGroup[] = [{ id: "S0ONCALL", handle: "oncall", name: "On call", users: oncall }];
  return {
    accountOf,
    changeAccount: (person, patch) => void accounts.set(person, { ...accountOf(person), ...patch }),
    get userGroups() {
      return userGroups;
    },
    changeUserGroup: (id, users) => {
      userGroups = userGroups.map((each) => (each.id === id ? { ...each, users } : each));
    },
    team: { id: "T0LOCAL", domain: "local", name: "Local workspace" },
    appId: "A0ZSTACK",
    bot: { id: "U0ZSTACK", name: "zstack", botId: "B0ZSTACK" },
    people,
    get channel() {
      return first();
    },
    get channels() {
      return channels;
    },
    changeChannel: (id, patch) => {
      channels = channels.map((each) => (each.id === id ? { ...each, ...patch } : each));
    },
    botToken: `xoxb-local-${secret()}`,
    appToken: `xapp-1-A0ZSTACK-${secret()}`,
    verificationToken: secret(),
  };
}

/**
 * The conversation with this id, if the bot may post there: a channel, or the direct messages with a person, also by
 * the person's id.
 */
export function placeForPosting(directory: Directory, id: string): { readonly id: string } {
  const person = directory.people.find((each) => each.id === id || directMessages(each.id) === id);
  if (person !== undefined) return { id: directMessages(person.id) };
  const channel = directory.channels.find((each) => each.id === id);
  if (channel === undefined) throw new SlackError("channel_not_found");
  if (!channel.botIsMember) throw new SlackError(channel.isPrivate ? "channel_not_found" : "not_in_channel");
  if (channel.isArchived) throw new SlackError("is_archived");
  return channel;
}

/** The id of the direct messages between the bot and a person: `D0ALICE01`. */
export const directMessages = (person: string): string => `D${person.slice(1)}`;
