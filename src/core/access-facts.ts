import type { BoundChannel, Grant, Holding, Needed, Standing } from "./role.ts";

/** Who is in a user group. `exists`: there is such a group. */
export interface GroupMembers {
  readonly exists: boolean;
  readonly members: ReadonlySet<string>;
}

/** What Slack says about the id of a user or a user group. */
export type WhoIs =
  | { readonly kind: "user"; readonly standing: Standing }
  | { readonly kind: "group"; readonly group: GroupMembers }
  | { readonly kind: "not known"; readonly why: string };

/** The bot's relation to a channel. `direct`: a direct message, or one of a group. */
export type Membership = "member" | "none" | "direct";

/** A person asked for a role. */
export interface RoleRequest {
  readonly who: string;
  readonly role: Grant["role"];
  readonly clusters: Grant["clusters"];
  /** The message with the question. null: it is not posted yet, or was not. */
  readonly message: { readonly place: string; readonly messageId: string } | null;
  readonly at: string;
}

/** Who may do what. It has no side effects. */
export interface AccessFacts {
  grants(): readonly Grant[];
  channels(): readonly BoundChannel[];
  requests(): readonly RoleRequest[];
  /** All that was given, by the settings and by people. */
  holdings(): readonly Holding[];
  /** The roles of a person that allow it; null: none do, or that is not known now. Slack may be asked. */
  because(person: string, needed: Needed): Promise<readonly Holding[] | null>;
  /** Slack is asked, within some seconds. */
  whoIs(id: string): Promise<WhoIs>;
  /** Slack is asked, within some seconds. It rejects if there is no answer. */
  membershipOf(channel: string): Promise<Membership>;
  /** The name of a user, a user group or a channel, if it is known: `@bob`, `#storage`. */
  nameOf(id: string): string | null;
  learnNames(ids: readonly string[]): Promise<void>;
  /** The ids of the channels in which commands are taken; empty: all in which the bot is a member. */
  readonly channelsServed: readonly string[];
}

/** What actions change of it. Each change is decided at once, and resolves when it is on disk. */
export interface AccessNotes extends AccessFacts {
  /** Replaces the grants with what `change` makes of them; its result is returned. It may throw a Refusal. */
  changeGrants<R>(change: (grants: readonly Grant[]) => readonly [next: readonly Grant[], result: R]): Promise<R>;
  changeChannels<R>(
    change: (channels: readonly BoundChannel[]) => readonly [next: readonly BoundChannel[], result: R],
  ): Promise<R>;
  changeRequests<R>(
    change: (requests: readonly RoleRequest[]) => readonly [next: readonly RoleRequest[], result: R],
  ): Promise<R>;
}
