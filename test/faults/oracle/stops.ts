import type { Evidence } from "../evidence.ts";
import { type LoggedOperation, logged, loggedOperations } from "./logged-operations.ts";
import { commandKey } from "./seen.ts";

/**
 * An operation that a person stopped begins no further step: none after the answer to the stop. While the stop was
 * being written, each host may have begun one. It ends as stopped only if a person stopped it, and what left the queue
 * ran nothing.
 */
export function stepsAfterStop(evidence: Evidence): string[] {
  return loggedOperations(evidence).flatMap((operation) => {
    const { id, stopping, steps, ended } = operation;
    const [stop] = stopping;
    if (stop === undefined)
      return ended?.event.state === "stopped" ? [`${id} is stopped, and the log has nobody who stopped it`] : [];
    const earlier = new Set(steps.filter(({ end }) => end <= stop.begin).map(({ event }) => event.stepId));
    const later = steps.filter(({ event, begin }) => begin >= stop.end && !earlier.has(event.stepId));
    const answered = answeredAt(operation, stop, evidence);
    const counted = new Map<string, Set<string>>();
    for (const { event } of later) counted.set(event.host, new Set([...(counted.get(event.host) ?? []), event.stepId]));
    const isEnded = ended !== null && ended.event.state === "stopped" && ended.begin < stop.end;
    const leftQueue = ended?.event.state === "cancelled" && steps.length > 0;
    return [
      ...later
        .filter(({ begin }) => begin >= answered)
        .map(({ event }) => `${id} was stopped, and then began ${event.stepId}: ${commandKey(event.host, event.argv)}`),
      ...[...counted].flatMap(([host, ids]) =>
        ids.size > 1 ? [`${id} was stopped, and then began ${ids.size} steps on ${host}`] : [],
      ),
      ...(isEnded ? [`${id} is stopped, and the words came later`] : []),
      ...(leftQueue ? [`${id} is cancelled, and it had begun`] : []),
    ];
  });
}

/** Where the answer to the stop is in the log; no end if it has none. */
function answeredAt({ id }: LoggedOperation, stop: LoggedOperation["stopping"][number], evidence: Evidence): number {
  const answers = logged(
    evidence,
    "acted",
    ({ by, event }) =>
      by === stop.by &&
      event.kind === "acted" &&
      event.words === `operation stop ${id}` &&
      !/^(refused|unknown)/.test(event.result),
  );
  return answers.find(({ begin }) => begin >= stop.end)?.end ?? Number.POSITIVE_INFINITY;
}
