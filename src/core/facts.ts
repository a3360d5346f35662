import type { Gathered, Reads } from "./host-command.ts";
import type { Host, Inventory } from "./inventory.ts";
import type { StorageObservations } from "./observation.ts";
import type { AuditEntry, Operation } from "./operation.ts";
import type { Outcome } from "./outcome.ts";

/** All that a command can see of the world: facts, never side effects. */
export interface Facts {
  readonly inventory: Inventory;
  /** When the words were typed; planning again at the click sees the same time, so that the digest can match. */
  readonly askedAt: string;
  /** Milliseconds since the epoch. For queries: what a plan shows must not depend on it, or planning again would differ. */
  now(): number;
  readonly observations: StorageObservations;
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
