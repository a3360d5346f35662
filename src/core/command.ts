import type { z } from "zod";
import type { Gathered, Reads } from "./host-command.ts";
import type { Host, Inventory } from "./inventory.ts";
import type { Looks } from "./observation.ts";
import type { AuditEntry, Operation } from "./operation.ts";
import type { Outcome } from "./outcome.ts";
import type { Plan } from "./plan.ts";
import type { Reply } from "./reply.ts";

/** All that a command can see of the world: facts, never side effects. */
export interface Facts {
  readonly inventory: Inventory;
  /** When the words were typed; planning again at the click sees the same time, so that the digest can match. */
  readonly askedAt: string;
  /** Milliseconds since the epoch. For queries: what a plan shows must not depend on it, or planning again would differ. */
  now(): number;
  readonly looks: Looks;
  /** A UUID made for this operation and `label`; planning again gives the same one. */
  uuid(label: string): string;
  /** Several reads of one host in one round trip. */
  gather<R extends Reads>(host: Host, reads: R): Promise<Gathered<R>>;
  /** The fingerprint of the key that a host presents, before anyone trusts it. */
  hostKeyOf(address: string, port: number): Promise<Outcome<string>>;
  /** The latest first, at most `limit`. */
  operations(limit: number): Promise<readonly Operation[]>;
  operation(id: string): Promise<Operation | null>;
  /** The entries of the log, the latest first; reads only as far as it is asked, and no others than `only`. */
  auditBackwards(only: "all" | "of operations"): AsyncIterable<AuditEntry>;
  /** One operation's entries, in their order. */
  auditOf(operation: Operation): Promise<readonly AuditEntry[]>;
}

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
export type Risk = "reversible" | "trust" | "destructive";
export interface Change<A extends z.ZodObject = z.ZodObject> extends Common<A> {
  readonly kind: "change";
  readonly risk: Risk;
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
