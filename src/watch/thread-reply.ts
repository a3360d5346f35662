import { durationText } from "../core/duration.ts";
import type { Incident, IncidentEvent } from "../core/incident.ts";
import type { Inventory } from "../core/inventory.ts";
import type { Inline, NextStep, Part, Reply } from "../core/reply.ts";
import { eventLine } from "./event-text.ts";
import { findingsTable } from "./findings-table.ts";
import { causeText } from "./incident-text.ts";
import { isAcknowledged, mentions } from "./on-call.ts";

/** After these the findings are others. */
const changing: ReadonlySet<IncidentEvent["kind"]> = new Set([
  ...(["grew", "shrank", "worse", "better", "back", "flapping", "joined"] as const),
]);

/** A post in an incident's thread: whom it calls, and what happened since the last one. */
export function threadReply(
  incident: Incident,
  events: readonly IncidentEvent[],
  whom: readonly string[],
  inventory: Inventory,
): Reply {
  const { id, findings, severity, state, acknowledged } = incident;
  const last = events.at(-1);
  const called: Part[] =
    whom.length === 0
      ? []
      : [
          {
            kind: "text",
            tone: "bad",
            text: [
              ...mentions(whom),
              isAcknowledged(incident)
                ? ` ${id} is ${severity} now. It was acknowledged before.`
                : ` ${id} is ${severity}, and nobody has acknowledged it${acknowledged === null ? "" : " since it got worse"}.`,
            ],
          },
        ];
  const lines = events.flatMap((event, index): Inline[] => [
    ...(index === 0 ? [] : ["\n"]),
    { at: event.at, shows: "clock" },
    " ",
    ...eventLine(event),
    ...(event.kind === "resolved" && event.by === null ? [lastedText(incident)] : []),
  ]);
  const hasChanged = state !== "resolved" && events.some(({ kind }) => changing.has(kind));
  const next: NextStep[] =
    whom.length === 0 || isAcknowledged(incident) ? [] : [{ label: "Acknowledge", words: `incident ack ${id}` }];
  return {
    title: `${id}: ${titleOf(last, incident) ?? causeText(incident, inventory)}`,
    tone: last?.kind === "resolved" ? "good" : "plain",
    parts: [
      ...called,
      { kind: "text", text: lines },
      ...(hasChanged && findings.length > 0 ? [findingsTable(findings, "found now", inventory)] : []),
    ],
    next,
  };
}

function lastedText({ beganAt, resolvedAt }: Incident): string {
  const lastedMs = Date.parse(resolvedAt ?? beganAt) - Date.parse(beganAt);
  // It is negative if the clock was set back.
  return resolvedAt === null || lastedMs < 0 ? "" : ` after ${durationText(lastedMs)}`;
}

/** null: it continues. */
function titleOf(last: IncidentEvent | undefined, { unwatched = false }: Incident): string | null {
  if (last?.kind === "joined") return last.text;
  if (last?.kind !== "resolved") return null;
  return unwatched && last.by === null ? "not watched any more" : "resolved";
}
