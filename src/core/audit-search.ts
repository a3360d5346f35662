import type { Inventory } from "./inventory.ts";
import type { AuditEntry, AuditEvent, Operation } from "./operation.ts";

/** What is searched in the audit log; null: anything. */
export interface AuditFilter {
  /** Milliseconds since the epoch. */
  readonly since: number | null;
  readonly until: number | null;
  /** A person's id, or the name of who typed in a terminal. */
  readonly who: string | null;
  readonly host: string | null;
  readonly storage: string | null;
  readonly operation: string | null;
}

export interface Found<T> {
  /** The latest first. */
  readonly found: readonly T[];
  /** How many entries were read, and when the last of them was written if the search ended there and not at its end. */
  readonly read: number;
  readonly stoppedAt: string | null;
}

/** One operation as the log has it. What is null was in no entry that was read. */
export interface LoggedOperation {
  readonly id: string;
  readonly askedAt: string;
  readonly askedBy: string | null;
  readonly confirmedBy: string | null;
  readonly words: string | null;
  readonly ended: Extract<AuditEvent, { kind: "ended" }> | null;
}

/** Reading goes no further back: an answer may take a second, not a minute. */
export const MOST_ENTRIES = 20_000;

/** Single entries that fit, from the log's end backwards. */
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
 * Operations that have an entry in the time asked for and fit otherwise, from the log's end backwards. One is whole once the
 * entry is read with which it began.
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
  // Where the log's beginning was reached, or an earlier version of the bot wrote no such entry.
  for (const [id, own] of [...open]) close(id, own);
  return { found: found.sort((left, right) => numberOf(right) - numberOf(left)).slice(0, limit), read, stoppedAt };
}

const numberOf = ({ id }: LoggedOperation): number => Number(id.replace(/\D/g, ""));

/** `own`: its entries, the latest first. */
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

/** What the log lacks, from what is kept elsewhere: of an earlier version's operation, or of one that could not be posted. */
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

/** Whether entries of one operation, or a single one, are of whom and of what is asked for. */
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

/** As a word of its own: `ps-1` is not in `ps-10`. */
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
