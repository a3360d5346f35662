import { quoted } from "../core/host-text.ts";
import type { Incident, IncidentEvent } from "../core/incident.ts";
import type { Host, Inventory } from "../core/inventory.ts";
import { lunText } from "./incident-text.ts";

/** An alert of another monitoring. All of it is text of others. */
export interface OutsideAlert {
  /** The same for the same alert, whenever it is sent. */
  readonly fingerprint: string;
  readonly name: string;
  readonly isFiring: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string | null;
}

export const INCIDENT_ALERT = "SharedBlockIncident";
export const HEARTBEAT_ALERT = "ZStackChatopsHeartbeat";
/** What the bot sends itself comes back from an Alertmanager that sends it everything. So do alerts about the bot. */
const isOwn = (name: string): boolean => name === INCIDENT_ALERT || name.startsWith("ZStackChatops");

/** An incident keeps at most so many events of firing alerts: a monitoring that flaps must not fill the thread. */
const MOST_FIRING = 50;
const LONGEST_NAME = 100;
const LONGEST_SEVERITY = 20;
const LONGEST_SUMMARY = 300;

interface Subject {
  /** null: the alert is about a LUN, as all hosts see it. */
  readonly host: Host | null;
  readonly wwid: string | null;
}

interface AlertEvents {
  /** By the incident's id. */
  readonly events: ReadonlyMap<string, readonly IncidentEvent[]>;
  readonly joined: readonly OutsideAlert[];
  /** They are about a known host or LUN that has no incident now. */
  readonly without: readonly OutsideAlert[];
}

/**
 * What alerts add to incidents: each is joined to the incident about its LUN or host. What an incident has already is not
 * added again, since an Alertmanager repeats itself. `observed`: WWIDs of the LUNs that hosts show.
 */
export function alertEvents(
  alerts: readonly OutsideAlert[],
  incidents: readonly Incident[],
  inventory: Inventory,
  nowMs: number,
  observed: ReadonlySet<string> = new Set(),
): AlertEvents {
  const at = new Date(nowMs).toISOString();
  const live = incidents.filter(({ state }) => state === "open" || state === "quiet");
  const subjectOf = subjects(inventory, live, observed);
  const incidentAbout = subjectIndex(live);
  const events = new Map<string, IncidentEvent[]>();
  const joined: OutsideAlert[] = [];
  const without: OutsideAlert[] = [];
  for (const alert of alerts) {
    const subject = subjectOf(alert);
    if (subject === null) continue;
    const incident = incidentAbout(subject);
    (incident === null ? without : joined).push(alert);
    if (incident === null) continue;
    const added = events.get(incident.id) ?? [];
    if (!isNews(alert, [...incident.events, ...added])) continue;
    const text = textOf(alert, subject);
    events.set(incident.id, [...added, { at, kind: "alert", by: null, text, ref: refOf(alert) }]);
  }
  return { events, joined, without };
}

/** Finds the host or the LUN that an alert names in any of its labels, by any of their names. */
function subjects(
  inventory: Inventory,
  incidents: readonly Incident[],
  observed: ReadonlySet<string>,
): (alert: OutsideAlert) => Subject | null {
  const hosts = new Map<string, Host>();
  for (const host of inventory.hosts)
    for (const name of [host.name, host.address, host.uuid]) hosts.set(name.toLowerCase(), host);
  const wwids = new Set([
    ...inventory.primaryStorages.flatMap(({ sharedBlocks }) => sharedBlocks.map(({ wwid }) => wwid)),
    ...incidents.flatMap(({ findings }) => findings.flatMap(({ wwid }) => wwid ?? [])),
  ]);
  const hostNamed = (value: string): Host | null => {
    for (const name of namesIn(value)) {
      const host = hosts.get(name);
      if (host !== undefined) return host;
    }
    return null;
  };
  return ({ name, labels }) => {
    if (isOwn(name)) return null;
    const values = Object.entries(labels).flatMap(([label, value]) => (label === "alertname" ? [] : value));
    const wwid = values.map(wwidIn).find((value) => wwids.has(value) || observed.has(value)) ?? null;
    const host = values.map(hostNamed).find((found) => found !== null) ?? null;
    return wwid === null && host === null ? null : { host, wwid };
  };
}

