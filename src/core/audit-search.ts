import {
  type AuditSieve,
  BACKUP_TIME,
  hostOf,
  LINK_PREFIX,
  namesOfLun,
  outcomeOf,
  riskOf,
  textsOf,
} from "./audit-sieve.ts";
import type { Inventory } from "./inventory.ts";
import type { AuditEntry, AuditEvent, Operation, OperationState } from "./operation.ts";
import { decisionsIn, type PlanDecision } from "./plan-decisions.ts";
import type { Risk } from "./policy.ts";

/** The conditions of a search in the audit log. Null matches every entry. */
export interface AuditFilter {
  /** Milliseconds since the epoch. */
  readonly since: number | null;
  readonly until: number | null;
  /** A person's Slack id, or the name of a person who typed in a terminal. */
  readonly who: string | null;
  readonly host: string | null;
  readonly cluster: string | null;
  readonly storage: string | null;
  readonly wwid: string | null;
  readonly operation: string | null;
  readonly outcome: OperationState | null;
  readonly risk: Risk | null;
}

/** What the index can decide of these conditions. */
export function sieveOf(filter: AuditFilter, inventory: Inventory): AuditSieve {
  const { since, until, who, operation, outcome, risk } = filter;
  const { hosts, clusters, storages, wwids } = namesIn(filter, inventory);
  return {
    ...{ since, until, operation, outcome, risk },
    people: who === null ? null : peopleOf(who),
    words: [hosts, clusters, storages, wwids].filter((names) => names.length > 0),
  };
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
  /** The oldest first. */
  readonly decisions: readonly PlanDecision[];
  readonly confirmedBy: string | null;
  readonly words: string | null;
  readonly risk: Risk | null;
  /** To the message with the plan. */
  readonly link: string | null;
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
  mostRead = MOST_ENTRIES,
): Promise<Found<AuditEntry>> {
  const isMeant = meaning(filter, inventory);
  const found: AuditEntry[] = [];
  let read = 0;
  for await (const entry of entries) {
    if (isBefore(entry, filter.since)) break;
    if (read === mostRead) return { found, read, stoppedAt: entry.at };
    read += 1;
    if (isInTime(entry, filter) && isMeant([entry]) && found.push(entry) === limit) break;
  }
  return { found, read, stoppedAt: null };
}

/**
 * The operations with an entry in the given time that match the other conditions, the latest first. `operations`: of
 * each the entries that may matter, the latest first.
 */
export async function operationsFound(
  operations: AsyncIterable<readonly AuditEntry[]>,
  filter: AuditFilter,
  limit: number,
  inventory: Inventory,
  mostRead = MOST_ENTRIES,
): Promise<Found<LoggedOperation>> {
  const isMeant = meaning(filter, inventory);
  const found: LoggedOperation[] = [];
  let read = 0;
  for await (const own of operations) {
    if (read + own.length > mostRead) return { found, read, stoppedAt: own[0]?.at ?? null };
    read += own.length;
    const id = own[0]?.operationId ?? null;
    if (id === null || !own.some((entry) => isInTime(entry, filter)) || !isMeant(own)) continue;
    if (found.push(operationIn(id, own)) === limit) break;
  }
  return { found, read, stoppedAt: null };
}

/** `own`: the operation's entries, the newest first. */
function operationIn(id: string, own: readonly AuditEntry[]): LoggedOperation {
  const planned = own.find(({ event }) => event.kind === "planned");
  const confirmed = own.find(({ event }) => event.kind === "confirmed");
  const ended = own.map(({ event }) => event).find((event) => event.kind === "ended");
  return {
    id,
    askedAt: (planned ?? own.at(-1))?.at ?? "",
    askedBy: planned?.by ?? null,
    decisions: decisionsIn(own),
    confirmedBy: confirmed?.by ?? null,
    words: planned?.event.kind === "planned" ? planned.event.words : null,
    risk: planned === undefined ? null : riskOf(planned),
    link: confirmed?.event.kind === "confirmed" ? (confirmed.event.link ?? null) : null,
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

/** Whether the entries of one operation, or a single entry, match all conditions but the time. */
function meaning(filter: AuditFilter, inventory: Inventory) {
  const { who, host, cluster, storage, wwid, operation, outcome, risk } = filter;
  const names = namesIn(filter, inventory);
  const people = who === null ? [] : peopleOf(who);
  const [isHost, isCluster] = [about(names.hosts), about(names.clusters)];
  const [isStorage, isLun] = [about(names.storages), aboutLun(names.wwids)];
  return (entries: readonly AuditEntry[]): boolean =>
    (operation === null || entries.some(({ operationId }) => operationId === operation)) &&
    (who === null || entries.some(({ by }) => people.includes(by.toLowerCase()))) &&
    (host === null || entries.some(isHost)) &&
    (cluster === null || entries.some(isCluster)) &&
    (storage === null || entries.some(isStorage)) &&
    (wwid === null || entries.some(isLun)) &&
    (outcome === null || entries.some((entry) => outcomeOf(entry) === outcome)) &&
    (risk === null || entries.some((entry) => riskOf(entry) === risk));
}

/** The names that each condition accepts. An entry about a host of a cluster is about the cluster. */
function namesIn({ host, cluster, storage, wwid }: AuditFilter, inventory: Inventory) {
  const of = inventory.primaryStorages.find(({ name, uuid }) => name === storage || uuid === storage);
  const group = inventory.clusters.find(({ name, uuid }) => name === cluster || uuid === cluster);
  const members = inventory.hosts.filter(({ clusterUuid }) => clusterUuid === group?.uuid).map(({ name }) => name);
  return {
    hosts: host === null ? [] : [host],
    clusters: cluster === null ? [] : [cluster, ...(group === undefined ? [] : [group.name, group.uuid, ...members])],
    storages: storage === null ? [] : [storage, ...(of === undefined ? [] : [of.name, of.uuid])],
    wwids: wwid === null ? [] : namesOfLun(wwid),
  };
}

/** A person with a Slack id, or with a name in a terminal. */
const peopleOf = (who: string): string[] => [who, `terminal:${who}`].map((each) => each.toLowerCase());

/** Matches whole words only: `ps-1` does not match `ps-10`. */
function about(names: readonly string[]): (entry: AuditEntry) => boolean {
  const isNamed = naming(anyOf(names));
  return (entry) => {
    const host = hostOf(entry.event);
    return (host !== null && names.includes(host)) || isNamed(entry);
  };
}

/** Host commands name a LUN by its link in /dev/disk/by-id, and its backups by a folder with a time. */
const aboutLun = (names: readonly string[]) => naming(`${LINK_PREFIX}?${anyOf(names)}(?:${BACKUP_TIME})?`);

function naming(name: string): (entry: AuditEntry) => boolean {
  const pattern = new RegExp(`(?<![\\w.-])${name}(?![\\w.-])`);
  return ({ event }) => pattern.test(textsOf(event).join(" "));
}
const anyOf = (names: readonly string[]): string => `(?:${names.map(literal).join("|")})`;
const literal = (text: string): string => text.replace(/[^\w]/g, "\\$&");
