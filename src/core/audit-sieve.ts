import type { AuditEntry, AuditEvent, OperationState } from "./operation.ts";
import type { Risk } from "./policy.ts";

/**
 * What an index can decide about an entry of the log without reading it. What it lets through may match; the search
 * reads it and decides. Null, or an empty list: everything is let through.
 */
export interface AuditSieve {
  /** Milliseconds since the epoch. */
  readonly since: number | null;
  readonly until: number | null;
  /** One of these people did it. */
  readonly people: readonly string[] | null;
  /** For each condition, the entry has one of these words. */
  readonly words: readonly (readonly string[])[];
  readonly operation: string | null;
  readonly outcome: OperationState | null;
  readonly risk: Risk | null;
}

export const everything: AuditSieve = {
  ...{ since: null, until: null, people: null, words: [] },
  ...{ operation: null, outcome: null, risk: null },
};

/** More words of one entry are not kept: it is then let through for each word. */
export const MOST_WORDS = 400;

const WORD = /[\w.-]+/g;

/** What udev writes before a WWID: `dm-uuid-mpath-` of a map, `scsi-` or `nvme-` of a path. */
export const LINK_PREFIX = "(?:dm-uuid-mpath-|scsi-|nvme-)";
/** The folder of a backup is the WWID and the time of the command: `36b0…-20261122100000`. */
export const BACKUP_TIME = "-\\d{14}";

const beforeWwid = new RegExp(`^${LINK_PREFIX}(?=.)`);
const afterWwid = new RegExp(`${BACKUP_TIME}$`);

/**
 * The words of a text as names are compared: `ps-1` and `ps-10` are two. An option of a program is no name. A link or a
 * backup folder of a LUN is a word, and so is its WWID in it.
 */
export const wordsIn = (text: string): string[] =>
  (text.match(WORD) ?? []).filter((word) => !word.startsWith("-")).flatMap(withWwid);

function withWwid(word: string): string[] {
  const unlinked = word.replace(beforeWwid, "");
  const words = unlinked === word ? [word] : [word, unlinked];
  return afterWwid.test(word) ? [...words, ...words.map((each) => each.replace(afterWwid, ""))] : words;
}

/** A LUN's names without a prefix of udev. `wwn-0x6…` is `36…`, or `26…` if its digits are an EUI-64. */
export function namesOfLun(given: string): string[] {
  const bare = given.replace(beforeWwid, "");
  const [, digits] = /^(?:wwn-0x|[23])([0-9a-f]{16}|[0-9a-f]{32})$/.exec(bare) ?? [];
  if (digits === undefined) return [bare];
  return bare.startsWith("wwn-") ? [bare, `3${digits}`, `2${digits}`] : [bare, `wwn-0x${digits}`];
}

/** The texts of an event in which names are found. */
export function textsOf(event: AuditEvent): readonly string[] {
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

export const hostOf = (event: AuditEvent): string | null => ("host" in event ? event.host : null);

/** The result that an entry reports: of a step, or of the operation. */
export const outcomeOf = ({ event }: AuditEntry): OperationState | null =>
  event.kind === "ended" ? event.state : event.kind === "finished" ? event.outcome.kind : null;

export const riskOf = ({ event }: AuditEntry): Risk | null => (event.kind === "planned" ? (event.risk ?? null) : null);
