import type { AccessNotes } from "../core/access-facts.ts";
import type { Anchor } from "../core/audit-anchor.ts";
import type { AuditSieve } from "../core/audit-sieve.ts";
import type { AuditVerdict } from "../core/audit-verdict.ts";
import type { FreezeNotes, FreezeRecord } from "../core/freeze.ts";
import type { Gathered, HostCommand, Reads } from "../core/host-command.ts";
import type { AskedHost, PresentedHost } from "../core/host-key.ts";
import type { Host, Inventory } from "../core/inventory.ts";
import type { InventoryChange } from "../core/inventory-change.ts";
import type { StorageObservations } from "../core/observation.ts";
import type { AuditEntry, AuditEvent, Operation, OperationState } from "../core/operation.ts";
import type { Outcome } from "../core/outcome.ts";
import type { PolicyNotes } from "../core/policy.ts";
import type { OperatorError } from "../core/refusal.ts";
import type { Reply } from "../core/reply.ts";
import type { ReviewStore } from "../core/review.ts";
import type { Needed, Role } from "../core/role.ts";
import type { History } from "../core/track-history.ts";
import type { WatchFacts, WatchNotes } from "../core/watch-facts.ts";

/** How a host is asked. */
export interface ReadOptions {
  /** `operation`: for a confirmed plan, which goes before all queries. `watch`: nobody waits for it. */
  readonly urgency: "operation" | "query" | "watch";
  /** Whether an answer to the same question, asked by others at the same time, can be used. */
  readonly mayShare: boolean;
  /** The time limit of all reads together; null: the sum of the commands' limits. */
  readonly withinMs: number | null;
}

/** Takes what a kept program prints. */
export interface StreamReader {
  onLine(line: string): void;
  /** null: it runs and prints. Otherwise why it does not, in one line. */
  onTrouble(trouble: string | null): void;
}

/**
 * Hosts as the flow sees them. Every call ends within the commands' time limits plus a margin, also if the host
 * hangs.
 */
export interface Hosts {
  /** All reads in one round trip. If the host can't be reached, every answer is `unknown` with the reason. */
  gather<R extends Reads>(host: Host, reads: R, options?: ReadOptions): Promise<Gathered<R>>;
  /** For a confirmed plan. */
  run<T>(host: Host, command: HostCommand<T>): Promise<Outcome<T>>;
  /**
   * Keeps a program running that prints for as long as it lives, and starts it again if it or the connection ends. Only
   * for programs that change nothing.
   */
  stream(host: Host, argv: HostCommand<unknown>["argv"], reader: StreamReader): { stop(): void };
  /** The host's key, and how it is reached. The bot does not log in. */
  presentedBy(asked: AskedHost): Promise<Outcome<PresentedHost>>;
}

export interface AuditLog {
  /** Resolves when the entry is on disk. */
  append(by: string, operationId: string | null, event: AuditEvent): Promise<AuditEntry>;
  /** The log's length in bytes, where the next entry begins. */
  position(): number;
  /** The last entry on disk; number 0 if there is none. */
  head(): { readonly id: number; readonly hash: string };
  /** The entries that may match, the latest first. Reads only as far as its caller asks. */
  backwards(sieve?: AuditSieve): AsyncIterable<AuditEntry>;
  /** The operations that may match, the latest first: of each the entries that may matter, the latest first. */
  operations(sieve?: AuditSieve): AsyncIterable<readonly AuditEntry[]>;
  /** Checks all entries, all signatures, and what others know of entries. Others have their turn while it reads. */
  verify(known: { readonly anchors: readonly Anchor[] }): Promise<AuditVerdict>;
  /** The entries between two positions, or up to the end if `to` is null. `operationId`: only those of this operation. */
  between(from: number, to: number | null, operationId?: string): Promise<readonly AuditEntry[]>;
  /**
   * The entries with a greater number than `id`, the oldest first: at most `limit` of them, and at most 1 MiB after the
   * first. Only entries on disk. Empty: there are none yet.
   */
  after(id: number, limit: number): Promise<readonly AuditEntry[]>;
}

