import { z } from "zod";
import { directMessages } from "./directory.ts";
import { SlackError } from "./slack-error.ts";
import { botMethod, type WebMethods } from "./web-method.ts";
import type { Workspace } from "./workspace.ts";

/** Methods about the bot, a user and a channel, and the one that opens a Socket Mode connection. */
export const infoMethods = (workspace: Workspace): WebMethods => {
  const { directory } = workspace;
  const { team, bot, appId } = directory;
  return {
    "auth.test": botMethod("tier4", z.object({}), () => ({
      url: `${workspace.address()}/`,
      team: team.name,
      user: bot.name,
      team_id: team.id,
      user_id: bot.id,
      bot_id: bot.botId,
      is_enterprise_install: false,
    })),
    "users.info": botMethod("tier4", z.object({ user: z.string() }), (args) => {
      const user = [...directory.people, bot].find(({ id }) => id === args.user);
      if (user === undefined) throw new SlackError("user_not_found");
      const profile = { real_name: user.name, display_name: user.name };
      const { deleted, isBot, isRestricted, isUltraRestricted, team: ofTeam } = directory.accountOf(user.id);
      return {
        user: {
          ...{ id: user.id, team_id: ofTeam, name: user.name, real_name: user.name, profile, deleted },
          is_bot: isBot || user === bot,
          // Slack leaves out what an account that is gone was.
          ...(!deleted && { is_restricted: isRestricted, is_ultra_restricted: isUltraRestricted }),
          ...(ofTeam !== team.id && { is_stranger: true }),
        },
      };
    }),
    "usergroups.list": botMethod("tier2", z.object({}), () => ({
      usergroups: directory.userGroups.map(({ id, handle, name, users }) => ({
        ...{ id, team_id: team.id, is_usergroup: true, handle, name, date_delete: 0 },
        user_count: users.length,
      })),
    })),
    "usergroups.users.list": botMethod("tier2", z.object({ usergroup: z.string() }), ({ usergroup }) => {
      const group = directory.userGroups.find(({ id }) => id === usergroup);
      if (group === undefined) throw new SlackError("no_such_subteam");
      // Slack leaves out people who were deactivated.
      return { users: group.users.filter((person) => !directory.accountOf(person).deleted) };
    }),
    "bots.info": botMethod("tier3", z.object({ bot: z.string().optional() }), (args) => {
      if (args.bot !== undefined && args.bot !== bot.botId) throw new SlackError("bot_not_found");
      return { bot: { id: bot.botId, name: bot.name, app_id: appId, user_id: bot.id, deleted: false } };
    }),
    "conversations.info": botMethod("tier3", z.object({ channel: z.string() }), (args) => {
      const channel = directory.channels.find(({ id }) => id === args.channel);
      if (channel === undefined) throw new SlackError("channel_not_found");
      const { id, name, botIsMember: is_member, isPrivate: is_private, isArchived: is_archived } = channel;
      if (is_private && !is_member) throw new SlackError("channel_not_found");
      return { channel: { id, name, is_channel: true, is_private, is_archived, is_member } };
    }),
    "conversations.members": botMethod(
      "tier4",
      z.object({
        channel: z.string(),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
        cursor: z.string().default(""),
      }),
      ({ channel: id, limit, cursor }) => {
        const channel = directory.channels.find((each) => each.id === id);
        if (channel === undefined || (channel.isPrivate && !channel.botIsMember))
          throw new SlackError("channel_not_found");
        const from = cursor === "" ? 0 : Number(Buffer.from(cursor, "base64").toString());
        if (!Number.isInteger(from)) throw new SlackError("invalid_cursor");
        const people = directory.people
          .map((person) => person.id)
          .filter((person) => !channel.without.includes(person));
        const all = [...people, ...(channel.botIsMember ? [bot.id] : [])];
        const next = from + limit < all.length ? Buffer.from(String(from + limit)).toString("base64") : "";
        return { members: all.slice(from, from + limit), response_metadata: { next_cursor: next } };
      },
    ),
    "conversations.open": botMethod("tier3", z.object({ users: z.string() }), (args) => {
      if (directory.people.every(({ id }) => id !== args.users)) throw new SlackError("user_not_found");
      return { channel: { id: directMessages(args.users) } };
    }),
    "apps.connections.open": {
      token: "app",
      tier: "tier1",
      call: () => ({ url: `${workspace.socketAddress()}${workspace.socketMode.ticketPath()}` }),
    },
  };
};
