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
/** What wavers between warning and critical is one outage for so long, in milliseconds. */
const WORSE_EVERY_MS = 600_000;
/** The first call, and two again. */
const MOST_CALLS = 3;

export interface Call {
  readonly kind: "mentioned" | "escalated";
  readonly dueMs: number;
  readonly whom: readonly string[];
}

/**
 * The next call of people for a critical incident. null: nobody is to be called. `hasGrown`: it is much larger than people
 * have read. Then they are called again, also if all calls were made.
 */
export function nextCall(
  incident: Incident,
  { onCall, escalateTo }: OnCall,
  nowMs: number,
  hasGrown = false,
): Call | null {
  const { severity, state, openedAt } = incident;
  if (severity !== "critical" || state !== "open" || isAcknowledged(incident) || openedAt === null) return null;
  if (isSilenced(incident, nowMs)) return null;
  const { beganMs, events } = latestOutage(incident, Date.parse(openedAt));
  const calls = events.filter(({ kind }) => kind === "mentioned");
  if (hasGrown && onCall.length > 0) return { kind: "mentioned", dueMs: nowMs, whom: onCall };
  const isEscalated = events.some(({ kind }) => kind === "escalated");
  if (isEscalated && hasGrown && escalateTo.length > 0) return { kind: "escalated", dueMs: nowMs, whom: escalateTo };
  if (isEscalated) return null;
  const [lastCall] = calls.slice(-1);
  const againMs = dueMs(lastCall === undefined ? beganMs : Date.parse(lastCall.at), AGAIN_MS, nowMs);
  if (onCall.length > 0 && calls.length < MOST_CALLS)
    return { kind: "mentioned", dueMs: calls.length === 0 ? nowMs : againMs, whom: onCall };
  return escalateTo.length === 0 ? null : { kind: "escalated", dueMs: againMs, whom: escalateTo };
}

/**
 * When people were to be called first for what fails now, and the events since then. It is another outage if it came
 * back, began to flap or got worse, or people were called again after all calls. An acknowledgement that no longer counts
 * ends what was before it.
 */
function latestOutage({ events, acknowledged }: Incident, openedMs: number) {
  let [began, beganMs, isFlapping] = [0, openedMs, false];
  for (const [index, { kind, at }] of events.entries()) {
    const isAgain =
      (kind === "mentioned" && areAllMade(events.slice(began, index))) ||
      kind === "back" ||
      (kind === "flapping" && !isFlapping) ||
      (kind === "worse" && Date.parse(at) - beganMs >= WORSE_EVERY_MS);
    if (isAgain) [began, beganMs] = [index, Date.parse(at)];
    if (kind === "back" || kind === "flapping") isFlapping = kind === "flapping";
  }
  const after = acknowledged?.at ?? "";
  return {
    beganMs: acknowledged === null ? beganMs : Math.max(beganMs, Date.parse(after)),
    events: events.slice(began).filter(({ at }) => at > after),
  };
}

const areAllMade = (events: Incident["events"]): boolean =>
  events.filter(({ kind }) => kind === "mentioned").length >= MOST_CALLS ||
  events.some(({ kind }) => kind === "escalated");

const ranks = { info: 0, warning: 1, critical: 2 } as const;

/** A silence ends at its time, and if the incident is worse than it was then. */
export function isSilenced({ silenced, severity }: Incident, nowMs: number): boolean {
  if (silenced === null || silenced.worse?.isLasting || Date.parse(silenced.until) <= nowMs) return false;
  return ranks[severity] <= ranks[silenced.severity ?? severity];
}

/** Who acknowledged a warning may be asleep when the last path fails: what is worse than then needs a person again. */
export const isAcknowledged = ({ acknowledged, severity }: Pick<Incident, "acknowledged" | "severity">): boolean =>
  acknowledged !== null &&
  acknowledged.worse?.isLasting !== true &&
  ranks[severity] <= ranks[acknowledged.severity ?? severity];

/** A person at a terminal is none. */
export const isSlackId = (id: string): boolean => /^[UW][A-Z0-9]+$/.test(id);

/** People and groups as mentions, with spaces between. */
export const mentions = (ids: readonly string[]): Inline[] =>
  ids.flatMap((id, index): Inline[] => [
    ...(index === 0 ? [] : [" "]),
    id.startsWith("S") ? { group: id } : { person: id },
  ]);