/** `10.0.0.1:9100`, `[fd00::1]:9100`, `host1.example.org:9100`: the address or the name, with and without its domain. */
function namesIn(value: string): string[] {
  const lower = value.trim().toLowerCase();
  const withoutPort = /^\[(.+)\](?::\d+)?$/.exec(lower)?.[1] ?? lower.replace(/^([^:]*):\d+$/, "$1");
  const short = /^\d+(?:\.\d+){3}$/.test(withoutPort) ? [] : [withoutPort.split(".")[0] ?? ""];
  return [lower, withoutPort, ...short].filter((name) => name !== "");
}

/** `/dev/mapper/36b0…`, `wwn-0x6b0…`, `3:6b0…`: udev and exporters write the same LUN so. */
function wwidIn(value: string): string {
  const last = value.trim().toLowerCase().split("/").at(-1) ?? "";
  const hex = /^(?:wwn-0x|naa\.|0x)([0-9a-f]{16,32})$/.exec(last)?.[1];
  return hex === undefined ? last.replace(/^(?:dm-uuid-mpath-|scsi-|mpath-)/, "") : `3${hex}`;
}

const ranks = { critical: 2, warning: 1, info: 0 } as const;

/**
 * Of several: the one about the LUN on that host, then the one about the LUN, then about the host; the worst of these,
 * and of equal ones the latest. An alert about a LUN has nothing to do with another LUN on the same host. If an array
 * dies, there are thousands of findings.
 */
function subjectIndex(incidents: readonly Incident[]): (subject: Subject) => Incident | null {
  const best = new Map<string, Incident>();
  for (const incident of incidents)
    for (const { hostUuid, wwid } of incident.findings)
      for (const key of [`${hostUuid} ${wwid}`, `- ${wwid}`, `${hostUuid} -`]) {
        const known = best.get(key);
        if (known === undefined || isBefore(incident, known)) best.set(key, incident);
      }
  return ({ host, wwid }) => {
    const keys = wwid === null ? [`${host?.uuid} -`] : [`${host?.uuid} ${wwid}`, `- ${wwid}`];
    for (const key of keys) {
      const incident = best.get(key);
      if (incident !== undefined) return incident;
    }
    return null;
  };
}

const isBefore = (a: Incident, b: Incident): boolean =>
  ranks[a.severity] === ranks[b.severity] ? a.beganAt > b.beganAt : ranks[a.severity] > ranks[b.severity];

/** `"NodeDown" on host1 fires ("critical"): "host1 does not answer"` */
function textOf({ name, isFiring, labels, summary }: OutsideAlert, { host, wwid }: Subject): string {
  const about = [wwid === null ? "" : ` of ${lunText(wwid)}`, host === null ? "" : ` on ${host.name}`].join("");
  const severity = labels.severity === undefined ? "" : ` (${quoted(cut(labels.severity, LONGEST_SEVERITY))})`;
  const words = isFiring && summary !== null ? `: ${quoted(cut(summary, LONGEST_SUMMARY))}` : "";
  const state = isFiring ? "fires" : "is resolved";
  return `${quoted(cut(name === "" ? "alert" : name, LONGEST_NAME))}${about} ${state}${severity}${words}`;
}

const cut = (text: string, longest: number): string => (text.length <= longest ? text : `${text.slice(0, longest)}…`);

const refOf = ({ fingerprint, isFiring }: OutsideAlert): string => `${fingerprint} ${isFiring ? "firing" : "resolved"}`;

/** The end of an alert is news only if its beginning is known. */
function isNews(alert: OutsideAlert, events: readonly IncidentEvent[]): boolean {
  const alerts = events.filter(({ kind }) => kind === "alert");
  const firing = alerts.filter(({ ref }) => ref?.endsWith(" firing"));
  if (alert.isFiring && firing.length >= MOST_FIRING) return false;
  const last = alerts.findLast(({ ref }) => ref?.startsWith(`${alert.fingerprint} `));
  return last === undefined ? alert.isFiring : last.ref !== refOf(alert);
}
