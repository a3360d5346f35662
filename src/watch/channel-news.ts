import type { Incident, IncidentEvent } from "../core/incident.ts";

/** What the channel showed last of an incident: in its message, or in a post of its thread that the channel shows. */
interface ReportedInChannel {
  readonly severity: Incident["severity"];
  /** How many of its findings were critical. */
  readonly critical: number;
}
type ChannelNews = "worse" | "back" | "grew";

/** So many times more critical findings are news. Less is in the message and in the thread. */
const MUCH = 2;

export const reportedIn = ({ severity, findings }: Pick<Incident, "severity" | "findings">): ReportedInChannel => ({
  severity,
  critical: findings.filter((finding) => finding.severity === "critical").length,
});

/**
 * Why people who read only the channel must see a post of the thread: the incident's message is far above by now. null:
 * the thread is enough. `reported`: undefined for an incident of an earlier version of the bot.
 */
export function channelNews(
  incident: Incident,
  events: readonly IncidentEvent[],
  reported: ReportedInChannel | undefined,
): ChannelNews | null {
  const { severity, state } = incident;
  if (severity !== "critical" || state !== "open") return null;
  const has = (...kinds: readonly IncidentEvent["kind"][]) => events.some(({ kind }) => kinds.includes(kind));
  if (has("worse")) return "worse";
  if (has("back", "flapping")) return "back";
  const isMuchMore = reported !== undefined && reportedIn(incident).critical >= MUCH * Math.max(1, reported.critical);
  return has("grew") && isMuchMore ? "grew" : null;
}
