import { sealOf } from "../../../src/core/operation.ts";
import type { Evidence } from "../evidence.ts";
import { isTerminal, planKey } from "./seen.ts";

/** The person who confirmed an operation clicked a message with this very plan, not another plan with the same number. */
export function confirmedElsewhere({ events, operations }: Evidence): string[] {
  const plans = new Set(events.flatMap((event) => (event.kind === "message" ? [event.message.ts] : [])));
  const keys = new Map([...plans].map((ts) => [ts, planKey(ts, events)]));
  return operations.flatMap((operation) => {
    const { id, confirmedBy } = operation;
    const seal = sealOf(operation);
    const isOf = (ts: string | null) => ts !== null && seal !== null && keys.get(ts)?.endsWith(` ${seal}`) === true;
    // An operation that runs at once shows no buttons, and a terminal has none.
    if (confirmedBy === null || isTerminal(confirmedBy) || ![...plans].some(isOf)) return [];
    const hasClicked = events.some(
      (event) =>
        event.kind === "action" &&
        event.person === confirmedBy &&
        (event.does === "confirm" || event.does === "submit") &&
        isOf(event.messageTs),
    );
    return hasClicked ? [] : [`${id} is confirmed by ${confirmedBy}, who clicked no message with its plan`];
  });
}
