import type { Facts } from "../../core/facts.ts";
import type { PrimaryStorage } from "../../core/inventory.ts";
import { type Inline, linesPart, type Part } from "../../core/reply.ts";
import { lastOfHosts } from "../observe/last-observation.ts";
import { ageText } from "../observe/status.ts";

/** With more hosts, one line each would fill the screen. A table can follow in the thread. */
const MOST_LINES = 12;
/** So many hosts with one status are named in a line. */
const MOST_NAMES = 5;

interface HostStatus {
  readonly host: string;
  readonly status: string;
  /** The age of the observation. Null if it is new. */
  readonly seen: string | null;
  readonly hostId: number | null;
}

/** Each host with its status: one line each, or for many hosts a line for each status and a table. */
export function hostStatusParts(caption: string, statuses: readonly HostStatus[]): Part[] {
  if (statuses.length > MOST_LINES) return manyParts(caption, statuses);
  const lines = statuses.map(({ host, status, seen, hostId }): Inline[] => [
    { bold: host },
    ` ${[status, ...(seen === null ? [] : [`seen ${seen}`]), `sanlock host id ${idText(hostId)}`].join(" · ")}`,
  ]);
  return [linesPart(caption, lines)];
}

/**
 * The table may follow in the thread. So the hosts with a different status are named before it, and are in its first
 * rows.
 */
function manyParts(caption: string, statuses: readonly HostStatus[]): Part[] {
  const byStatus = new Map<string, HostStatus[]>();
  for (const each of statuses) byStatus.set(each.status, [...(byStatus.get(each.status) ?? []), each]);
  const groups = [...byStatus].sort(([, one], [, other]) => one.length - other.length);
  const counts = groups.map(([status, hosts]) => {
    const names = hosts.map(({ host }) => host);
    return `${hosts.length} ${status}${names.length > MOST_NAMES ? "" : ` (${names.join(", ")})`}`;
  });
  return [
    { kind: "text", text: [{ bold: caption }, `: ${counts.join(" · ")}`] },
    {
      kind: "table",
      caption: "Status of each host",
      columns: ["host", "status", "seen", "sanlock host id"],
      rows: groups.flatMap(([, hosts]) =>
        hosts.map(({ host, status, seen, hostId }) => [host, status, seen ?? "now", idText(hostId)]),
      ),
    },
  ];
}

const idText = (hostId: number | null): string => String(hostId ?? "none");

/** Each host's status, with the age of its observation. */
export const lastObservationParts = (storage: PrimaryStorage, facts: Facts): Part[] =>
  hostStatusParts(
    "Status, as last observed",
    lastOfHosts(storage, facts).map(({ host, observation, hostId }) => ({
      host,
      status: observation?.status ?? "not observed yet",
      seen: observation === null ? "never" : ageText(observation.at, facts.now()),
      hostId,
    })),
  );
