import type { AuditEntry, AuditEvent, OutcomeRecord } from "../core/operation.ts";
import { type SyslogMessage, syslogBytes } from "./syslog-message.ts";

/** Who sends. */
export interface Sender {
  readonly hostname: string;
  readonly processId: string;
  /** Two bots may both have an entry 7. It differs for each data folder, as the label `bot` of the alerts does. */
  readonly bot: string;
}

/** In bytes, of a message without its frame. rsyslog cuts what is longer than 8096 bytes, unless it is set otherwise. */
export const MOST_MESSAGE_BYTES = 8_000;

/** "Log audit". */
const FACILITY = 13;
/** 32473 is the number for examples (RFC 5612): the project has none of its own. */
const DATA_ID = "audit@32473";

/** An audit entry as a message of RFC 5424. Its text is the entry as JSON, cut if it is too long. */
export function auditMessage(entry: AuditEntry, sender: Sender): Buffer {
  const complete = JSON.stringify(entry);
  const message = syslogBytes(fieldsOf(entry, sender, complete, null));
  if (message.length <= MOST_MESSAGE_BYTES) return message;
  const bytes = Buffer.byteLength(complete);
  const frame = syslogBytes(fieldsOf(entry, sender, cutText(entry, bytes, ""), bytes)).length;
  // A byte order mark may be added.
  const room = MOST_MESSAGE_BYTES - frame - 3;
  return syslogBytes(
    fieldsOf(entry, sender, cutText(entry, bytes, beginning(JSON.stringify(entry.event), room)), bytes),
  );
}

function fieldsOf(entry: AuditEntry, { hostname, processId, bot }: Sender, text: string, cutBytes: number | null) {
  const { id, hash, by, operationId: operation, event } = entry;
  const parameters = {
    ...{ id: String(id), hash, bot, who: by, operation },
    host: "host" in event ? event.host : null,
    outcome: "outcome" in event ? event.outcome.kind : "state" in event ? event.state : null,
    cut: cutBytes === null ? null : String(cutBytes),
  };
  return {
    ...{ facility: FACILITY, severity: severityOf(event), timestamp: new Date(entry.at).toISOString() },
    ...{ hostname, appName: "zstack-chatops", processId, messageId: event.kind },
    data: [{ id: DATA_ID, parameters }],
    text,
  } satisfies SyslogMessage;
}

/** JSON again, so that a program can read it: the event is there as the beginning of its text. */
function cutText({ event, ...entry }: AuditEntry, bytes: number, eventBegins: string): string {
  const { previousHash, hash, ...first } = entry;
  return JSON.stringify({ ...first, cut: { bytes, kind: event.kind, eventBegins }, previousHash, hash });
}

/** The longest beginning of a text that has at most so many bytes as a JSON string. */
function beginning(text: string, room: number): string {
  const bytesOf = (length: number) => Buffer.byteLength(JSON.stringify(text.slice(0, length))) - 2;
  let fits = 0;
  let tooLong = Math.min(text.length, room) + 1;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (bytesOf(middle) <= room) fits = middle;
    else tooLong = middle;
  }
  return text.slice(0, fits).replace(/[\ud800-\udbff]$/, "");
}

const ERROR = 3;
const WARNING = 4;
const NOTICE = 5;
const INFORMATIONAL = 6;

/** What did not succeed is a warning, and so is a plan that nobody approved. What nobody knows is an error. */
function severityOf(event: AuditEvent): number {
  switch (event.kind) {
    case "asked":
      return event.breakGlass === undefined ? INFORMATIONAL : NOTICE;
    case "finished":
      return ofResult(event.outcome.kind, INFORMATIONAL);
    case "began":
      return event.effect === "read" ? INFORMATIONAL : NOTICE;
    case "recorded":
      return event.problem === null ? INFORMATIONAL : ERROR;
    case "ended":
      return ofResult(event.state, NOTICE);
    case "break-glass":
      return WARNING;
    default:
      return NOTICE;
  }
}

function ofResult(result: OutcomeRecord["kind"] | string, otherwise: number): number {
  if (result === "unknown") return ERROR;
  return result === "failed" || result === "refused" ? WARNING : otherwise;
}
