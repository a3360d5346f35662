import { z } from "zod";
import { operatorError, reason } from "../core/refusal.ts";

/** The workspace in which the bot is installed. */
export interface OwnWorkspace {
  readonly teamId: string;
  /** null outside of an organisation. */
  readonly enterpriseId: string | null;
  /** `https://NAME.slack.com/` */
  readonly url: string;
}

/** The author of an event, as far as Slack says. */
export type Origin =
  | { readonly kind: "person"; readonly user: string }
  /** A bot, an app or a workflow. It gets no answer, because two bots could answer each other without end. */
  | { readonly kind: "bot"; readonly who: string }
  /** A person of another workspace, or of one that Slack does not name. */
  | { readonly kind: "outsider"; readonly user: string; readonly team: string | null };

export const mentionSchema = z.object({
  /**
   * The workspace where the app is installed. One app-level token receives events of every workspace that installed
   * the app.
   */
  team_id: z.string().nullish(),
  is_ext_shared_channel: z.boolean().nullish(),
  event: z.object({
    channel: z.string(),
    ts: z.string(),
    thread_ts: z.string().nullish(),
    text: z.string().default(""),
    user: z.string().nullish(),
    bot_id: z.string().nullish(),
    app_id: z.string().nullish(),
    bot_profile: z.unknown().optional(),
    subtype: z.string().nullish(),
    team: z.string().nullish(),
    user_team: z.string().nullish(),
    source_team: z.string().nullish(),
    user_profile: z.object({ team: z.string().nullish() }).nullish(),
    edited: z.object({ ts: z.string() }).nullish(),
  }),
});

export function originOfMention(
  { event, team_id, is_ext_shared_channel }: z.output<typeof mentionSchema>,
  own: OwnWorkspace,
) {
  const { user, bot_id, app_id, bot_profile, subtype, team, user_team, source_team, user_profile } = event;
  // An app may write with a person's own token. Its message then has that person's id.
  if (bot_id || app_id || bot_profile || !user || subtype === "bot_message" || user === "USLACKBOT") {
    return { kind: "bot", who: bot_id ?? app_id ?? user ?? "an app" } as const;
  }
  const teams = [user_team, source_team, user_profile?.team, team].filter((each) => typeof each === "string");
  if (teams.length > 0) return ofTeams(user, teams, own);
  if (is_ext_shared_channel) return outsider(user, null);
  return team_id ? ofTeams(user, [team_id], own) : person(user);
}

export const commandSchema = z.object({
  trigger_id: z.string(),
  user_id: z.string(),
  channel_id: z.string(),
  channel_name: z.string().nullish(),
  text: z.string().default(""),
  team_id: z.string().nullish(),
  enterprise_id: z.string().nullish(),
});

export const originOfCommand = (command: z.output<typeof commandSchema>, own: OwnWorkspace): Origin => {
  const { user_id, team_id, enterprise_id } = command;
  if (enterprise_id && own.enterpriseId !== null && enterprise_id !== own.enterpriseId) {
    return outsider(user_id, enterprise_id);
  }
  return team_id ? ofTeams(user_id, [team_id], own) : outsider(user_id, null);
};

/** The author in the payload of a click or a form. */
export const interactionSchema = z.object({
  user: z.object({ id: z.string(), team_id: z.string().nullish() }),
  team: z.object({ id: z.string() }).nullish(),
});

/** In a shared channel `team` is the app's workspace, and `user.team_id` is the person's. */
export function originOfInteraction({ user, team }: z.output<typeof interactionSchema>, own: OwnWorkspace): Origin {
  const teams = [user.team_id, team?.id].filter((each) => typeof each === "string");
  return teams.length === 0 ? outsider(user.id, null) : ofTeams(user.id, teams, own);
}

function ofTeams(user: string, teams: readonly string[], { teamId, enterpriseId }: OwnWorkspace): Origin {
  const other = teams.find((team) => team !== teamId && team !== enterpriseId);
  return other === undefined ? person(user) : outsider(user, other);
}
const person = (user: string): Origin => ({ kind: "person", user });
const outsider = (user: string, team: string | null): Origin => ({ kind: "outsider", user, team });

export const foreignWorkspace = operatorError(
  "This command or click is not accepted",
  reason("FOREIGN_WORKSPACE", "the bot serves only people of its own workspace"),
);
