import type { Incident } from "../core/incident.ts";
import { keyOf } from "./cause.ts";
import { allFindings } from "./incident-text.ts";
import { eventCount } from "./thread-events.ts";

/** The incidents that a person or the disk must hear of. Not when it was seen last: that changes with each round. */
export function changedIn(before: readonly Incident[], after: readonly Incident[]): string[] {
  const byId = new Map(before.map((incident) => [incident.id, incident]));
  return after.flatMap((incident) => (same(incident, byId.get(incident.id)) ? [] : [incident.id]));
}

const same = (a: Incident, b: Incident | undefined): boolean =>
  b !== undefined &&
  a.state === b.state &&
  a.severity === b.severity &&
  keyOf(a.scope) === keyOf(b.scope) &&
  a.held?.length === b.held?.length &&
  a.shrinking?.since === b.shrinking?.since &&
  eventCount(a) === eventCount(b) &&
  a.findings.length === b.findings.length &&
  pathsLeftIn(a) === pathsLeftIn(b) &&
  withoutAges(a.findings[0]?.text) === withoutAges(b.findings[0]?.text);

/** Another cause may take paths of the same LUNs. */
const pathsLeftIn = (incident: Incident): number =>
  allFindings(incident).reduce((sum, { pathsLeft = -1 }) => sum + pathsLeft + 1, incident.sharesWith?.length ?? 0);

/** An age differs in each observation. */
const withoutAges = (text = ""): string => text.replaceAll(/\d+ s\b/g, "");
