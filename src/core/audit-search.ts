import type { Inventory } from "./inventory.ts";
import type { AuditEntry, AuditEvent, Operation } from "./operation.ts";

/** The conditions of a search in the audit log. Null matches every entry. */
export interface AuditFilter {
  /** Milliseconds since the epoch. */
  readonly since: number | null;
  readonly until: number | null;
  /** A person's Slack id, or the name of a person who typed in a terminal. */
  readonly who: string | null;
  readonly host: string | null;
  readonly storage: string | null;
  readonly operation: string | null;
}

export interface Found<T> {
  /** The newest entry first. */
  readonly found: readonly T[];
  /**
   * The number of entries that were read. `stoppedAt` is the time of the last one, if the search stopped before the
   * log's beginning.
   */
  readonly read: number;
  readonly stoppedAt: string | null;
}

/** One operation as the log shows it. A field is null if no entry with it was read. */
export interface LoggedOperation {
  readonly id: string;
  readonly askedAt: string;
  readonly askedBy: string | null;
  readonly confirmedBy: string | null;
  readonly words: string | null;
  readonly ended: Extract<AuditEvent, { kind: "ended" }> | null;
}

/** The search reads at most so much of the log, so that an answer takes at most one second. */
export const MOST_ENTRIES = 20_000;

/** The entries that match, from the end of the log backwards. */
export async function entriesFound(
  entries: AsyncIterable<AuditEntry>,
  filter: AuditFilter,
  limit: number,
  inventory: Inventory,
): Promise<Found<AuditEntry>> {
  const isMeant = meaning(filter, inventory);
  const found: AuditEntry[] = [];
  let read = 0;
  for await (const entry of entries) {
    if (isBefore(entry, filter.since)) break;
    if (read === MOST_ENTRIES) return { found, read, stoppedAt: entry.at };
    read += 1;
    if (isInTime(entry, filter) && isMeant([entry]) && found.push(entry) === limit) break;
  }
  return { found, read, stoppedAt: null };
}

/**
 * The operations with an entry in the given time that match the other conditions, from the end of the log backwards. An
 * operation is complete when its first entry is read.
 */
export async function operationsFound(
  entries: AsyncIterable<AuditEntry>,
  filter: AuditFilter,
  limit: number,
  inventory: Inventory,
): Promise<Found<LoggedOperation>> {
  const isMeant = meaning(filter, inventory);
  const open = new Map<string, AuditEntry[]>();
  const found: LoggedOperation[] = [];
  let read = 0;
  let stoppedAt: string | null = null;
  const close = (id: string, own: readonly AuditEntry[]): void => {
    open.delete(id);
    if (own.some((entry) => isInTime(entry, filter)) && isMeant(own)) found.push(operationIn(id, own));
  };
  for await (const entry of entries) {
    const isOver = found.length >= limit || isBefore(entry, filter.since);
    if (isOver && open.size === 0) break;
    if (read === MOST_ENTRIES) {
      stoppedAt = entry.at;
      break;
    }
    read += 1;
    const { operationId: id, event } = entry;
    if (id === null) continue;
    const own = open.get(id) ?? [];
    if (own.length === 0 && isOver) continue;
    own.push(entry);
    open.set(id, own);
    if (event.kind === "planned") close(id, own);
  }
  // The search reached the beginning of the log, or an earlier version of the bot wrote no such entry.
  for (const [id, own] of [...open]) close(id, own);
  return { found: found.sort((left, right) => numberOf(right) - numberOf(left)).slice(0, limit), read, stoppedAt };
}

const numberOf = ({ id }: LoggedOperation): number => Number(id.replace(/\D/g, ""));

/** `own`: the operation's entries, the newest first. */
function operationIn(id: string, own: readonly AuditEntry[]): LoggedOperation {
  const planned = own.find(({ event }) => event.kind === "planned");
  const confirmed = own.find(({ event }) => event.kind === "confirmed");
  const ended = own.map(({ event }) => event).find((event) => event.kind === "ended");
  return {
    id,
    askedAt: (planned ?? own.at(-1))?.at ?? "",
    askedBy: planned?.by ?? null,
    confirmedBy: confirmed?.by ?? null,
    words: planned?.event.kind === "planned" ? planned.event.words : null,
    ended: ended ?? null,
  };
}

/**
 * Fills in what the log does not have from the stored operation. This happens with operations of an earlier version,
 * and with operations that could not be posted.
 */
export const completed = (logged: LoggedOperation, kept: Operation | null): LoggedOperation => ({
  ...logged,
  ended:
    logged.ended ??
    (kept === null || kept.result === null ? null : { kind: "ended", state: kept.state, result: kept.result }),
  askedBy: logged.askedBy ?? kept?.askedBy ?? null,
  words: logged.words ?? kept?.words ?? null,
});

const isBefore = ({ at }: AuditEntry, since: number | null): boolean => since !== null && Date.parse(at) < since;

const isInTime = (entry: AuditEntry, { since, until }: AuditFilter): boolean =>
  !isBefore(entry, since) && (until === null || Date.parse(entry.at) <= until);

/** Whether the entries of one operation, or a single entry, match the person and the text of the search. */
function meaning({ who, host, storage, operation }: AuditFilter, inventory: Inventory) {
  const of = inventory.primaryStorages.find(({ name, uuid }) => name === storage || uuid === storage);
  const names = storage === null ? [] : [storage, ...(of === undefined ? [] : [of.name, of.uuid])];
  const isHost = mentioning(host === null ? [] : [host]);
  const isStorage = mentioning(names);
  return (entries: readonly AuditEntry[]): boolean =>
    (operation === null || entries.some(({ operationId }) => operationId === operation)) &&
    (who === null || entries.some(({ by }) => isPerson(by, who))) &&
    (host === null || entries.some(({ event }) => hostOf(event) === host || isHost(event))) &&
    (storage === null || entries.some(({ event }) => isStorage(event)));
}

const isPerson = (by: string, who: string): boolean =>
  [who, `terminal:${who}`].some((each) => by.toLowerCase() === each.toLowerCase());

const hostOf = (event: AuditEvent): string | null => ("host" in event ? event.host : null);

/** Matches whole words only: `ps-1` does not match `ps-10`. */
function mentioning(names: readonly string[]): (event: AuditEvent) => boolean {
  const patterns = names.map((name) => new RegExp(`(?<![\\w.-])${literal(name)}(?![\\w.-])`));
  return (event) => {
    const text = textsOf(event).join(" ");
    return patterns.some((pattern) => pattern.test(text));
  };
}
const literal = (text: string): string => text.replace(/[^\w]/g, "\\$&");

function textsOf(event: AuditEvent): readonly string[] {
  switch (event.kind) {
    case "asked":
    case "acted":
    case "planned":
      return [event.words];
    case "began":
      return event.argv;
    case "recording":
      return [JSON.stringify(event.changes)];
    default:
      return [];
  }
}
