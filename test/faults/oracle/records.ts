import { isDeepStrictEqual } from "node:util";
import type { Inventory } from "../../../src/core/inventory.ts";
import { applyChange, inventoryChangeSchema } from "../../../src/core/inventory-change.ts";
import type { Evidence } from "../evidence.ts";
import { commandKey, programsIn } from "./seen.ts";

/**
 * The log is complete, and has each change of a host before it happens. It agrees with operations.json and
 * inventory.json.
 */
export const wrongRecords = (evidence: Evidence): string[] => [
  ...evidence.damage,
  ...unloggedChanges(evidence),
  ...disagreements(evidence),
  ...inventoryNotOfLog(evidence),
];

/** Each change had its beginning in the log, on disk, before it ran, and once for each run. */
function unloggedChanges({ events, audit, auditFrom }: Evidence): string[] {
  const began = audit.flatMap(({ entry: { event }, end }) =>
    event.kind === "began" && end > auditFrom ? [{ key: commandKey(event.host, event.argv), end, used: false }] : [],
  );
  return programsIn(events).flatMap(({ seq, host, argv, changed, auditBytes }) => {
    if (!changed) return [];
    const key = commandKey(host, argv);
    const found = began.find((each) => !each.used && each.key === key && each.end <= auditBytes);
    if (found === undefined) return [`${key} (${seq}) changed something and is not in the log before it`];
    found.used = true;
    return [];
  });
}

function disagreements({ operations, audit }: Evidence): string[] {
  return operations.flatMap(({ id, state, result }) => {
    const ends = audit.flatMap(({ entry: { operationId, event } }) =>
      operationId === id && event.kind === "ended" ? [event] : [],
    );
    if (["planned", "confirmed", "running"].includes(state)) return [];
    const [end] = ends;
    // A plan that was never shown ends without an entry.
    if (end === undefined) return state === "cancelled" ? [] : [`${id} is ${state}, and the log has no end of it`];
    if (ends.length > 1)
      return [`the log has ${ends.length} ends of ${id}: ${ends.map((each) => each.state).join(", ")}`];
    return end.state === state && end.result === result
      ? []
      : [`${id} is ${state} (${result}) in operations.json and ${end.state} (${end.result}) in the log`];
  });
}

/** The recorded changes, one after another, make the inventory. A change that a kill interrupted may be in it or not. */
function inventoryNotOfLog({ audit, auditFrom, inventoryBefore, inventory }: Evidence): string[] {
  let possible: Inventory[] = [inventoryBefore];
  const events = audit.flatMap(({ entry, end }) => (end > auditFrom ? [entry] : []));
  for (const [index, { event, operationId }] of events.entries()) {
    if (event.kind !== "recording") continue;
    const end = events.find(
      (other, at) => at > index && other.operationId === operationId && other.event.kind === "recorded",
    )?.event;
    const changes = event.changes.map((change) => inventoryChangeSchema.parse(change));
    const after = possible.flatMap((each) => {
      try {
        return [changes.reduce(applyChange, each)];
      } catch {
        return [];
      }
    });
    if (end?.kind === "recorded") possible = end.problem === null ? after : possible;
    else possible = [...possible, ...after];
  }
  return possible.some((each) => isDeepStrictEqual(each, inventory))
    ? []
    : [`inventory.json is not what the log has recorded: ${JSON.stringify(inventory).slice(0, 400)}`];
}
