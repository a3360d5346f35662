import type { Incident } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import type { Operation } from "../core/operation.ts";
import type { StorageUse } from "../core/watch-facts.ts";
import type { HostWatch } from "../watch/watcher.ts";

/** One of the bot's connections to Slack. */
export interface SlackConnection {
  /** When Slack said hello last, in milliseconds since the epoch; null: never. */
  readonly helloAtMs: number | null;
  readonly isOpen: boolean;
}

/** What the watch knows. */
export interface Watched {
  readonly hosts: readonly HostWatch[];
  readonly incidents: readonly Incident[];
  /** How full each storage was when LVM was asked last. */
  readonly uses: readonly StorageUse[];
  /** How often a host is observed, in milliseconds. */
  readonly everyMs: number;
}

/** Everything that is measured, at one time. */
export interface Measured {
  readonly nowMs: number;
  readonly inventory: Inventory;
  /** null: WATCH is off. */
  readonly watch: Watched | null;
  /** Those that the bot keeps. */
  readonly operations: readonly Operation[];
  readonly slack: readonly SlackConnection[];
  /** The systems that get the audit log, by the setting of each, and how many entries each does not have. */
  readonly forwards: readonly { readonly setting: string; readonly waiting: number }[];
  /** Why an audit entry can't be written now; null: it can. */
  readonly logProblem: string | null;
}
