import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { PeopleSource } from "../access/people.ts";
import type { GroupMembers, Membership } from "../core/access-facts.ts";
import type { Standing } from "../core/role.ts";
import { membershipIn } from "./membership.ts";
import type { OwnWorkspace } from "./origin.ts";
import type { PersonNames } from "./person-names.ts";
import { realTime, retryUntil, SlackFailed } from "./retry.ts";
import { slackCode } from "./slack-code.ts";

/** How long Slack may take for an answer on which a decision waits. */
const LIMIT_MS = 5_000;
/** Until then a call that failed for the moment is tried again. */
const TRIES_MS = 3_000;
/** Names are best effort: nobody waits longer for them. */
const NAMES_MS = 1_500;
const MOST_NAMES = 6;
/** Handles of user groups change seldom, and Slack answers all of them at once. */
const HANDLES_MS = 5 * 60_000;

const text = z.string().max(500);
const userSchema = z.object({
  user: z.object({
    id: text,
    name: text.nullish(),
    team_id: text.nullish(),
    deleted: z.boolean().nullish(),
    is_bot: z.boolean().nullish(),
    is_workflow_bot: z.boolean().nullish(),
    is_restricted: z.boolean().nullish(),
    is_ultra_restricted: z.boolean().nullish(),
    is_stranger: z.boolean().nullish(),
    enterprise_user: z.object({ enterprise_id: text.nullish(), teams: z.array(text).max(1_000).nullish() }).nullish(),
  }),
});
type User = z.output<typeof userSchema>["user"];
const channelSchema = z.object({ channel: z.object({ name: text }) });
const membersSchema = z.object({ users: z.array(text).max(50_000).default([]) });
const groupsSchema = z.object({
  usergroups: z
    .array(z.object({ id: text, handle: text }))
    .max(10_000)
    .default([]),
});

type Asked = Pick<WebClient, "users" | "usergroups" | "conversations">;

/** Asks Slack about people and user groups. Each question ends within some seconds. */
export class SlackPeople implements PeopleSource {
  readonly #client: Asked;
  readonly #names: PersonNames;
  readonly #own: OwnWorkspace;
  readonly #handles = new Map<string, string>();
  #handlesAskedMs = Number.NEGATIVE_INFINITY;

  constructor(client: Asked, names: PersonNames, own: OwnWorkspace) {
    this.#client = client;
    this.#names = names;
    this.#own = own;
  }

  async standingOf(id: string): Promise<Standing> {
    try {
      return standingIn(await this.#user(id, LIMIT_MS), this.#own);
    } catch (error) {
      if (["user_not_found", "users_not_found", "user_not_visible"].includes(codeOf(error))) return "not there";
      throw error;
    }
  }

  async membersOf(usergroup: string): Promise<GroupMembers> {
    try {
      const answer = await asked(() => this.#client.usergroups.users.list({ usergroup }), LIMIT_MS);
      return { exists: true, members: new Set(membersSchema.parse(answer).users) };
    } catch (error) {
      if (codeOf(error) === "no_such_subteam") return { exists: false, members: new Set() };
      throw error;
    }
  }

  async membershipOf(channel: string): Promise<Membership> {
    try {
      return membershipIn(await asked(() => this.#client.conversations.info({ channel }), LIMIT_MS));
    } catch (error) {
      // A private channel without the bot, or no channel.
      if (codeOf(error) === "channel_not_found") return "none";
      throw error;
    }
  }

  nameOf(id: string): string | null {
    if (id.startsWith("S")) return this.#handles.get(id) ?? null;
    const name = this.#names.of(id);
    return name === null ? null : `${/^[CG]/.test(id) ? "#" : "@"}${name}`;
  }

  async learnNames(ids: readonly string[]): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => this.nameOf(id) === null).slice(0, MOST_NAMES);
    const users = unknown.filter((id) => /^[UW][A-Z0-9]+$/.test(id));
    const channels = unknown.filter((id) => /^[CG][A-Z0-9]+$/.test(id));
    const isOld = performance.now() - this.#handlesAskedMs > HANDLES_MS;
    // Best effort: without a name the id is shown.
    await Promise.allSettled([
      ...users.map((id) => this.#user(id, NAMES_MS)),
      ...channels.map((id) => this.#channel(id)),
      ...(unknown.some((id) => id.startsWith("S")) && isOld ? [this.#learnHandles()] : []),
    ]);
  }

  async #user(id: string, limitMs: number): Promise<User> {
    const { user } = userSchema.parse(await asked(() => this.#client.users.info({ user: id }), limitMs));
    if (user.name) this.#names.add(user.id, user.name);
    return user;
  }

  async #channel(id: string): Promise<void> {
    const { channel } = channelSchema.parse(
      await asked(() => this.#client.conversations.info({ channel: id }), NAMES_MS),
    );
    this.#names.add(id, channel.name);
  }

  async #learnHandles(): Promise<void> {
    this.#handlesAskedMs = performance.now();
    const answer = await asked(() => this.#client.usergroups.list({ include_count: false }), NAMES_MS);
    for (const { id, handle } of groupsSchema.parse(answer).usergroups) this.#handles.set(id, `@${handle}`);
  }
}

function standingIn(user: User, { teamId, enterpriseId }: OwnWorkspace): Standing {
  if (user.deleted) return "deactivated";
  if (user.is_bot || user.is_workflow_bot || user.id === "USLACKBOT") return "bot";
  const { team_id: team, enterprise_user: grid } = user;
  const isOwn =
    !team ||
    team === teamId ||
    (enterpriseId !== null && (team === enterpriseId || grid?.enterprise_id === enterpriseId)) ||
    grid?.teams?.includes(teamId) === true;
  if (user.is_stranger || !isOwn) return "foreign";
  return user.is_restricted || user.is_ultra_restricted ? "guest" : "member";
}

/** Rejects also if Slack does not answer in time. */
async function asked<T>(call: () => Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1_000} s`)), limitMs);
  });
  const answer = retryUntil(call, Date.now() + Math.min(TRIES_MS, limitMs), realTime);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

const codeOf = (error: unknown): string => slackCode(error instanceof SlackFailed ? error.cause : error) ?? "";
