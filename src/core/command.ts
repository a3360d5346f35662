import type { z } from "zod";
import type { Facts } from "./facts.ts";
import type { GuidedForm } from "./guided-form.ts";
import type { Plan } from "./plan.ts";
import type { Reply } from "./reply.ts";

interface Common<A extends z.ZodObject> {
  /** The words typed: `sharedblock add`. */
  readonly name: string;
  readonly summary: string;
  /** A `z.strictObject`; every argument is described. */
  readonly args: A;
  /** Arguments that may be given by place, in this order. */
  readonly positional: readonly (keyof z.output<A> & string)[];
  readonly examples: readonly [string, ...string[]];
}
export interface Query<A extends z.ZodObject = z.ZodObject> extends Common<A> {
  readonly kind: "query";
  /** For answers that would only be noise to the others in the channel. */
  readonly onlyForAsker?: true;
  /** What shows the rows that a very long answer leaves out: words with a narrower argument, or a tool on a host. */
  readonly narrower?: string;
  answer(args: z.output<A>, facts: Facts): Promise<Reply>;
}
/**
 * reversible: runs at once. trust: asks with a button, because a person must judge what is shown.
 * destructive: asks with a button and a form.
 */
type Risk = "reversible" | "trust" | "destructive";
export interface Change<A extends z.ZodObject = z.ZodObject> extends Common<A> {
  readonly kind: "change";
  readonly risk: Risk;
  /** Asks for the arguments; it opens if the command is typed without any. */
  readonly form?: GuidedForm;
  plan(args: z.output<A>, facts: Facts): Promise<Plan>;
}

// Commands of all argument shapes live in one list; the shape is checked where the command is defined
// and the arguments are parsed by its own schema before they are passed, so `any` is confined to this line.
// biome-ignore lint/suspicious/noExplicitAny: method arguments would otherwise be contravariant and no list could be formed
export type Command = Query<any> | Change<any>;
export const defineQuery = <A extends z.ZodObject>(query: Omit<Query<A>, "kind">): Query<A> => ({
  kind: "query",
  ...query,
});
export const defineChange = <A extends z.ZodObject>(change: Omit<Change<A>, "kind">): Change<A> => ({
  kind: "change",
  ...change,
});
