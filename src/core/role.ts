import { z } from "zod";
import { nameSchema, timeSchema } from "./inventory.ts";

/** What a person may do: read; change; approve the changes of others; all of it, and say who may do what. */
export const roles = ["viewer", "operator", "approver", "admin"] as const;
export type Role = (typeof roles)[number];

/** The roles that a role has in it, itself included. */
export const rolesIncluded: Readonly<Record<Role, readonly Role[]>> = {
  viewer: ["viewer"],
  operator: ["viewer", "operator"],
  approver: ["viewer", "approver"],
  admin: roles,
};

/** Whether a person with the role `has` may do what needs the other one. */
export const includesRole = (has: Role, needed: Role): boolean => rolesIncluded[has].includes(needed);

/** A role and where it is needed. */
export interface Needed {
  readonly role: Role;
  /**
   * The names of clusters: on each of them. `all`: a change that belongs to no cluster, such as a new zone. `any`: the
   * clusters are not known yet, so one is enough.
   */
  readonly clusters: "any" | "all" | readonly string[];
}

/** The id of a Slack user or user group. */
const memberIdSchema = z
  .string()
  .regex(/^[UWS][A-Z0-9]+$/)
  .max(30);
/** Whether an id is one of a user group. */
export const isGroup = (id: string): boolean => id.startsWith("S");

/** A role that a person gave to a user or a user group. */
export const grantSchema = z.strictObject({
  who: memberIdSchema,
  role: z.enum(roles),
  clusters: z.union([z.literal("all"), z.array(nameSchema).min(1).max(500)]),
  by: z.string(),
  at: timeSchema,
});
export type Grant = z.output<typeof grantSchema>;

/** Why a person has a role. */
type Source =
  | { readonly kind: "setting"; readonly name: "ADMINS" | "OPERATORS" }
  | { readonly kind: "grant"; readonly by: string; readonly at: string }
  /** Every full member of the workspace may read. */
  | { readonly kind: "member" }
  /** The bot's own user on its computer has the data folder. */
  | { readonly kind: "terminal" };

/** A role of a user or a user group. */
export interface Holding {
  /** The id of a user or a user group. */
  readonly who: string;
  readonly role: Role;
  readonly clusters: Grant["clusters"];
  readonly source: Source;
}

/** What a user is in the workspace. All but a member have no role unless they are named by their own id. */
export type Standing = "member" | "guest" | "deactivated" | "bot" | "foreign" | "not there";

/** A cluster that is changed only in one channel. */
export const boundChannelSchema = z.strictObject({
  cluster: nameSchema,
  /** The id of a Slack channel. */
  channel: z.string().regex(/^[CG][A-Z0-9]+$/),
  by: z.string(),
  at: timeSchema,
});
export type BoundChannel = z.output<typeof boundChannelSchema>;

/** A role in words: `operator of cluster-1`, `admin of all clusters`. */
export const roleText = ({ role, clusters }: { readonly role: Role; readonly clusters: Needed["clusters"] }): string =>
  clusters === "any"
    ? role
    : `${role} of ${clusters === "all" ? "all clusters" : clusters.length > 0 ? clusters.join(", ") : "no cluster"}`;
