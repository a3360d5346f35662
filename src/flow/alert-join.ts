import type { Incident } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import { withEvent } from "../watch/event-log.ts";
import { alertEvents, type OutsideAlert } from "../watch/outside-alert.ts";

interface Desk {
  incidents(): readonly Incident[];
  revise(id: string, change: (incident: Incident) => Incident): Promise<Incident | null>;
}

/**
 * Joins alerts of another monitoring to the incidents about their hosts and LUNs: they are events of the incident, so its
 * thread shows them. Resolves to the number of joined alerts once the events are on disk.
 */
export async function joinAlerts(
  desk: Desk,
  alerts: readonly OutsideAlert[],
  inventory: Inventory,
  nowMs: number,
): Promise<number> {
  const { events, joined } = alertEvents(alerts, desk.incidents(), inventory, nowMs);
  for (const [id, added] of events) await desk.revise(id, (incident) => added.reduce(withEvent, incident));
  return joined;
}
