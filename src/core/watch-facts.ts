import type { AccessNotes } from "./access-facts.ts";
import type { ApprovalActs } from "./approval-acts.ts";
import type { FillLevels } from "./fill-levels.ts";
import type { Finding, FindingKind } from "./finding.ts";
import type { FreezeNotes } from "./freeze.ts";
import type { Incident } from "./incident.ts";
import type { PolicyNotes } from "./policy.ts";
import type { Reply } from "./reply.ts";

/** A person asked that a cluster is not watched for a while. */
export interface WatchPause {
  readonly clusterUuid: string;
  readonly by: string;
  /** ISO 8601. */
  readonly until: string;
  readonly reason: string;
  /** Where people read that it is paused. `at`: not posted before, ISO 8601. Absent: nowhere that all can read. */
  readonly posted?: (IncidentPlace & { readonly at: string }) | undefined;
}

/** How a host is watched now. */
export interface WatchedHost {
  readonly hostUuid: string;
  /** When it was observed last, ISO 8601. null: not since the bot started. */
  readonly observedAt: string | null;
  /** Why it did not answer then. null: it answered. */
  readonly silence: string | null;
  /** What can't be read in its answers, and why. */
  readonly notRead?: readonly string[];
  /** Why no kernel events arrive: the host is only observed at intervals. null: they arrive. */
  readonly noEvents: string | null;
}

/** What is found, and is no incident. */
export interface CoveredNow {
  readonly clusterUuid: string;
  /** `op-7 causes this`, `The watch of cluster-1 is paused` */
  readonly why: string;
  /** In words. */
  readonly findings: readonly string[];
}

/** What a host shows. */
export interface FailingNow {
  readonly finding: Finding;
  /** Why it is in no open incident: it is covered, or a person resolved it. null: it is in one, or will be. */
  readonly why: string | null;
}

/** How full a storage was when LVM was asked last. */
export interface StorageUse {
  readonly storageUuid: string;
  readonly sizeBytes: number;
  readonly freeBytes: number;
  /** ISO 8601. */
  readonly observedAt: string;
  /** When people hear of it; the usual levels if there are none. */
  readonly levels?: FillLevels;
}

/** Where an incident is posted. */
export interface IncidentPlace {
  readonly place: string;
  readonly messageId: string;
}

/** What commands read of the watch. It has no side effects. */
export interface WatchFacts {
  /** How often a host without events is observed, in milliseconds. */
  readonly everyMs: number;
  /** Whether incidents are posted: there is a channel for them. */
  readonly isPosting: boolean;
  /** All that are not archived: open ones, and those that ended lately. */
  incidents(): readonly Incident[];
  /** Also an archived one. null: there is none with this id. */
  incident(id: string): Promise<Incident | null>;
  /** Incidents that are long over, the latest first. */
  archived(): AsyncIterable<Incident>;
  /** null: it is not posted, or it is archived. An archived one has its place itself. */
  placeOf(incidentId: string): IncidentPlace | null;
  /** Whether this message shows an incident: answers to its buttons belong in its thread. */
  isIncidentMessage(place: string, messageId: string): boolean;
  pauses(): readonly WatchPause[];
  hosts(): readonly WatchedHost[];
  /** What a pause, a maintenance or an operation covers now. */
  covered(): readonly CoveredNow[];
  /** All of these kinds that hosts show now, in an incident or not. */
  failing(kinds: ReadonlySet<FindingKind>): readonly FailingNow[];
  uses(): readonly StorageUse[];
}

/** What an action changes: only what the bot itself keeps. Each change resolves when it is on disk. */
export interface WatchNotes {
  /** Also an archived one. null: there is none with this id. */
  revise(id: string, change: (incident: Incident) => Incident): Promise<Incident | null>;
  /** A pause of the same cluster is replaced. */
  pause(pause: WatchPause): Promise<void>;
  resume(clusterUuid: string): Promise<void>;
  /** Keeps where the answer is. A pause that ended, or was replaced, is left alone. */
  pausePosted(pause: WatchPause, posted: IncidentPlace): Promise<void>;
}

/** An operation that has begun and not ended. */
export interface RunningOperation {
  readonly id: string;
  readonly title: string;
  /** The names of the clusters that it changes. */
  readonly clusters: readonly string[];
}

/** The operations that run now. */
interface OperationNotes {
  running(): readonly RunningOperation[];
  /**
   * No further step of it begins, or it leaves the queue. Throws a Refusal if it does not run. Resolves when that is in
   * the audit log.
   */
  stop(id: string): Promise<"stopping" | "left the queue">;
}

/** What the bot keeps, as one person changes it. */
export interface Acting {
  /** Throws a Refusal if the watch is off. */
  readonly notes: WatchNotes;
  readonly access: AccessNotes;
  readonly freezes: FreezeNotes;
  readonly runs: OperationNotes;
  readonly policies: PolicyNotes;
  readonly approvals: ApprovalActs;
  readonly by: string;
  /** What keeps another person from reading of an incident, or from acting on it. In sentences; empty: nothing. */
  whyNotReached(person: string): Promise<readonly string[]>;
  /** After the action the message in that place shows this instead, if Slack takes it. */
  replaces(message: IncidentPlace, by: Reply): void;
  /** Calls this with the place of the answer, once all can read it. */
  oncePosted(then: (posted: IncidentPlace) => Promise<void>): void;
}