/** The last entry that a receiver has. Number 0: it has none. */
export interface ForwardedPosition {
  readonly id: number;
  readonly hash: string;
}
/** How far other systems have the audit log. */
export interface ForwardedPositions {
  /** null: nothing is known of this receiver. */
  of(receiver: string): ForwardedPosition | null;
  /** Resolves when it is on disk. */
  keep(receiver: string, position: ForwardedPosition): Promise<void>;
}

export interface InventoryStore {
  current(): Inventory;
  /** Applies all changes or none. Resolves when they are on disk. */
  apply(changes: readonly InventoryChange[]): Promise<void>;
}

export interface OperationStore {
  /** Gives the operation its id and its nonce. Resolves when it is on disk. */
  create(operation: Omit<Operation, "id" | "nonce">): Promise<Operation>;
  get(id: string): Operation | null;
  /** The latest first. */
  latest(limit: number): readonly Operation[];
  /**
   * Compare-and-set, decided before anything is awaited. null if the state is none of `from`, for example after a
   * second click. Also null if `only` refuses the operation.
   */
  change(
    id: string,
    from: readonly OperationState[],
    patch: Partial<Omit<Operation, "id" | "nonce">>,
    only?: (before: Operation) => boolean,
  ): Promise<Operation | null>;
}

export interface FreezeStore extends FreezeNotes {
  current(): FreezeRecord;
}

export interface Buttons {
  readonly operationId: string;
  /** The operation's seal (`sealOf`). A click with another seal is for another plan. */
  readonly seal: string;
  /** The button's text: "Wipe and Add". */
  readonly verb: string;
  /** What is lost, in one sentence; null: nothing. */
  readonly warning: string | null;
  /** The form that Confirm opens; null: a click is enough. */
  readonly form: Operation["form"];
  /** The plan waits for an approver until then, ISO 8601, so it can only be cancelled. */
  readonly waits?: { readonly until: string };
}
/** A button that runs a command as the person who clicks it. */
export interface NextButton {
  readonly label: string;
  readonly words: string;
  /** The seal of these words. Only this data folder can make it; another seal means another bot's button. */
  readonly seal: string;
}
/** What the form of Confirm is made from. */
export type FormAsked = Omit<Buttons, "warning" | "waits">;
export interface Message {
  readonly reply: Reply;
  readonly buttons?: Buttons;
  /** Buttons for next steps of the reply. */
  readonly nextButtons?: readonly NextButton[];
  /** `Channel.find` finds the message by this key. */
  readonly key?: string;
  /** In a thread: people who read only the channel see it too. */
  readonly inChannelToo?: boolean;
}

/** The message at the moment when it is posted. */
export const messageNow = (message: Message | (() => Message)): Message =>
  typeof message === "function" ? message() : message;

/** A message that must be in a place once. A kill during its post, or a lost answer of Slack, changes nothing of that. */
export interface PostOnce {
  /** Identifies this post among all others. */
  readonly key: string;
  /** It was not posted before this time. */
  readonly since: string;
  /** A post began, and its result is not known. */
  readonly mayBeThere: boolean;
  /** What is posted if a search can't show whether the first post is there. */
  readonly again: Message;
  /** Called before the post. Resolves when that is on disk, or can't be written. */
  begins(): Promise<void>;
  /** Called if the place certainly did not take the post. */
  wasNotTaken(): Promise<void>;
}

