import type { Incident } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import { allFindings, causeText, leftText, storagesAtRisk } from "../watch/incident-text.ts";
import { isAcknowledged, isSilenced } from "../watch/on-call.ts";
import { HEARTBEAT_ALERT, INCIDENT_ALERT } from "../watch/outside-alert.ts";

/** An alert as Alertmanager's API v2 takes it. Its labels identify it. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** An alert that is not sent again ends by itself: five times the interval. */
const EXPIRES_MS = 5 * 60_000;
/** An end is sent again for so long: the first may be lost. */
const ENDED_MS = 10 * 60_000;
const LONGEST_ANNOTATION = 1_000;

/** `bot`: one value for each data folder. Two bots may both have an `inc-7`. */
export function alertsOf(incidents: readonly Incident[], inventory: Inventory, bot: string, nowMs: number): Alert[] {
  return incidents.flatMap((incident) => {
    if (incident.openedAt === null || incident.state === "pending") return [];
    const isOver = incident.state === "resolved";
    if (isOver && nowMs - endedMs(incident) > ENDED_MS) return [];
    const { labels, ...alert } = alertOf(incident, inventory, bot, nowMs);
    const endsAt = isOver ? (incident.resolvedAt ?? iso(nowMs)) : iso(nowMs + EXPIRES_MS);
    return severitiesOf(incident).map((severity) => ({
      ...{ labels: { ...labels, severity }, ...alert },
      endsAt: notBefore(alert.startsAt, endsAt),
    }));
  });
}

const ranked = ["info", "warning", "critical"] as const;

/**
 * Alerts are routed by severity, and an alert with another label is another alert. So an incident that becomes worse gets
 * one more. The earlier one continues until the incident is resolved: no receiver reads of an end that was none.
 */
function severitiesOf({ openedSeverity, worstSeverity }: Incident): readonly Incident["severity"][] {
  const worst = ranked.indexOf(worstSeverity);
  return ranked.slice(Math.min(worst, ranked.indexOf(openedSeverity ?? worstSeverity)), worst + 1);
}

/** Without its severity. */
function alertOf(incident: Incident, inventory: Inventory, bot: string, nowMs: number): Omit<Alert, "endsAt"> {
  const cluster = inventory.clusters.find(({ uuid }) => uuid === incident.clusterUuid)?.name ?? incident.clusterUuid;
  const storages = storagesAtRisk(incident, inventory).map(({ name }) => name);
  const { acknowledged, assigned, silenced } = incident;
  return {
    labels: { alertname: INCIDENT_ALERT, bot, cluster, incident: incident.id },
    annotations: annotations({
      summary: `${incident.id}: ${causeText(incident, inventory)}`,
      description: leftText(allFindings(incident)),
      storages: storages.join(", "),
      vms: incident.vms?.join(", ") ?? null,
      severity_now: incident.severity,
      findings: String(incident.findings.length),
      acknowledged_by: isAcknowledged(incident) ? (acknowledged?.by ?? null) : null,
      assigned_to: assigned,
      silenced_until: isSilenced(incident, nowMs) ? (silenced?.until ?? null) : null,
      fix: `incident show ${incident.id}`,
    }),
    startsAt: incident.beganAt,
  };
}

/** Others alarm when it ends: then the bot is dead, or it can't reach Alertmanager. */
export function heartbeat(bot: string, notReady: readonly string[], startedAt: string, nowMs: number): Alert {
  return {
    labels: { alertname: HEARTBEAT_ALERT, bot, severity: "none" },
    annotations: annotations({
      summary: "zstack-chatops watches. This alert always fires; alarm when it ends",
      description: notReady.length === 0 ? null : `not ready: ${notReady.join("; ")}`,
    }),
    startsAt: startedAt,
    endsAt: iso(nowMs + EXPIRES_MS),
  };
}

/**
 * What was sent under other labels ends, in the message with which the new one begins: a cluster may have left the
 * inventory.
 */
export class Ends {
  readonly #active = new Map<string, Alert>();
  readonly #ended = new Map<string, Alert>();

  /** These, and the ends of those that were among them before. */
  with(alerts: readonly Alert[], nowMs: number): Alert[] {
    const now = new Map(alerts.map((alert) => [JSON.stringify(alert.labels), alert]));
    for (const [key, alert] of this.#active)
      if (!now.has(key)) this.#ended.set(key, { ...alert, endsAt: notBefore(alert.startsAt, iso(nowMs)) });
    this.#active.clear();
    for (const [key, alert] of now) {
      this.#ended.delete(key);
      if (Date.parse(alert.endsAt) > nowMs) this.#active.set(key, alert);
    }
    for (const [key, { endsAt }] of this.#ended) if (nowMs - Date.parse(endsAt) > ENDED_MS) this.#ended.delete(key);
    return [...alerts, ...this.#ended.values()];
  }
}

const annotations = (texts: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      text === null || text === "" ? [] : [[name, text.slice(0, LONGEST_ANNOTATION)]],
    ),
  );

/** When it was known to be over; `resolvedAt` is when it was. */
const endedMs = ({ events, resolvedAt }: Incident): number =>
  Date.parse(events.findLast(({ kind }) => kind === "resolved" || kind === "joined")?.at ?? resolvedAt ?? "") || 0;

/** Alertmanager refuses an alert that ends before it begins. */
const notBefore = (startsAt: string, endsAt: string): string => (endsAt < startsAt ? startsAt : endsAt);

const iso = (ms: number): string => new Date(ms).toISOString();
