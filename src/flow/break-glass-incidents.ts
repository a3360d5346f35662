import type { Incident } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import type { Operation } from "../core/operation.ts";
import type { Review } from "../core/review.ts";
import { withEvent } from "../watch/event-log.ts";
import { allFindings, shownFindings } from "../watch/incident-text.ts";
import type { World } from "./ports.ts";

/** More open incidents about one plan are one failure: its thread and the channel have the break-glass too. */
const MOST_INCIDENTS = 50;

/**
 * A break-glass becomes an event of each open incident about what its plan touches, once. Its thread then shows it: what
 * is not posted there yet is posted later, also after a restart. Resolves to whether each incident has it.
 */
export async function notesInIncidents(
  review: Review,
  operation: Operation,
  { watch, inventory, log }: Pick<World, "watch" | "inventory" | "log">,
): Promise<boolean> {
  const watching = watch();
  if (watching === null) return true;
  const isAbout = touchedBy(operation, inventory.current());
  const { id, by, at, reason } = review;
  const text = `${operation.title} (${operation.id}) may run without a second person, ${id}: ${reason}`;
  const event = { at, kind: "break-glass", by, text, ref: operation.id } as const;
  let isDone = true;
  const open = watching.incidents().filter((each) => isOpenAt(each, at) && isAbout(each) && !has(each, operation.id));
  for (const incident of open.slice(0, MOST_INCIDENTS)) {
    try {
      await watching.revise(incident.id, (latest) => (has(latest, operation.id) ? latest : withEvent(latest, event)));
    } catch (error) {
      log.error(`${id}: noting the break-glass in ${incident.id}; it is tried again`, error);
      isDone = false;
    }
  }
  return isDone;
}

/** People read of it already, and it is not over. */
const isOpenAt = ({ state, openedAt }: Incident, at: string): boolean =>
  (state === "open" || state === "quiet") && openedAt !== null && Date.parse(openedAt) <= Date.parse(at);

const has = ({ events }: Incident, operationId: string): boolean =>
  events.some(({ kind, ref }) => kind === "break-glass" && ref === operationId);

/** Whether an incident is about a cluster that the plan changes, or about a storage or a LUN that it locks. */
function touchedBy({ clusters, locks }: Operation, inventory: Inventory): (incident: Incident) => boolean {
  const names = new Set(clusters);
  const uuids = inventory.clusters.flatMap(({ name, uuid }) => (names.has(name) ? [uuid] : []));
  const touched = new Set<string | null>([...uuids, ...locks]);
  return (incident) =>
    touched.has(incident.clusterUuid) ||
    [...allFindings(incident), ...shownFindings(incident)].some(
      ({ clusterUuid, storageUuid, wwid }) => touched.has(clusterUuid) || touched.has(storageUuid) || touched.has(wwid),
    );
}
