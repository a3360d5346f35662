import type { AccessFacts } from "./access-facts.ts";
import type { Anchor } from "./audit-anchor.ts";
import type { AuditSieve } from "./audit-sieve.ts";
import type { AuditVerdict } from "./audit-verdict.ts";
import type { FreezeRecord } from "./freeze.ts";
import type { Gathered, Reads } from "./host-command.ts";
import type { AskedHost, PresentedHost } from "./host-key.ts";
import type { Host, Inventory } from "./inventory.ts";
import type { StorageObservations } from "./observation.ts";
import type { AuditEntry, Operation } from "./operation.ts";
import type { Outcome } from "./outcome.ts";
import type { PolicyFacts } from "./policy.ts";
import type { ReviewFacts } from "./review.ts";
import type { History } from "./track-history.ts";
import type { WatchFacts } from "./watch-facts.ts";

/** What commands read of the audit log. Each search reads only as far as its caller asks. */
export interface AuditFacts {
  /** The entries that may match, the latest first. */
  backwards(sieve: AuditSieve): AsyncIterable<AuditEntry>;
  /**
   * The operations that may match, the latest first. Of each the entries that a list shows, and those that may match,
   * the latest first.
   */
  operations(sieve: AuditSieve): AsyncIterable<readonly AuditEntry[]>;
  /** Checks the complete log, and compares it with what others know of it. */
  verify(anchors: readonly Anchor[]): Promise<AuditVerdict>;
  /** The entries of one operation, the oldest first. */
  of(operationId: string): Promise<readonly AuditEntry[]>;
}

/** All that a command can read. Facts have no side effects. */
export interface Facts {
  readonly inventory: Inventory;
  /** Who typed the command. */
  readonly by: string;
  /**
   * The time at which the command was typed, ISO 8601. Planning again at the click gets the same time, so the digest
   * can be equal.
   */
  readonly askedAt: string;
  /**
   * The time now, in milliseconds since the epoch. Only for queries: a plan that depends on it would be different when
   * it is made again.
   */
  now(): number;
  readonly observations: StorageObservations;
  /** What the watch saw before. Only for queries. */
  readonly history: History;
  /** A UUID for this operation and `label`. Planning again returns the same one. */
  uuid(label: string): string;
  /** Several reads of one host in one round trip. */
  gather<R extends Reads>(host: Host, reads: R): Promise<Gathered<R>>;
  /** What a host shows before any login. Nobody has confirmed its key yet. */
  presentedBy(asked: AskedHost): Promise<Outcome<PresentedHost>>;
  /** The newest operations first, at most `limit`. */
  operations(limit: number): Promise<readonly Operation[]>;
  operation(id: string): Promise<Operation | null>;
  /** The operations that this one waits for in the queue now, the first one first. Empty: it does not wait. Only for queries. */
  ahead(operationId: string): readonly string[];
  readonly access: AccessFacts;
  /** The audit log. */
  readonly audit: AuditFacts;
  /** What is frozen, as it is on disk now. */
  freezes(): FreezeRecord;
  readonly policies: PolicyFacts;
  readonly reviews: ReviewFacts;
  /** null: the watch is off. */
  readonly watch: WatchFacts | null;
}
