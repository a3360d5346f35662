import type { AuditEntry } from "../core/operation.ts";

/** Another system that gets the audit entries. */
export interface Receiver {
  /** The setting that names it. */
  readonly setting: "AUDIT_SYSLOG" | "AUDIT_WEBHOOK";
  /** For people: its address without user, password, path and query. */
  readonly shown: string;
  /** Its complete address. Only a hash of it is kept. */
  readonly address: string;
  /**
   * Sends the entries in their order. Resolves when the receiver took all of them. Otherwise rejects, in most cases
   * with a NotTaken; the receiver may have some of them then. Each call ends within a limit, or when `signal` aborts.
   */
  send(entries: readonly AuditEntry[], signal: AbortSignal): Promise<void>;
}

interface Why {
  /** One of few: the log has each once in an outage. */
  readonly kind: string;
  /** Text of the receiver. It is from outside, so that only the log shows it. */
  readonly answer?: string;
  /** A person must change something first, so that it is tried again slowly. */
  readonly needsPerson?: boolean;
  /** The entries were too many for one message. */
  readonly isTooLarge?: boolean;
}

/** The receiver did not take the entries, or nothing shows that it did. */
export class NotTaken extends Error {
  override name = "NotTaken";
  readonly why: Why;
  constructor(message: string, why: Why) {
    super(message);
    this.why = why;
  }
}
