import type { z } from "zod";
import type { Facts } from "./facts.ts";
import type { GuidedForm } from "./guided-form.ts";
import type { Plan } from "./plan.ts";
import type { Risk } from "./policy.ts";
import type { Reply } from "./reply.ts";
import type { Role } from "./role.ts";
import type { Acting } from "./watch-facts.ts";

interface Common<A extends z.ZodObject> {
  /** The command's name: `sharedblock add`. */
  readonly name: string;
  readonly summary: string;
  /** A `z.strictObject`; every argument is described. */
  readonly args: A;
  /** The arguments that may be given by position, in this order. */
  readonly positional: readonly (keyof z.output<A> & string)[];
  /** The last argument given by position takes all words that follow, so that a text needs no quotes. */
  readonly takesRest?: true;
  readonly examples: readonly [string, ...string[]];
  /** The role that a person needs; by default viewer for a query, and operator for a change or an action. */
  readonly needs?: Role;
}
export interface Query<A extends z.ZodObject = z.ZodObject> extends Common<A> {
  readonly kind: "query";
  /** Only the person who asked sees the answer. */
  readonly onlyForAsker?: true;
  /** What people read while the answer is not ready: "Reading the audit log …". By default, that hosts are observed. */
  readonly waiting?: string;
  /** A command, or a tool on a host, that shows the rows that a very long answer leaves out. */
  readonly narrower?: string;
  answer(args: z.output<A>, facts: Facts): Promise<Reply>;
}
export interface Change<A extends z.ZodObject = z.ZodObject> extends Common<A> {
  readonly kind: "change";
  /** By default a reversible change runs at once, a button confirms one of trust, and a form a destructive one. */
  readonly risk: Risk;
  /** The form that asks for the arguments. It opens if the command is typed without arguments. */
  readonly form?: GuidedForm;
  plan(args: z.output<A>, facts: Facts): Promise<Plan>;
}

/**
 * Changes only what the bot itself keeps, such as who has an incident. It has no plan and asks no host.
 */
export interface Action<A extends z.ZodObject = z.ZodObject> extends Common<A> {
  readonly kind: "action";
  /** Only the person who asked sees the answer: the incident's thread shows everybody what was done. */
  readonly onlyForAsker?: true;
  /** Throws a Refusal before it changes anything. */
  act(args: z.output<A>, facts: Facts, acting: Acting): Promise<Reply>;
}

// Commands with arguments of all types are in one list. TypeScript checks an argument's type where its command is
// defined, and the command's own schema parses it. So `any` is confined to this line.
// biome-ignore lint/suspicious/noExplicitAny: method arguments would otherwise be contravariant and no list could be formed
export type Command = Query<any> | Change<any> | Action<any>;
/** The role that a person needs for a command. */
export const roleNeeded = ({ needs, kind }: Pick<Command, "needs" | "kind">): Role =>
  needs ?? (kind === "query" ? "viewer" : "operator");

export const defineQuery = <A extends z.ZodObject>(query: Omit<Query<A>, "kind">): Query<A> => ({
  kind: "query",
  ...query,
});
export const defineChange = <A extends z.ZodObject>(change: Omit<Change<A>, "kind">): Change<A> => ({
  kind: "change",
  ...change,
});
export const defineAction = <A extends z.ZodObject>(action: Omit<Action<A>, "kind">): Action<A> => ({
  kind: "action",
  ...action,
});