/** One place in a channel, where the bot posts on its own. */
export interface Channel {
  /** The flow does not read it. The operation keeps it, so that its message is found again after a restart. */
  readonly place: string;
  /** The id of the channel in Slack; absent at a terminal. A cluster may be changed only in one channel. */
  readonly channelId?: string;
  /**
   * Posts for all to read; resolves to the message's id. A function is called when the post has its turn, and its
   * result is posted. Throws an Undelivered if the place does not take the message. Throws a Refusal if the message
   * could not be read completely. With `once` the bot first searches the place for the message.
   */
  say(message: Message | (() => Message), once?: PostOnce): Promise<string>;
  /**
   * Replaces a message. The adapter merges quick repetitions. With `last` a failed attempt is tried again; in the end
   * it throws as `say` does. `once`: for the post that replaces a message that is gone.
   */
  revise(messageId: string, message: Message, last: boolean, once?: PostOnce): Promise<void>;
  /** The id of the message with this key that was posted after `since`. null: there is none, or that is not known. */
  find(key: string, since: string): Promise<string | null>;
}
/** A place, and the person who types or clicks there. */
export interface Conversation extends Channel {
  /** Only that person sees the message. Every possible way is tried. Never throws. */
  sendEphemeral(message: Message): Promise<void>;
  /** Why nothing can be changed from here now, or null. */
  readonly mayNotChangeHere: OperatorError | null;
  /** Whether a person can fill in forms here. */
  readonly opensForms?: true;
  /** The link by which people find a message here; null: there is none. */
  linkTo(messageId: string): string | null;
}
export interface Conversations {
  at(place: string): Channel;
  /** The thread of a message in a place. */
  inThread(place: string, messageId: string): Channel;
  /** Direct messages with a person. null for a person without them, for example at a terminal. */
  withPerson(person: string): Channel | null;
  /** The first of the bot's channels; null: there is none. */
  home(): Channel | null;
}

/** Who may do what. Each answer counts for now only: roles change at once. */
export interface Permission {
  /**
   * Why this person may not do what needs the role; null: they may. Slack may be asked, within a limit of some seconds.
   * Without its answer nobody may. `fresh`: a kept answer does not count.
   */
  whyNot(person: string, needed: Needed, options?: { readonly fresh?: boolean }): Promise<OperatorError | null>;
  /**
   * The same at once, without Slack, for what must answer within Slack's 3 s: a form that opens. What Slack would have to
   * say counts as yes, so what is sent with the form must pass `whyNot`.
   */
  known(person: string, needed: Needed): OperatorError | null;
  /** The people who have the role. `isComplete`: Slack said it of everybody who may have it. */
  peopleWith(needed: Needed): Promise<{ readonly people: readonly string[]; readonly isComplete: boolean }>;
  /**
   * Whether another person than this one may have the role. What Slack does not say counts as yes. `fresh`: Slack is
   * asked again who is in the user groups.
   */
  mayAnother(person: string, needed: Needed, options: { readonly fresh: boolean }): Promise<boolean>;
  /** The users and the user groups that were given the role, or one that includes it. Nobody is asked. */
  holders(needed: Needed): readonly { readonly who: string; readonly role: Role }[];
}

export interface Clock {
  now(): Date;
}

/** Where bugs are written. Operators see only their id. */
export interface Log {
  info(message: string): void;
  error(message: string, error: unknown): void;
}

/** Everything that the flow acts through. */
export interface World {
  readonly hosts: Hosts;
  readonly audit: AuditLog;
  readonly inventory: InventoryStore;
  readonly operations: OperationStore;
  readonly freezes: FreezeStore;
  readonly conversations: Conversations;
  readonly clock: Clock & { sleep(ms: number): Promise<unknown> };
  readonly log: Log;
  readonly observations: StorageObservations;
  readonly history: History;
  /** A secret of the data folder. It proves that the bot itself showed a button. */
  readonly buttonKey: string;
  readonly permission: Permission;
  readonly access: AccessNotes;
  readonly policies: PolicyNotes;
  readonly reviews: ReviewStore;
  /** Why this person reads none of the bot's channels, or null. Absent: everybody may read. */
  whyNoReader?(person: string): Promise<OperatorError | null>;
  /** The watch: what commands read of it, and what actions change. null: it is off. */
  watch(): (WatchFacts & WatchNotes) | null;
  /** Whether hosts and files are being closed. An error from then on is no bug. */
  isStopping(): boolean;
}
