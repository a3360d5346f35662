import type { Finding } from "../core/finding.ts";
import type { Gathered, Reads } from "../core/host-command.ts";
import type { Incident } from "../core/incident.ts";
import type { Host, Inventory } from "../core/inventory.ts";
import type { History } from "../core/track-history.ts";
import type { BlockEvent } from "../host/udev.ts";
import type { TrackFact } from "./history-facts.ts";
import type { Round } from "./incidents.ts";
import type { Known } from "./known.ts";
import type { Observed } from "./sample.ts";

/** A stream of a host's kernel events, kept until it is stopped. A lost one is made again by the adapter. */
export interface EventStream {
  stop(): void;
}
/** null: events arrive. Otherwise why none do: then the host is only polled. */
export type StreamTrouble = string | null;

/** Everything that the watch acts through. */
export interface WatchPorts {
  /** One round trip, after steps of operations and people's questions. */
  gather<R extends Reads>(host: Host, reads: R): Promise<Gathered<R>>;
  /** `onEvent`: something happened to a block device of the host. It is a hint: the host is observed then. */
  listen(host: Host, onEvent: (event: BlockEvent) => void, onTrouble: (trouble: StreamTrouble) => void): EventStream;
  inventory(): Inventory;
  /**
   * The id of the operation that causes the finding, or the pause that covers it; null: it is news. `sinceMs`: when it
   * was first seen.
   */
  coveredBy(finding: Finding, sinceMs: number): string | null;
  /**
   * Called with what changed; resolves once it is on disk. Posts follow from it. `changed`: ids of incidents. If it
   * rejects, a later call has `changed` and `forgotten` again.
   */
  take(round: Round & { readonly changed: readonly string[] }): Promise<void>;
  keepKnown(hostUuid: string, known: Known): void;
  /** Called with each observation: what changed is kept for pictures. */
  keepHistory(observed: Observed, known: Known | null): void;
  /** For bugs. */
  failed(doing: string, error: unknown): void;
}

/** What the watch knew when the bot stopped. */
export interface Remembered {
  readonly incidents: readonly Incident[];
  readonly known: ReadonlyMap<string, Known>;
}

/** Keeps changes. It is written later: losing the latest second is harmless. */
export interface HistoryStore extends History {
  /** All that one observation of a host says. Tracks of the host that are not named have no value from then on. */
  keep(hostUuid: string, facts: readonly TrackFact[], atMs: number): void;
  /** Resolves when everything is on disk. */
  close(): Promise<void>;
}
