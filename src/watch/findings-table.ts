import type { KeptFinding } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import type { Part } from "../core/reply.ts";

const MOST_ROWS = 50;
/** More hosts are counted. */
const MOST_NAMES = 3;

interface Row {
  readonly finding: KeptFinding;
  readonly text: string;
  readonly hosts: string[];
  since: string;
}

/** The findings of an incident, the worst first. What several hosts show is one row. */
export function findingsTable(findings: readonly KeptFinding[], state: string, inventory: Inventory): Part {
  const rows = rowsOf(findings, inventory).toSorted((a, b) => rankOf(a) - rankOf(b));
  return {
    kind: "table",
    caption: `${findings.length} ${state}${rows.length > MOST_ROWS ? `, the first ${MOST_ROWS} rows` : ""}`,
    columns: ["finding", "hosts", "since (UTC)"],
    rows: rows
      .slice(0, MOST_ROWS)
      .map(({ text, hosts, since }) => [
        text,
        hosts.length === 0 ? "–" : hosts.length > MOST_NAMES ? `${hosts.length} hosts` : hosts.join(", "),
        since.slice(0, 19).replace("T", " "),
      ]),
  };
}

/** The text of a finding names its host: without it the same fact has the same text. */
function rowsOf(findings: readonly KeptFinding[], { hosts }: Inventory): Row[] {
  const names = new Map(hosts.map(({ uuid, name }) => [uuid, name]));
  const rows = new Map<string, Row>();
  for (const finding of findings) {
    const host = finding.hostUuid === null ? undefined : names.get(finding.hostUuid);
    const text = host === undefined ? finding.text : finding.text.replace(` on ${host}`, "");
    const key = `${finding.kind} ${text}`;
    const row = rows.get(key) ?? { finding, text, hosts: [], since: finding.since };
    rows.set(key, row);
    if (host !== undefined && !row.hosts.includes(host)) row.hosts.push(host);
    if (finding.since < row.since) row.since = finding.since;
  }
  return [...rows.values()];
}

const severities = { critical: 0, warning: 1, info: 2 } as const;
/** No host has so many paths to one LUN. */
const MANY_PATHS = 9_999;

/** First by severity, then maps by the paths that are left. */
const rankOf = ({ finding: { severity, pathsLeft } }: Row): number =>
  severities[severity] * (MANY_PATHS + 1) + Math.min(pathsLeft ?? MANY_PATHS, MANY_PATHS);
