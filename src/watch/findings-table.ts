import type { KeptFinding } from "../core/incident.ts";
import type { Part } from "../core/reply.ts";

const MOST_ROWS = 50;

export const findingsTable = (findings: readonly KeptFinding[], state: string): Part => ({
  kind: "table",
  caption: `${findings.length} ${state}${findings.length > MOST_ROWS ? `, the first ${MOST_ROWS}` : ""}`,
  columns: ["finding", "since (UTC)"],
  rows: findings.slice(0, MOST_ROWS).map(({ text, since }) => [text, since.slice(0, 19).replace("T", " ")]),
});
