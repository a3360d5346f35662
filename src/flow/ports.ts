import type { Gathered, HostCommand, Reads } from "../core/host-command.ts";
import type { Host, Inventory } from "../core/inventory.ts";
import type { InventoryChange } from "../core/inventory-change.ts";
import type { StorageObservations } from "../core/observation.ts";
import type { AuditEntry, AuditEvent, Operation, OperationState } from "../core/operation.ts";
import type { Outcome } from "../core/outcome.ts";
import type { OperatorError } from "../core/refusal.ts";
import type { Reply } from "../core/reply.ts";

/** How a host is asked. */
export interface Asking {
  /** `operation`: for a confirmed plan, which goes before all that people ask. */
  readonly urgency: "operation" | "query";
  /** Whether an answer serves that is on its way already, for others who ask the same. */
  readonly mayShare: boolean;
  /** How long all of it may take; null: what the commands' limits are together. */
  readonly withinMs: number | null;
}

/** Hosts as the flow knows them. Every call ends within the commands' time-outs plus a margin, whatever the host does. */
export interface Hosts {
  /** All reads in one round trip. A host that can't be reached spoils every answer with `unknown` and the reason. */
  gather<R extends Reads>(host: Host, reads: R, asking?: Asking): Promise<Gathered<R>>;
  /** For a confirmed plan. */
  run<T>(host: Host, command: HostCommand<T>): Promise<Outcome<T>>;
  /** The `SHA256:…` fingerprint that the host presents; no login is tried. */
  hostKeyOf(address: string, port: number): Promise<Outcome<string>>;
}

export interface AuditLog {
  /** Resolves once the entry is on disk. */
  append(by: string, operationId: string | null, event: AuditEvent): Promise<AuditEntry>;
  /** The log's length in bytes, where the next entry will begin. */
  position(): number;
  /** The last entry that is on disk; number 0 where there is none. */
  head(): { readonly id: number; readonly hash: string };
  /** The entries, the latest first. Reads the file from its end, only as far as it is asked; `only` reads no others. */
  backwards(only?: "all" | "of operations"): AsyncIterable<AuditEntry>;
  /** The entries between two positions; up to the end if `to` is null; of one operation if it is named. */
  between(from: number, to: number | null, operationId?: string): Promise<readonly AuditEntry[]>;
}

export interface InventoryStore {
  current(): Inventory;
  /** Applies all changes or none; resolves once they are on disk. */
  apply(changes: readonly InventoryChange[]): Promise<void>;
}

export interface OperationStore {
  /** Gives the operation its id and its nonce; resolves once it is on disk. */
  create(operation: Omit<Operation, "id" | "nonce">): Promise<Operation>;
  get(id: string): Operation | null;
  /** The latest first. */
  latest(limit: number): readonly Operation[];
  /**
   * Compare-and-set, decided before anything is awaited: null if the state is none of `from` (a second click), or if the
   * operation is not such as `only` asks.
   */
  change(
    id: string,
    from: readonly OperationState[],
    patch: Partial<Omit<Operation, "id" | "nonce">>,
    only?: (before: Operation) => boolean,
  ): Promise<Operation | null>;
}

export interface Buttons {
  readonly operationId: string;
  /** `sealOf` the operation: a click without it is of another plan. */
  readonly seal: string;
  /** What the button says: "Wipe and Add". */
  readonly verb: string;
  /** What is lost, in one sentence; null if nothing is. */
  readonly warning: string | null;
  /** What Confirm's form shows; null where a click is enough. */
  readonly form: Operation["form"];
}
/** A button that runs words as the person who clicks it. */
export interface NextButton {
  readonly label: string;
  readonly words: string;
  /** What only this data folder can give these words: a button without it is another bot's. */
  readonly seal: string;
}
/** What the form is made of that Confirm opens. */
export type FormAsked = Omit<Buttons, "warning">;
export interface Message {
  readonly reply: Reply;
  readonly buttons?: Buttons;
  /** For next steps of the reply. */
  readonly nextButtons?: readonly NextButton[];
  /** By which it is found again; see `Channel.find`. */
  readonly key?: string;
}

/** What a message is when its turn has come. */
export const messageNow = (message: Message | (() => Message)): Message =>
  typeof message === "function" ? message() : message;

/** What must stand in a place once, also if the bot is killed while it posts it, or Slack's answer is lost. */
export interface Once {
  /** What tells it from all other posts. */
  readonly key: string;
  /** It was not posted before this time. */
  readonly since: string;
  /** Its posting began, and nobody knows how that ended. */
  readonly mayBeThere: boolean;
  /** What is posted if it may be there and nobody can tell. */
  readonly again: Message;
  /** Called before it is posted; resolves once that is written, or can't be. */
  begins(): Promise<void>;
  /** Called if the place certainly did not take it. */
  wasNotTaken(): Promise<void>;
}

/** One place in a channel, as far as the bot speaks there on its own. */
export interface Channel {
  /** Opaque to the flow; kept with an operation so that its message is found again after a restart. */
  readonly place: string;
  /**
   * Posts for all to read, when it is this post's turn; resolves to the message's id. What a function answers then is what
   * is posted. Throws an Undelivered where this place does not take it, a Refusal where it could not be read whole.
   * With `once` the place is asked first if the message stands there already.
   */
  say(message: Message | (() => Message), once?: Once): Promise<string>;
  /**
   * Replaces a message. Quick repetitions are merged by the adapter; `last` is tried again where it is not taken, and in the
   * end throws as `say` does. `once`: for what is posted if the message is gone.
   */
  revise(messageId: string, message: Message, last: boolean, once?: Once): Promise<void>;
  /** The id of the message with this key that was posted after a time; null if there is none, or if nobody can tell. */
  find(key: string, since: string): Promise<string | null>;
}
/** A place together with the person who types or clicks there. */
export interface Conversation extends Channel {
  /** Only that person sees it. Every way is tried that there is; never throws. */
  sendEphemeral(message: Message): Promise<void>;
  /** Why no command or click here may change anything now, or null. */
  readonly mayNotChangeHere: OperatorError | null;
  /** Whether a person can fill in forms here. */
  readonly opensForms?: true;
  /** How people find a message here; null if they can't. */
  linkTo(messageId: string): string | null;
}
export interface Conversations {
  at(place: string): Channel;
  /** Direct messages; null for who has none, in a terminal say. */
  withPerson(person: string): Channel | null;
  /** The first of the channels where the bot is used; null where there is none. */
  home(): Channel | null;
}

export interface Clock {
  now(): Date;
}

/** Where bugs go; never shown to operators but by their id. */
export interface Log {
  info(message: string): void;
  error(message: string, error: unknown): void;
}

/** All that the flow acts through. */
export interface World {
  readonly hosts: Hosts;
  readonly audit: AuditLog;
  readonly inventory: InventoryStore;
  readonly operations: OperationStore;
  readonly conversations: Conversations;
  readonly clock: Clock & { sleep(ms: number): Promise<unknown> };
  readonly log: Log;
  readonly observations: StorageObservations;
  /** A secret of the data folder, by which buttons that it showed are known. */
  readonly buttonKey: string;
  /** Why this person may not change anything, or null. */
  mayNotChange(person: string): OperatorError | null;
  /** Whether hosts and files are being closed: what fails then is no bug. */
  isStopping(): boolean;
}
