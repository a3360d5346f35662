import type { Incident } from "../core/incident.ts";
import type { Inline } from "../core/reply.ts";
import { dueMs } from "./elapsed.ts";

/** Who is called for critical incidents: ids of users and user groups. */
export interface OnCall {
  readonly onCall: readonly string[];
  /** Who is called if nobody acknowledged it. */
  readonly escalateTo: readonly string[];
}
export const nobodyOnCall: OnCall = { onCall: [], escalateTo: [] };

/** Without an acknowledgement the next call comes after this time, in milliseconds. */
const AGAIN_MS = 300_000;
/** The first call, and two again. */
const MOST_CALLS = 3;

export interface Call {
  readonly kind: "mentioned" | "escalated";
  readonly dueMs: number;
  readonly whom: readonly string[];
}

/** The next call of people for a critical incident. null: nobody is to be called. */
export function nextCall(incident: Incident, { onCall, escalateTo }: OnCall, nowMs: number): Call | null {
  const { severity, state, openedAt, events } = incident;
  if (severity !== "critical" || state !== "open" || isAcknowledged(incident) || openedAt === null) return null;
  if (isSilenced(incident, nowMs)) return null;
  // Calls before an acknowledgement that no longer counts are over with it.
  const since = incident.acknowledged?.at ?? "";
  const calls = events.filter(({ kind, at }) => kind === "mentioned" && at > since);
  if (events.some(({ kind, at }) => kind === "escalated" && at > since)) return null;
  const lastMs = Date.parse(calls.at(-1)?.at ?? openedAt);
  const againMs = dueMs(lastMs, AGAIN_MS, nowMs);
  if (onCall.length > 0 && calls.length < MOST_CALLS)
    return { kind: "mentioned", dueMs: calls.length === 0 ? nowMs : againMs, whom: onCall };
  return escalateTo.length === 0 ? null : { kind: "escalated", dueMs: againMs, whom: escalateTo };
}

const ranks = { info: 0, warning: 1, critical: 2 } as const;

/** A silence ends at its time, and if the incident is worse than it was then. */
export function isSilenced({ silenced, severity }: Incident, nowMs: number): boolean {
  if (silenced === null || Date.parse(silenced.until) <= nowMs) return false;
  return ranks[severity] <= ranks[silenced.severity ?? severity];
}

/** Who acknowledged a warning may be asleep when the last path fails: then people are called. */
export const isAcknowledged = ({ acknowledged, severity }: Pick<Incident, "acknowledged" | "severity">): boolean =>
  acknowledged !== null && ranks[severity] <= ranks[acknowledged.severity ?? severity];

/** A person at a terminal is none. */
export const isSlackId = (id: string): boolean => /^[UW][A-Z0-9]+$/.test(id);

/** People and groups as mentions, with spaces between. */
export const mentions = (ids: readonly string[]): Inline[] =>
  ids.flatMap((id, index): Inline[] => [
    ...(index === 0 ? [] : [" "]),
    id.startsWith("S") ? { group: id } : { person: id },
  ]);
